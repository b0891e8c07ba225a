// Files that commands read: regular ones, standard input and pipes.

import Foundation

enum TextFile {
    /// The text of a file, of standard input for `-`. Throws `Exit` where it cannot be read.
    static func read(_ file: String) throws -> String {
        guard let data = data(file) else {
            guard FileManager.default.fileExists(atPath: file) else {
                throw Exit(.noInput, "There is no file \(file).")
            }
            throw Exit(.noInput, "\(file) cannot be read, or has more than \(maximumBytes >> 20) MiB.")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Some files have no end.
    private static let maximumBytes = 64 << 20

    /// The bytes of a file, of standard input for `-`; `nil` where it cannot be read, or has more than 64 MiB. A pipe
    /// such as `<(command)` is read to its end.
    static func data(_ file: String) -> Data? {
        if file == "-" { return contents(FileHandle.standardInput) }
        var information = stat()
        guard stat(file, &information) == 0, information.st_mode & S_IFMT != S_IFDIR else { return nil }
        guard let handle = FileHandle(forReadingAtPath: file) else { return nil }
        defer { try? handle.close() }
        return contents(handle)
    }

    private static func contents(_ handle: FileHandle) -> Data? {
        var data = Data()
        while data.count <= maximumBytes {
            let piece: Data?
            do { piece = try handle.read(upToCount: 1 << 20) } catch { return nil }
            guard let piece, !piece.isEmpty else { return data }
            data += piece
        }
        return nil
    }
}
