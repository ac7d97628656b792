// The peer of an invocation: 8 bytes to another process and back through two pipes, both processes on one processor.
// pipes N: prints the seconds that N round trips take.
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void pass(int from, int to, uint64_t *word)
{
    if (read(from, word, sizeof *word) != (ssize_t)sizeof *word) fail("read");
    if (write(to, word, sizeof *word) != (ssize_t)sizeof *word) fail("write");
}

int main(int argc, char **argv)
{
    const long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 100000;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) fail("sched_setaffinity");
    int there[2], back[2];
    if (pipe(there) != 0 || pipe(back) != 0) fail("pipe");
    uint64_t word = 0;
    const pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) {
        for (long round = 0; round < rounds; round++) pass(there[0], back[1], &word);
        return 0;
    }
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (long round = 0; round < rounds; round++) {
        word = (uint64_t)round;
        if (write(there[1], &word, sizeof word) != (ssize_t)sizeof word) fail("write");
        if (read(back[0], &word, sizeof word) != (ssize_t)sizeof word) fail("read");
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    waitpid(child, NULL, 0);
    printf("%.6f\n", (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
    return 0;
}
