// Counts for ever, a line for each number: count [LAST [WORK]]
// With LAST it stops there (0: never). Each line carries the state of a generator that was advanced WORK times
// (100,000 by default) since the line before, so no line can be right unless all before it were computed.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint32_t state = 2463534242u;

/// One step of Marsaglia's xorshift generator with the triple (13, 17, 5).
static void advance(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
}

int main(int argc, char **argv)
{
    const unsigned long last = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    const unsigned long work = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000;
    for (unsigned long number = 1; last == 0 || number <= last; number++) {
        for (unsigned long step = 0; step < work; step++) advance();
        printf("%lu %08x\n", number, (unsigned)state);
    }
    return 0;
}
