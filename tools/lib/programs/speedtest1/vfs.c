// SQLite without an operating system (SQLITE_OS_OTHER): a file system in which no file can be opened, and the clock and
// the entropy of WASI. Databases in memory need nothing more, as SQLITE_TEMP_STORE=3 keeps temporary ones there too.
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sqlite3.h"

static int open_file(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *flags_out)
{
    (void)vfs, (void)name, (void)flags, (void)flags_out;
    file->pMethods = NULL;
    return SQLITE_CANTOPEN;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs, (void)name, (void)sync;
    return SQLITE_IOERR_DELETE_NOENT;
}

static int access_file(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
    (void)vfs, (void)name, (void)flags;
    *result = 0;
    return SQLITE_OK;
}

static int full_name(sqlite3_vfs *vfs, const char *name, int bytes, char *result)
{
    (void)vfs;
    sqlite3_snprintf(bytes, result, "%s", name);
    return SQLITE_OK;
}

static int randomness(sqlite3_vfs *vfs, int bytes, char *result)
{
    (void)vfs;
    int filled = 0;
    // getentropy gives at most 256 bytes a call
    while (filled < bytes) {
        int part = bytes - filled < 256 ? bytes - filled : 256;
        if (getentropy(result + filled, (size_t)part) != 0) break;
        filled += part;
    }
    return filled;
}

static int pause_for(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    struct timespec time = {.tv_sec = microseconds / 1000000, .tv_nsec = microseconds % 1000000 * 1000L};
    nanosleep(&time, NULL);
    return microseconds;
}

/// Milliseconds since the beginning of the Julian calendar, SQLite's measure of time.
static int current_time(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds)
{
    (void)vfs;
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return SQLITE_ERROR;
    const sqlite3_int64 epoch = 24405875 * (sqlite3_int64)8640000;
    *milliseconds = epoch + (sqlite3_int64)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    return SQLITE_OK;
}

static int current_days(sqlite3_vfs *vfs, double *days)
{
    sqlite3_int64 milliseconds;
    int result = current_time(vfs, &milliseconds);
    if (result == SQLITE_OK) *days = (double)milliseconds / 86400000.0;
    return result;
}

static int last_error(sqlite3_vfs *vfs, int bytes, char *text)
{
    (void)vfs, (void)bytes, (void)text;
    return 0;
}

int sqlite3_os_init(void)
{
    static sqlite3_vfs none = {
        .iVersion = 2,
        .szOsFile = sizeof(sqlite3_file),
        .mxPathname = 512,
        .zName = "none",
        .xOpen = open_file,
        .xDelete = delete_file,
        .xAccess = access_file,
        .xFullPathname = full_name,
        .xRandomness = randomness,
        .xSleep = pause_for,
        .xCurrentTime = current_days,
        .xCurrentTimeInt64 = current_time,
        .xGetLastError = last_error,
    };
    return sqlite3_vfs_register(&none, 1);
}

int sqlite3_os_end(void) { return SQLITE_OK; }
