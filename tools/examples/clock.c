// Tells the time once a second: clock [TICKS], 5 by default. Between ticks it sleeps and uses no gas.
// The first line is the wall clock; the others count from the first reading of the monotonic clock.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/// Seconds between two readings of one clock.
static double seconds(struct timespec from, struct timespec to)
{
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

int main(int argc, char **argv)
{
    const unsigned long ticks = argc > 1 ? strtoul(argv[1], NULL, 10) : 5;
    struct timespec start, now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || clock_gettime(CLOCK_MONOTONIC, &start) != 0) {
        perror("clock");
        return 1;
    }
    char text[64];
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", gmtime(&now.tv_sec));
    printf("it is %s UTC\n", text);
    for (unsigned long tick = 1; tick <= ticks; tick++) {
        const struct timespec second = {.tv_sec = 1, .tv_nsec = 0};
        if (nanosleep(&second, NULL) != 0 || clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
            perror("clock");
            return 1;
        }
        printf("tick %lu after %.1f s\n", tick, seconds(start, now));
    }
    return 0;
}
