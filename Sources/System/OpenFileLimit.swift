// How many files and sockets the process may have open.

import Glibc

package enum OpenFileLimit {
    /// Raises the soft limit to the hard one, as a server that uses no select(2) may, and returns what it is then.
    package static func raised() -> UInt {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        if limit.rlim_cur < limit.rlim_max {
            var most = limit
            most.rlim_cur = most.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &most) == 0 { limit = most }
        }
        return UInt(limit.rlim_cur)
    }
}
