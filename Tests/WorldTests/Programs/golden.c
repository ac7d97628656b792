/* The program of the golden world: heap, recursion, floating point, its arguments and a line of input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned seed = 20261121;

static unsigned next(void) { return seed = seed * 1664525u + 1013904223u; }

static unsigned walk(unsigned depth) { return depth == 0 ? next() : walk(depth - 1) * 31 + depth; }

int main(int count, char **arguments) {
    char *kept[20];
    double sum = 0;
    for (int i = 0; i < 20; i++) {
        kept[i] = malloc(64);
        snprintf(kept[i], 64, "%s %d: %08x", count > 1 ? arguments[1] : "?", i, walk(100 + i));
        sum += next() / 7.0;
        printf("%s %.9e\n", kept[i], sum);
        fflush(stdout);
    }
    char line[64] = "";
    printf("%s", fgets(line, sizeof line, stdin) ? line : "no input\n");
    unsigned all = 0;
    for (int i = 0; i < 20; i++) {
        for (char *each = kept[i]; *each; each++) all = all * 33 + (unsigned char)*each;
        free(kept[i]);
    }
    printf("all %08x of %s\n", all, getenv("KIND") ? getenv("KIND") : "?");
    return 7;
}
