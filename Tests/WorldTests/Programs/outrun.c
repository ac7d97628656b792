// Buys banks, fills them with nodes and destroys them, inside of a bank that it destroys too: for ever, as fast as it can.
#include <keyvm-keys.h>

enum { BANK = 6, OUTER = 9, INNER = 10 };

int main(void)
{
    const enum keyvm_kind nodes[4] = {KEYVM_NODE, KEYVM_NODE, KEYVM_NODE, KEYVM_NODE};
    const uint8_t nowhere[4] = {KEYVM_NO_KEY, KEYVM_NO_KEY, KEYVM_NO_KEY, KEYVM_NO_KEY};
    for (;;) {
        if (keyvm_bank_buy(BANK, KEYVM_BANK, OUTER) != KEYVM_OK) return 1;
        for (int round = 0; round < 40 && keyvm_bank_buy(OUTER, KEYVM_BANK, INNER) == KEYVM_OK; round++) {
            while (keyvm_bank_buy_all(INNER, nodes, nowhere) == KEYVM_OK) continue;
            keyvm_bank_destroy(INNER, false);
        }
        keyvm_bank_destroy(OUTER, false);
    }
}
