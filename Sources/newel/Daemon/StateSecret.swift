// The secret of a state folder, by which page tokens and task tokens are signed.

import Core
import Crypto
import Foundation
import Glibc
import Storage

enum StateSecret {
    /// Returns 32 random bytes in hexadecimal, made at the first start and readable by the daemon's user only. Throws
    /// `.corrupt` where the store has been used and its secret is missing or damaged: every task token that is with a
    /// worker would become invalid, and its task would wait for ever. With `acceptsLoss` a new one is made then.
    static func read(folder: String, storeWasUsed: Bool, acceptsLoss: Bool) throws(StoreError) -> String {
        let path = "\(folder)/newel.secret"
        let text = try contents(path)
        if let secret = text.flatMap({ secret(in: $0) }) { return secret }
        if storeWasUsed && !acceptsLoss {
            let fault = text == nil ? "is missing" : text?.isEmpty == true ? "is empty" : "is damaged"
            throw StoreError(
                .corrupt,
                "newel.secret \(fault) in \(folder): the tokens of tasks and pages that clients hold would be invalid",
                hint: """
                    Put the file back from a backup. To start with a new secret, and have the tasks of those tokens \
                    time out, run "newel serve --accept-loss" once.
                    """)
        }
        return try make(path, in: folder)
    }

    /// The 64 digits of the file's text, `nil` where they are damaged. Their checksum follows them, but for secrets
    /// made before there was one.
    private static func secret(in text: String) -> String? {
        let digits = String(text.prefix(64))
        let isHex = digits.utf8.allSatisfy {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
        }
        guard digits.utf8.count == 64, isHex, text == digits || text == digits + checksum(digits) else { return nil }
        return digits
    }

    /// Eight digits.
    private static func checksum(_ digits: String) -> String {
        Hex.encode(Array(SHA256.hash(data: Data(digits.utf8)).prefix(4)))
    }

    private static func contents(_ path: String) throws(StoreError) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw failed("read", path)
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = Glibc.read(file, &bytes, bytes.count)
        if count < 0 { throw failed("read", path) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// The file is whole or not there, also after a power cut: it is synced before it gets its name, the name after.
    private static func make(_ path: String, in folder: String) throws(StoreError) -> String {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<4).map { _ in generator.next() as UInt64 }
        let text = words.map { word in
            let hex = String(word, radix: 16)
            return String(repeating: "0", count: 16 - hex.count) + hex
        }.joined()
        let draft = path + ".new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failed("make", draft) }
        let whole = text + checksum(text)
        let isWritten = write(file, whole, whole.utf8.count) == whole.utf8.count && fsync(file) == 0
        close(file)
        guard isWritten, rename(draft, path) == 0 else { throw failed("write", path) }
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failed("open", folder) }
        defer { close(directory) }
        if fsync(directory) != 0 { throw failed("sync", folder) }
        return text
    }

    private static func failed(_ deed: String, _ path: String) -> StoreError {
        StoreError(
            errno == ENOSPC ? .full : .failed,
            "The secret of the state folder cannot be used: cannot \(deed) \(path): \(String(cString: strerror(errno)))"
        )
    }
}
