// The one file that TinyScheme opens by itself: init.scm of its own source, which a world has no folder for. It is linked
// into the program, and the linker sends the program's calls of fopen here (--wrap=fopen). Everything else is opened as
// ever, and fails as ever where there are no files.
#include <stddef.h>
#include <stdio.h>
#include <string.h>

// made by the build from the file as it is in the source
extern const char keyvm_init_scm[];
extern const size_t keyvm_init_scm_bytes;

FILE *__real_fopen(const char *name, const char *mode);

FILE *__wrap_fopen(const char *name, const char *mode)
{
    if (strcmp(name, "init.scm") == 0 && strcmp(mode, "r") == 0) {
        return fmemopen((void *)keyvm_init_scm, keyvm_init_scm_bytes, "r");
    }
    return __real_fopen(name, mode);
}
