/* Prints its arguments and environment, then each line of its input, numbered; ends with the number of lines. */
#include <stdio.h>
#include <stdlib.h>

extern char **environ;

int main(int count, char **arguments) {
    for (int i = 0; i < count; i++) printf("argument %d: %s\n", i, arguments[i]);
    for (char **each = environ; *each; each++) printf("environment: %s\n", *each);
    fflush(stdout);
    char line[256];
    int lines = 0;
    while (fgets(line, sizeof line, stdin)) {
        printf("%d: %s", ++lines, line);
        fflush(stdout);
    }
    fprintf(stderr, "%d lines\n", lines);
    exit(lines);
}
