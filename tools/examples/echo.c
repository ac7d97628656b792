// Reads lines from standard input until its end and writes each back with its number.
// With no input it waits; its count, on the stack, and its line buffer, on the heap, outlive the wait.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *line;
static size_t capacityBytes;

/// Reads one line without its newline into `line`, growing it; NULL at the end of the input.
static char *readLine(void)
{
    size_t length = 0;
    for (int byte; (byte = getchar()) != EOF; length++) {
        if (length + 1 >= capacityBytes) {
            capacityBytes = capacityBytes == 0 ? 16 : 2 * capacityBytes;
            line = realloc(line, capacityBytes);
            if (line == NULL) {
                fputs("echo: out of memory\n", stderr);
                exit(1);
            }
        }
        if (byte == '\n') {
            line[length] = 0;
            return line;
        }
        line[length] = (char)byte;
    }
    if (length == 0) return NULL;
    line[length] = 0;
    return line;
}

int main(void)
{
    unsigned long count = 0;
    while (readLine() != NULL) printf("%lu: %s\n", ++count, line);
    printf("end of input after %lu lines\n", count);
    free(line);
    return 0;
}
