// How the process ends: sysexits(3), so that systemd and scripts can tell why.

import Glibc
import Storage

/// Ends the program with a code and, on standard error, why.
struct Exit: Error, CustomStringConvertible {
    enum Code: Int32 {
        case failure = 1
        case usage = 64
        case dataError = 65
        case noInput = 66
        case unavailable = 69
        case software = 70
        case cannotCreate = 73
        case inputOutput = 74
        case temporary = 75
        case noPermission = 77
        case configuration = 78
    }

    var code: Code
    var description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    init(_ error: StoreError) {
        let code: Code =
            switch error.code {
            case .locked: .temporary
            case .newerSchema, .corrupt: .dataError
            case .fatal, .fenced, .full: .inputOutput
            case .conflict: .software
            case .failed: error.message.contains("Permission denied") ? .noPermission : .cannotCreate
            }
        self.init(code, error.description)
    }
}
