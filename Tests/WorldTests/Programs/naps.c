/* Sleeps by nanosleep, by usleep and in poll, and watches the clocks. */
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static long long now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

int main(void) {
    long long before = now(CLOCK_MONOTONIC), wall = now(CLOCK_REALTIME);
    struct timespec nap = {0, 100000000};
    if (nanosleep(&nap, 0) != 0) return 1;
    long long between = now(CLOCK_MONOTONIC);
    if (between - before < 100000000ll) return 2;
    if (usleep(100000) != 0) return 3;
    long long after = now(CLOCK_MONOTONIC);
    if (after - between < 100000000ll) return 4;
    puts("slept twice");
    struct pollfd input = {.fd = 0, .events = POLLIN};
    if (poll(&input, 1, 100) != 0) return 5;
    if (now(CLOCK_MONOTONIC) - after < 100000000ll) return 6;
    puts("timed out");
    if (now(CLOCK_REALTIME) - wall < 300000000ll) return 7;
    puts("clocks go on");
    return 0;
}
