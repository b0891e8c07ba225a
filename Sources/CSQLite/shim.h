/* SQLite, and the few things around it that Swift cannot reach by itself. */
#include <sqlite3.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

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

/* Allocates blocks for the first `bytes` of a file, as posix_fallocate(3) would but for writing them where the file
   system cannot allocate. FALLOC_FL_KEEP_SIZE is not set. 0, or -1 with errno set. */
static inline int newel_allocate(int file, long bytes) {
    extern int fallocate(int, int, off_t, off_t);
    return fallocate(file, 0, 0, bytes);
}

/* A number of 4 bytes, most significant first, as everywhere in SQLite's files. */
static inline uint32_t newel_wal_number(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Continues the checksum of a write-ahead log (sqlite.org/fileformat2.html §4.2); `count` is a multiple of 8. */
static inline void newel_wal_sum(const uint8_t *p, size_t count, int is_big_endian, uint32_t sum[2]) {
    for (size_t i = 0; i + 8 <= count; i += 8) {
        uint32_t a = newel_wal_number(p + i), b = newel_wal_number(p + i + 4);
        if (!is_big_endian) {
            a = __builtin_bswap32(a);
            b = __builtin_bswap32(b);
        }
        sum[0] += a + sum[1];
        sum[1] += b + sum[0];
    }
}

/* Reads a write-ahead log as SQLite's recovery does. Returns 0 where the header is whole, with its first salt and the
   number of frames up to the last whole commit; 1 where the file is empty, 2 where the header is damaged, -1 where the
   file cannot be read. */
static inline int newel_wal_read(const char *path, uint32_t *salt, uint32_t *frames) {
    *salt = 0;
    *frames = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    struct stat status;
    if (fstat(file, &status) != 0) {
        close(file);
        return -1;
    }
    size_t size = (size_t)status.st_size;
    if (size < 32) {
        close(file);
        return size == 0 ? 1 : 2;
    }
    const uint8_t *log = (const uint8_t *)mmap(0, size, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (log == MAP_FAILED) return -1;
    uint32_t magic = newel_wal_number(log), page = newel_wal_number(log + 8), sum[2] = {0, 0};
    int is_big_endian = magic & 1, result = 2;
    newel_wal_sum(log, 24, is_big_endian, sum);
    if ((magic & ~1u) == 0x377f0682 && page >= 512 && page <= 65536 && (page & (page - 1)) == 0
        && sum[0] == newel_wal_number(log + 24) && sum[1] == newel_wal_number(log + 28)) {
        result = 0;
        *salt = newel_wal_number(log + 16);
        uint32_t count = 0;
        for (size_t at = 32; at + 24 + page <= size; at += 24 + page) {
            const uint8_t *frame = log + at;
            newel_wal_sum(frame, 8, is_big_endian, sum);
            newel_wal_sum(frame + 24, page, is_big_endian, sum);
            if (newel_wal_number(frame) == 0 || newel_wal_number(frame + 8) != *salt
                || newel_wal_number(frame + 12) != newel_wal_number(log + 20)
                || sum[0] != newel_wal_number(frame + 16) || sum[1] != newel_wal_number(frame + 20))
                break;
            count++;
            if (newel_wal_number(frame + 4) != 0) *frames = count;
        }
    }
    munmap((void *)log, size);
    return result;
}
