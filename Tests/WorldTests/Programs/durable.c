// Orders a checkpoint key, in register 6, as often as its second argument says, and writes down each time that it was answered: its first
// argument is `wait`, until all is durable, or `make`, a checkpoint.
#include <keyvm-keys.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    for (int left = atoi(argv[2]); left > 0; left--) {
        uint64_t number = 0;
        int32_t code =
            strcmp(argv[1], "make") == 0 ? keyvm_checkpoint_make(6, &number) : keyvm_checkpoint_wait(6);
        if (code != KEYVM_OK) return 1;
        printf("told %llu\n", (unsigned long long)number);
        fflush(stdout);
    }
    return 0;
}
