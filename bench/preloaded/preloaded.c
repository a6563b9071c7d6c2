/* What is wrong with the machine of the processes that this is preloaded into, as the file PRELOADED_STATE says:
   their clock on the wall goes wrong by so many seconds; what begins with PRELOADED_PATH cannot be written. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct state { long clock_offset, is_read_only; };

static volatile struct state *shared;
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);

__attribute__((constructor)) static void prepare(void) {
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    const char *name = getenv("PRELOADED_STATE");
    int descriptor = name ? open(name, O_RDONLY) : -1;
    if (descriptor >= 0) {
        void *mapped = mmap(NULL, sizeof(struct state), PROT_READ, MAP_SHARED, descriptor, 0);
        if (mapped != MAP_FAILED) shared = mapped;
        close(descriptor);
    }
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    if (!real_clock_gettime) real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real_clock_gettime(clock, now);
    if (result == 0 && shared && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += shared->clock_offset;
    return result;
}

time_t time(time_t *seconds) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (seconds) *seconds = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict moment, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    moment->tv_sec = now.tv_sec;
    moment->tv_usec = now.tv_nsec / 1000;
    return 0;
}

static int cannot_be_written(int descriptor) {
    const char *path = getenv("PRELOADED_PATH");
    if (!shared || !shared->is_read_only || !path) return 0;
    char link[64], target[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, target, sizeof target - 1);
    return length >= (ssize_t)strlen(path) && strncmp(target, path, strlen(path)) == 0;
}

/* SQLite writes its file and its log with this one alone. */
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    if (cannot_be_written(descriptor)) {
        errno = EROFS;
        return -1;
    }
    return real_pwrite(descriptor, bytes, count, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return pwrite64(descriptor, bytes, count, offset);
}
