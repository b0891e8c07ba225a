// The secret of a state folder, by which page tokens are signed.

import Foundation

enum StateSecret {
    /// 32 random bytes in hexadecimal, made at the first start and readable by the daemon's user alone.
    static func read(folder: String) throws -> String {
        let path = "\(folder)/newel.secret"
        if let text = try? String(contentsOfFile: path, encoding: .utf8), text.utf8.count == 64 { return text }
        var generator = SystemRandomNumberGenerator()
        let words = (0..<4).map { _ in generator.next() as UInt64 }
        let text = words.map { word in
            let hex = String(word, radix: 16)
            return String(repeating: "0", count: 16 - hex.count) + hex
        }.joined()
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return text
    }
}
