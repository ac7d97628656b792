// Greets, and says what it was started with: the smallest program there is to run.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : getenv("USER");
    printf("hello, %s\n", name != NULL ? name : "world");
    return 0;
}
