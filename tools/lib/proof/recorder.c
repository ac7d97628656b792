// Stands between a program and the C library, by LD_PRELOAD: writes down each call that changes files below a folder, each
// sync, and what the program tells; or lets a call fail. specs/proof.md has the bytes of the record.
//
//   PROOF_ROOT     the folder, as the program spells it
//   PROOF_TRACE    the file that the record is appended to; absent: nothing is recorded
//   PROOF_NOTES    the file whose writes are what the program tells; they are recorded, and never fail
//   PROOF_FAIL_AT  the number, from 1 on, of the call that fails; absent: none does
//   PROOF_ERRNO    what it fails with
//   PROOF_FOREVER  every later call fails as well
//   PROOF_SHORT    a write does half of what is asked before those after it fail
//   PROOF_KILL_AT  the number, from 1 on, of the fdatasync of a file in a folder `journal` from which on the program is killed at the
//                  beginning of the first that has a record to make durable
//   PROOF_UNHEARD  the program is told that what failed was done; a file that is to be made is made
//
// Invariants: the record has calls in the order in which they took effect, for they are made and recorded under one lock; a
// sync is two events, since what is written while it is under way may be durable or not. A call that this file does not
// know of shows: the image of the whole record is not what lies on the disk (tools/proof compares them).

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind {
    BEGIN = 1, OPEN, CLOSE, WRITE, TRUNCATE, ALLOCATE, SYNC_BEGINS, SYNC_ENDS, RENAME, UNLINK, MKDIR, RMDIR, NOTE, FAILED,
    UNKNOWN
};

enum { CREATED = 1, EMPTIED = 2, SYNCHRONOUS = 4, FOLDER = 8 };
// Of a sync's beginning: of the data alone.
enum { DATA = 1 };

// The fixed part of an event; the path and then the data follow.
struct event {
    uint32_t kind;
    int32_t descriptor;
    uint64_t offset, length, inode;
    uint32_t flags, path_bytes;
};

enum { descriptors = 1024 };
enum { NONE, TRACKED, NOTES };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[4096], notes[4096];
static size_t root_bytes;
static int trace = -1;
static unsigned char kinds[descriptors];
static uint32_t opened_with[descriptors];
static uint64_t calls, fail_at, syncs, kill_at, journal_syncs;
static unsigned char in_journal[descriptors];
// Bytes written since the last sync began.
static uint64_t unsynced[descriptors];
// What the journal writes behind its last record takes less; a record takes more.
enum { LEAST_RECORD = 64 };
static int fail_errno, fail_forever, fail_short, unheard;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static void emit_all(const char *bytes, size_t count) {
    while (count) {
        long done = syscall(SYS_write, trace, bytes, count);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) abort();
        bytes += done;
        count -= (size_t)done;
    }
}

static void emit(enum kind kind, int fd, uint64_t offset, uint64_t length, uint64_t inode, uint32_t flags, const char *path,
                 const void *data) {
    if (trace < 0) return;
    int before = errno;
    struct event event = {kind, fd, offset, length, inode, flags, path ? (uint32_t)strlen(path) : 0};
    emit_all((const char *)&event, sizeof event);
    if (path) emit_all(path, event.path_bytes);
    if (data) emit_all(data, length);
    errno = before;
}

static void set(char *field, size_t size, const char *name) {
    const char *value = getenv(name);
    if (value) snprintf(field, size, "%s", value);
}

__attribute__((constructor)) static void begin(void) {
    set(root, sizeof root, "PROOF_ROOT");
    set(notes, sizeof notes, "PROOF_NOTES");
    root_bytes = strlen(root);
    const char *file = getenv("PROOF_TRACE");
    if (file) {
        trace = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (trace < 0) abort();
    }
    const char *at = getenv("PROOF_FAIL_AT");
    if (at) fail_at = strtoull(at, NULL, 10);
    const char *kill = getenv("PROOF_KILL_AT");
    if (kill) kill_at = strtoull(kill, NULL, 10);
    const char *number = getenv("PROOF_ERRNO");
    fail_errno = number ? atoi(number) : EIO;
    fail_forever = getenv("PROOF_FOREVER") != NULL;
    fail_short = getenv("PROOF_SHORT") != NULL;
    unheard = getenv("PROOF_UNHEARD") != NULL;
    emit(BEGIN, getpid(), 0, 0, 0, 0, NULL, NULL);
}

__attribute__((destructor)) static void end(void) {
    // How many calls there were to let fail: whoever counts them reads it.
    emit(BEGIN, -1, calls, 0, 0, 0, NULL, NULL);
}

static int below_root(const char *path) {
    return root_bytes && strncmp(path, root, root_bytes) == 0 &&
           (path[root_bytes] == 0 || path[root_bytes] == '/' || path[root_bytes] == '.');
}

static int is(int fd, int kind) { return fd >= 0 && fd < descriptors && kinds[fd] == kind; }

// Whether this call fails; under the lock.
static int fails(const char *call, int fd, int is_write) {
    calls++;
    int due = fail_at && (fail_forever ? calls >= fail_at : calls == fail_at);
    if (!due) return 0;
    if (fail_short && is_write && calls == fail_at) return 0;
    emit(FAILED, fd, calls, 0, 0, (uint32_t)fail_errno, call, NULL);
    errno = fail_errno;
    return 1;
}

// Of how many bytes a write is done.
static size_t done_of(size_t count) { return fail_short && fail_at && calls == fail_at ? count / 2 : count; }

static int open_at(int folder, const char *path, int flags, mode_t mode) {
    int (*next)(int, const char *, int, ...) = (int (*)(int, const char *, int, ...))real("openat");
    int is_note = notes[0] && strcmp(path, notes) == 0;
    if (!is_note && !below_root(path)) return next(folder, path, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat status;
    int was_there = stat(path, &status) == 0;
    int fd = -1;
    if (is_note || !(flags & O_CREAT) || was_there || !fails("open", -1, 0) || unheard) fd = next(folder, path, flags, mode);
    if (fd >= descriptors) abort();
    if (fd >= 0) {
        kinds[fd] = is_note ? NOTES : TRACKED;
        in_journal[fd] = strstr(path, "/journal/") != NULL;
        unsynced[fd] = 0;
        fstat(fd, &status);
        opened_with[fd] = (was_there ? 0 : CREATED) | ((flags & O_TRUNC) ? EMPTIED : 0) |
                          ((flags & (O_DSYNC | O_SYNC)) ? SYNCHRONOUS : 0) | (S_ISDIR(status.st_mode) ? FOLDER : 0);
        if (!is_note) emit(OPEN, fd, 0, 0, status.st_ino, opened_with[fd], path, NULL);
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE(flags, mode)                                                                                                        \
    mode_t mode = 0;                                                                                                             \
    if ((flags) & O_CREAT) {                                                                                                     \
        va_list list;                                                                                                            \
        va_start(list, flags);                                                                                                   \
        mode = va_arg(list, mode_t);                                                                                             \
        va_end(list);                                                                                                            \
    }

int open(const char *path, int flags, ...) {
    MODE(flags, mode)
    return open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    MODE(flags, mode)
    return open_at(AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char *path, int flags, ...) {
    MODE(flags, mode)
    return open_at(folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
    MODE(flags, mode)
    return open_at(folder, path, flags, mode);
}

int close(int fd) {
    pthread_mutex_lock(&lock);
    if (is(fd, TRACKED)) emit(CLOSE, fd, 0, 0, 0, 0, NULL, NULL);
    if (fd >= 0 && fd < descriptors) kinds[fd] = NONE;
    int result = REAL(close)(fd);
    pthread_mutex_unlock(&lock);
    return result;
}

// A write of `count` bytes at a place, or where the file stands: `at` < 0.
static ssize_t write_at(int fd, const void *bytes, size_t count, off_t at) {
    pthread_mutex_lock(&lock);
    ssize_t done = -1;
    if (is(fd, NOTES)) {
        emit(NOTE, fd, 0, count, 0, 0, NULL, bytes);
        done = (ssize_t)syscall(SYS_write, fd, bytes, count);
    } else if (!fails("write", fd, 1)) {
        size_t wanted = done_of(count);
        off_t place = at >= 0 ? at : lseek(fd, 0, SEEK_CUR);
        if (at < 0 && fcntl(fd, F_GETFL) & O_APPEND) place = lseek(fd, 0, SEEK_END);
        done = at >= 0 ? (ssize_t)syscall(SYS_pwrite64, fd, bytes, wanted, at) : (ssize_t)syscall(SYS_write, fd, bytes, wanted);
        if (done > 0) {
            emit(WRITE, fd, (uint64_t)place, (uint64_t)done, 0, opened_with[fd] & SYNCHRONOUS, NULL, bytes);
            unsynced[fd] += (uint64_t)done;
        }
    } else if (unheard) {
        done = (ssize_t)count;
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    if (!is(fd, TRACKED) && !is(fd, NOTES)) return syscall(SYS_write, fd, bytes, count);
    return write_at(fd, bytes, count, -1);
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    if (!is(fd, TRACKED)) return syscall(SYS_pwrite64, fd, bytes, count, at);
    return write_at(fd, bytes, count, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at) { return pwrite(fd, bytes, count, at); }

// One write of what lies in several places.
static ssize_t gather(int fd, const struct iovec *parts, int count, off_t at) {
    size_t total = 0;
    for (int part = 0; part < count; part++) total += parts[part].iov_len;
    char *whole = malloc(total ? total : 1);
    if (!whole) abort();
    size_t end = 0;
    for (int part = 0; part < count; part++) {
        memcpy(whole + end, parts[part].iov_base, parts[part].iov_len);
        end += parts[part].iov_len;
    }
    ssize_t done = write_at(fd, whole, total, at);
    free(whole);
    return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (!is(fd, TRACKED)) return syscall(SYS_writev, fd, parts, count);
    return gather(fd, parts, count, -1);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    if (!is(fd, TRACKED)) return REAL(pwritev)(fd, parts, count, at);
    return gather(fd, parts, count, at);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t at) { return pwritev(fd, parts, count, at); }

int ftruncate(int fd, off_t length) {
    if (!is(fd, TRACKED)) return REAL(ftruncate)(fd, length);
    pthread_mutex_lock(&lock);
    int failed = fails("ftruncate", fd, 0), result = failed ? unheard - 1 : REAL(ftruncate)(fd, length);
    if (!failed && result == 0) emit(TRUNCATE, fd, (uint64_t)length, 0, 0, 0, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}
int ftruncate64(int fd, off_t length) { return ftruncate(fd, length); }

// Fails as it says itself: with the number as its result.
int posix_fallocate(int fd, off_t offset, off_t length) {
    if (!is(fd, TRACKED)) return REAL(posix_fallocate)(fd, offset, length);
    pthread_mutex_lock(&lock);
    int failed = fails("posix_fallocate", fd, 0);
    int result = failed ? (unheard ? 0 : errno) : REAL(posix_fallocate)(fd, offset, length);
    if (!failed && result == 0) emit(ALLOCATE, fd, (uint64_t)(offset + length), 0, 0, 0, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}
int posix_fallocate64(int fd, off_t offset, off_t length) { return posix_fallocate(fd, offset, length); }

static int sync_with(const char *call, int fd, int (*next)(int), int is_data) {
    if (!is(fd, TRACKED)) return next(fd);
    pthread_mutex_lock(&lock);
    uint64_t number = ++syncs;
    emit(SYNC_BEGINS, fd, number, 0, 0, is_data ? DATA : 0, NULL, NULL);
    // In a sync of records: where there is nothing to lose a kill shows nothing.
    if (is_data && in_journal[fd] && ++journal_syncs >= kill_at && kill_at && unsynced[fd] >= LEAST_RECORD) kill(getpid(), SIGKILL);
    unsynced[fd] = 0;
    int failed = fails(call, fd, 0);
    pthread_mutex_unlock(&lock);
    int result = failed ? unheard - 1 : next(fd);
    int code = failed ? fail_errno : result == 0 ? 0 : errno;
    pthread_mutex_lock(&lock);
    emit(SYNC_ENDS, fd, number, 0, 0, (uint32_t)code, NULL, NULL);
    pthread_mutex_unlock(&lock);
    if (result) errno = code;
    return result;
}
int fsync(int fd) { return sync_with("fsync", fd, REAL(fsync), 0); }
int fdatasync(int fd) { return sync_with("fdatasync", fd, REAL(fdatasync), 1); }

#define ON_PATH(name, kind, call, path)                                                                                          \
    if (!below_root(path)) return call;                                                                                          \
    pthread_mutex_lock(&lock);                                                                                                   \
    int failed = fails(name, -1, 0), result = failed ? unheard - 1 : call;                                                       \
    if (!failed && result == 0) emit(kind, -1, 0, 0, 0, 0, path, NULL);                                                          \
    pthread_mutex_unlock(&lock);                                                                                                 \
    return result;

int unlink(const char *path) { ON_PATH("unlink", UNLINK, REAL(unlink)(path), path) }
int rmdir(const char *path) { ON_PATH("rmdir", RMDIR, REAL(rmdir)(path), path) }
int mkdir(const char *path, mode_t mode) { ON_PATH("mkdir", MKDIR, REAL(mkdir)(path, mode), path) }

int rename(const char *from, const char *to) {
    if (!below_root(from) && !below_root(to)) return REAL(rename)(from, to);
    pthread_mutex_lock(&lock);
    int failed = fails("rename", -1, 0), result = failed ? unheard - 1 : REAL(rename)(from, to);
    if (!failed && result == 0) emit(RENAME, -1, 0, strlen(to), 0, 0, from, to);
    pthread_mutex_unlock(&lock);
    return result;
}

// What nobody here uses; if somebody does, the record says so and the proof fails.
#define UNKNOWN_AT(path) if (below_root(path)) emit(UNKNOWN, -1, 0, 0, 0, 0, __func__, NULL)
int unlinkat(int folder, const char *path, int flags) {
    UNKNOWN_AT(path);
    return REAL(unlinkat)(folder, path, flags);
}
int renameat(int from, const char *a, int to, const char *b) {
    UNKNOWN_AT(a);
    return REAL(renameat)(from, a, to, b);
}
int link(const char *from, const char *to) {
    UNKNOWN_AT(to);
    return REAL(link)(from, to);
}
int truncate(const char *path, off_t length) {
    UNKNOWN_AT(path);
    return REAL(truncate)(path, length);
}
int fallocate(int fd, int mode, off_t offset, off_t length) {
    if (is(fd, TRACKED)) emit(UNKNOWN, fd, 0, 0, 0, 0, __func__, NULL);
    return REAL(fallocate)(fd, mode, offset, length);
}
