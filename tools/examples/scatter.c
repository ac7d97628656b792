// Writes all over a large memory for ever: scatter [MEBIBYTES [ROUNDS [WRITES]]], 16 MiB, endless, 20,000 by default.
// A round makes WRITES random cells hold new numbers and keeps, on the side, the sum that all cells should have; then
// it reads them all, writes a line, and stops with exit code 1 at the first sum that is wrong. The load for checkpoints.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 88172645463325252u;

/// One step of Marsaglia's xorshift generator with the triple (13, 7, 17).
static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

int main(int argc, char **argv)
{
    const size_t mebibytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 16;
    const unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    const unsigned long writes = argc > 3 ? strtoul(argv[3], NULL, 10) : 20000;
    if (mebibytes == 0 || mebibytes > 2048) {
        fputs("usage: scatter [MEBIBYTES [ROUNDS [WRITES]]], MEBIBYTES from 1 to 2048\n", stderr);
        return 2;
    }
    const size_t count = (mebibytes << 20) / sizeof(uint64_t);
    uint64_t *cells = calloc(count, sizeof *cells);
    if (cells == NULL) {
        fprintf(stderr, "scatter: no memory for %zu MiB\n", mebibytes);
        return 1;
    }
    uint64_t expected = 0;
    for (unsigned long round = 1; rounds == 0 || round <= rounds; round++) {
        for (unsigned long write = 0; write < writes; write++) {
            uint64_t *cell = &cells[next() % count];
            const uint64_t number = next();
            expected += number - *cell;
            *cell = number;
        }
        uint64_t sum = 0;
        for (size_t index = 0; index < count; index++) sum += cells[index];
        printf("round %lu: sum %016llx\n", round, (unsigned long long)sum);
        if (sum != expected) {
            printf("round %lu: expected %016llx\n", round, (unsigned long long)expected);
            return 1;
        }
    }
    free(cells);
    return 0;
}
