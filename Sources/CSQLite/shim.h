/* SQLite, and the few things around it that Swift cannot reach by itself. */
#include <sqlite3.h>
#include <sys/vfs.h>

/* Swift cannot call variadic functions. */

/* Before the first connection: no counting of allocations, which takes a global mutex at each. */
static inline int newel_sqlite3_config_memstatus(int on) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, on);
}

static inline int newel_sqlite3_db_config(sqlite3 *db, int option, int on) {
    return sqlite3_db_config(db, option, on, (int *)0);
}

/* Swift's Glibc module leaves statfs(2) out. The magic number of the file system, -1 with errno set. */
static inline long newel_file_system_type(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (long)status.f_type : -1;
}
