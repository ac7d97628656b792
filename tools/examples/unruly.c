// A library that does what it should not: a server to try keepers with.
//
// | order | what it does |
// |---|---|
// | 1 | answers one more than word 0 |
// | 2 | loops |
// | 3 | writes to 8 MiB |
// | 4 | traps |
// | 5 | reads far beyond its memory |
#include <keyvm.h>

enum { CALLER = 11 };

static char block[8 << 20];

static void answer(const struct keyvm_received *order, struct keyvm_message *reply)
{
    switch (order->order) {
    case 1: reply->words[0] = order->words[0] + 1; break;
    case 2:
        for (volatile unsigned turn = 0;;) turn++;
    case 3:
        for (volatile char *place = block; place < block + sizeof block; place += 4096) *place = 1;
        break;
    case 4: __builtin_trap();
    case 5: reply->words[0] = *(volatile unsigned char *)0xFFFFFFF0; break;
    default: reply->order = KEYVM_NO_ORDER;
    }
}

int main(void)
{
    struct keyvm_received order = keyvm_buffer(NULL, 0);
    return keyvm_serve(&order, CALLER, answer) == KEYVM_OK ? 0 : 1;
}
