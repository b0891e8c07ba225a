// LD_PRELOAD library of the fault tests: fails or delays file operations, shifts the wall clock, ends the process in
// the middle of an evaluation. All switches are 64-bit integers in a mapped file that the driver changes at run time.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

// The same order as SWITCHES in trial.py.
enum {
    CLOCK_NANOSECONDS,   // Added to the wall clock.
    SYNC_ERRNO,          // fsync and fdatasync fail with it.
    SYNC_MICROSECONDS,   // fsync and fdatasync take so much longer.
    WRITE_ERRNO,         // Writes fail with it.
    READ_ERRNO,          // Reads fail with it.
    DEATH,               // 1 SIGKILL, 2 an illegal instruction, 3 abort, 4 a bad address.
    FAILED_CALLS,        // Counted here: calls that failed or were delayed.
    FIRST_FAILURE,       // Monotonic nanoseconds of the first failed call.
    DEATHS,              // Counted here: processes ended by DEATH.
    SWITCHES
};

static volatile int64_t none[SWITCHES];
static volatile int64_t *control = none;
static const char *match = "";

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAULT_CONTROL");
    if (getenv("FAULT_MATCH")) match = getenv("FAULT_MATCH");
    if (!path) return;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *memory = mmap(0, SWITCHES * sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (memory != MAP_FAILED) control = memory;
}

// Whether the descriptor is a file in the state folder whose path contains FAULT_MATCH.
static int concerns(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t count = readlink(link, path, sizeof path - 1);
    if (count <= 0 || path[0] != '/') return 0;
    path[count] = 0;
    if (strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0) return 0;
    return strstr(path, "/state") != 0 && strstr(path, match) != 0;
}

static int fails(int file, int which) {
    int64_t code = control[which];
    if (!code || !concerns(file)) return 0;
    struct timespec now;
    REAL(clock_gettime);
    real(CLOCK_MONOTONIC, &now);
    if (__atomic_fetch_add(&control[FAILED_CALLS], 1, __ATOMIC_SEQ_CST) == 0)
        control[FIRST_FAILURE] = now.tv_sec * 1000000000LL + now.tv_nsec;
    errno = (int)code;
    return 1;
}

static void delay(int file) {
    int64_t microseconds = control[SYNC_MICROSECONDS];
    if (!microseconds || !concerns(file)) return;
    __atomic_fetch_add(&control[FAILED_CALLS], 1, __ATOMIC_SEQ_CST);
    struct timespec pause = {microseconds / 1000000, microseconds % 1000000 * 1000};
    nanosleep(&pause, 0);
}

int fsync(int file) {
    REAL(fsync);
    delay(file);
    return fails(file, SYNC_ERRNO) ? -1 : real(file);
}
int fdatasync(int file) {
    REAL(fdatasync);
    delay(file);
    return fails(file, SYNC_ERRNO) ? -1 : real(file);
}
ssize_t write(int file, const void *bytes, size_t count) {
    REAL(write);
    return fails(file, WRITE_ERRNO) ? -1 : real(file, bytes, count);
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    REAL(pwrite);
    return fails(file, WRITE_ERRNO) ? -1 : real(file, bytes, count, at);
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    REAL(pwrite64);
    return fails(file, WRITE_ERRNO) ? -1 : real(file, bytes, count, at);
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
    REAL(pwritev);
    return fails(file, WRITE_ERRNO) ? -1 : real(file, parts, count, at);
}
ssize_t read(int file, void *bytes, size_t count) {
    REAL(read);
    return fails(file, READ_ERRNO) ? -1 : real(file, bytes, count);
}
ssize_t pread(int file, void *bytes, size_t count, off_t at) {
    REAL(pread);
    return fails(file, READ_ERRNO) ? -1 : real(file, bytes, count, at);
}
ssize_t pread64(int file, void *bytes, size_t count, off64_t at) {
    REAL(pread64);
    return fails(file, READ_ERRNO) ? -1 : real(file, bytes, count, at);
}
int ftruncate(int file, off_t size) {
    REAL(ftruncate);
    return fails(file, WRITE_ERRNO) ? -1 : real(file, size);
}
int ftruncate64(int file, off64_t size) {
    REAL(ftruncate64);
    return fails(file, WRITE_ERRNO) ? -1 : real(file, size);
}
int fallocate(int file, int mode, off_t at, off_t count) {
    REAL(fallocate);
    return fails(file, WRITE_ERRNO) ? -1 : real(file, mode, at, count);
}
int posix_fallocate(int file, off_t at, off_t count) {
    REAL(posix_fallocate);
    return fails(file, WRITE_ERRNO) ? (int)control[WRITE_ERRNO] : real(file, at, count);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(clock_gettime);
    int result = real(clock, time);
    int64_t shift = control[CLOCK_NANOSECONDS];
    if (result == 0 && shift && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t all = time->tv_sec * 1000000000LL + time->tv_nsec + shift;
        time->tv_sec = all / 1000000000;
        time->tv_nsec = all % 1000000000;
    }
    return result;
}
int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}

// A regular expression that is matched against a text containing the mark ends the process, as a trap in the middle of
// an evaluation would. This is the only way in that needs nothing from the product: PCRE2 is a shared library.
int pcre2_match_8(void *code, const unsigned char *text, size_t count, size_t start, uint32_t options, void *data,
                  void *context) {
    static int (*real)(void *, const unsigned char *, size_t, size_t, uint32_t, void *, void *);
    if (!real) real = dlsym(RTLD_NEXT, "pcre2_match_8");
    static const char mark[] = "DIE-HERE";
    static volatile char *volatile address = (char *)8;
    if (control[DEATH] && memmem(text, count, mark, sizeof mark - 1)) {
        __atomic_fetch_add(&control[DEATHS], 1, __ATOMIC_SEQ_CST);
        switch (control[DEATH]) {
        case 1: kill(getpid(), SIGKILL); for (;;) pause();
        case 2: __builtin_trap();
        case 3: abort();
        case 4: *address = 0;
        }
    }
    return real(code, text, count, start, options, data, context);
}
