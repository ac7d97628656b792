/* Falls over in the way that its argument names. */
#include <stdio.h>
#include <string.h>

static volatile unsigned depth;

__attribute__((noinline)) static unsigned down(unsigned n) {
    depth = n;
    return n == 0xffffffffu ? 0 : down(n + 1) + depth;
}

int main(int count, char **arguments) {
    puts("about to fall");
    fflush(stdout);
    if (count > 1 && strcmp(arguments[1], "trap") == 0) __builtin_trap();
    if (count > 1 && strcmp(arguments[1], "bounds") == 0) *(volatile int *)0xfffffff0 = 1;
    if (count > 1 && strcmp(arguments[1], "stack") == 0) return (int)down(0);
    return 0;
}
