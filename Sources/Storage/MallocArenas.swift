// How many arenas the C library's allocator has.

import CSQLite

package enum MallocArenas {
    /// Limits the arenas, of which glibc would make eight for each core. To be called before other threads allocate.
    /// What the threads of one turn free in an arena is of no use to the others.
    package static func limit(to most: Int) { _ = newel_limit_arenas(Int32(clamping: most)) }
}
