// Orders a checkpoint key, in register 6, as often as its second argument says: its first argument is `wait` or `make`.
#include <keyvm-keys.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc != 3) return 64;
    for (long left = strtol(argv[2], NULL, 10); left > 0; left--) {
        int32_t code = strcmp(argv[1], "make") == 0 ? keyvm_checkpoint_make(6, NULL) : keyvm_checkpoint_wait(6);
        if (code != KEYVM_OK) return 1;
    }
    return 0;
}
