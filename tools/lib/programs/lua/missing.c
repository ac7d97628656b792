// What Lua's io and os libraries call and this C library does not have: other programs, and temporary files. Each
// answers as the C standard lets it where there is no such thing.
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

/// Without a command: whether there is a shell. With one: it could not be run.
int system(const char *command)
{
    if (command == NULL) return 0;
    errno = ENOSYS;
    return -1;
}

FILE *tmpfile(void)
{
    errno = ENOSYS;
    return NULL;
}

char *tmpnam(char *name)
{
    (void)name;
    return NULL;
}
