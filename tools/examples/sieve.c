// Counts the primes below LIMIT with the sieve of Eratosthenes: sieve [LIMIT], 5,000,000 by default.
// One byte for a number in one allocation, so it writes a memory of LIMIT bytes; a line for each tenth of it.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const size_t limit = argc > 1 ? strtoul(argv[1], NULL, 10) : 5000000;
    if (limit < 10) {
        fputs("usage: sieve [LIMIT], LIMIT at least 10\n", stderr);
        return 2;
    }
    uint8_t *composite = calloc(limit, 1);
    if (composite == NULL) {
        fprintf(stderr, "sieve: no memory for %zu bytes\n", limit);
        return 1;
    }
    size_t primes = 0, last = 0, tenths = 1;
    for (size_t number = 2; number < limit; number++) {
        if (!composite[number]) {
            primes++;
            last = number;
            for (uint64_t multiple = (uint64_t)number * number; multiple < limit; multiple += number)
                composite[multiple] = 1;
        }
        if (number + 1 >= limit / 10 * tenths && tenths <= 10) {
            printf("below %zu: %zu primes, the last %zu\n", number + 1, primes, last);
            tenths++;
        }
    }
    free(composite);
    return 0;
}
