// The peer of a process's life: spawn N: starts `true` by posix_spawn and waits for its end, N times, and prints the seconds that it took.
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

int main(int argc, char **argv)
{
    char *words[] = {"true", NULL};
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (long left = argc > 1 ? strtol(argv[1], NULL, 10) : 1; left > 0; left--) {
        pid_t child;
        int status;
        if (posix_spawn(&child, "/bin/true", NULL, NULL, words, environ) != 0 || waitpid(child, &status, 0) != child || status != 0) {
            fprintf(stderr, "spawn: a child is not what it should be\n");
            return 1;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.6f\n", (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
    return 0;
}
