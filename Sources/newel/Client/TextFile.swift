// Files that commands read: regular ones, standard input and pipes.

import Foundation

enum TextFile {
    /// The text of a file, of standard input for `-`. Throws `Exit` where it cannot be read.
    static func read(_ file: String) throws -> String {
        guard let data = data(file) else {
            let exists = FileManager.default.fileExists(atPath: file)
            throw Exit(.noInput, exists ? "\(file) cannot be read." : "There is no file \(file).")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// The bytes of a file, of standard input for `-`; `nil` where it cannot be read. A pipe such as `<(command)` is
    /// read to its end.
    static func data(_ file: String) -> Data? {
        if file == "-" { return FileHandle.standardInput.readDataToEndOfFile() }
        var information = stat()
        guard stat(file, &information) == 0, information.st_mode & S_IFMT != S_IFDIR else { return nil }
        guard let handle = FileHandle(forReadingAtPath: file) else { return nil }
        defer { try? handle.close() }
        return try? handle.readToEnd() ?? Data()
    }
}
