// Buys nodes from the bank in register 6, as many as its argument says, each with the key of register 7 in slot 0 and the node before it in
// slot 1; holds the last of them, in register 8.
#include <keyvm-keys.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    for (long left = argc > 1 ? strtol(argv[1], NULL, 10) : 1; left > 0; left--) {
        if (keyvm_bank_buy(6, KEYVM_NODE, 9) != KEYVM_OK) return 1;
        if (keyvm_node_store(9, 0, 7) != KEYVM_OK || keyvm_node_store(9, 1, 8) != KEYVM_OK) return 1;
        keyvm_move(9, 8);
    }
    struct keyvm_received nobody = keyvm_buffer(NULL, 0);
    return keyvm_return(KEYVM_NO_KEY, NULL, &nobody);
}
