/* A process whose memory is to be a virtual copy: 32 pages of it, which it writes and reads as it is told.
   Order 5: word 0 of the reply is the first page of them. 1: byte word 0 of them becomes word 1. 2: word 0 of the reply is byte word 0. */
#include <keyvm.h>

enum { CALLER = 11 };

static unsigned char cells[32 * 4096] __attribute__((aligned(4096)));

int main(void)
{
    struct keyvm_message reply = keyvm_order(KEYVM_OK);
    struct keyvm_received order = keyvm_buffer(NULL, 0);
    order.keys[3] = CALLER;
    unsigned caller = KEYVM_NO_KEY;
    while (keyvm_return(caller, &reply, &order) == KEYVM_OK) {
        caller = order.is_awaited ? CALLER : KEYVM_NO_KEY;
        reply = keyvm_order(KEYVM_OK);
        volatile unsigned char *cell = cells + order.words[0] % sizeof cells;
        switch (order.order) {
        case 5: reply.words[0] = (unsigned long)cells / 4096; break;
        case 1: *cell = (unsigned char)order.words[1]; break;
        case 2: reply.words[0] = *cell; break;
        default: reply.order = KEYVM_NO_ORDER;
        }
    }
    return 1;
}
