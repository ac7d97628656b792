// Writes down what time it is, COUNT times with naps of two milliseconds between, and a random number with each: nothing of it
// can be computed again, so it is in a world's log twice only where its inputs came in again.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    for (long number = 1; number <= count; number++) {
        struct timespec now, nap = {0, 2000000};
        unsigned long entropy;
        if (clock_gettime(CLOCK_MONOTONIC, &now) != 0 || getentropy(&entropy, sizeof entropy) != 0) return 1;
        printf("%ld %lld%09ld %08lx\n", number, (long long)now.tv_sec, now.tv_nsec, entropy);
        fflush(stdout);
        if (nanosleep(&nap, NULL) != 0) return 2;
    }
    return 0;
}
