// A server: counts for each of its clients, whom it tells apart by the badges of their keys, and writes down what they ask.
//
// | order | arguments | reply |
// |---|---|---|
// | 1 add | word 0: how much; bytes: what for | word 0: the client's sum |
// | 2 sum | | word 0: the sum of all |
#include <inttypes.h>
#include <keyvm.h>
#include <stdio.h>

enum { ADD = 1, SUM = 2, CALLER = 11, CLIENTS = 1 << 16 };

static uint64_t sums[CLIENTS], total;
static char text[64];

static void answer(const struct keyvm_received *order, struct keyvm_message *reply)
{
    switch (order->order) {
    case ADD: {
        int length = (int)(order->count < sizeof text ? order->count : sizeof text);
        total += order->words[0];
        reply->words[0] = sums[order->badge] += order->words[0];
        printf("client %u: %" PRIu64 " for %.*s\n", order->badge, order->words[0], length, text);
        break;
    }
    case SUM: reply->words[0] = total; break;
    default: reply->order = KEYVM_NO_ORDER;
    }
}

int main(void)
{
    struct keyvm_received order = keyvm_buffer(text, sizeof text);
    return keyvm_serve(&order, CALLER, answer) == KEYVM_OK ? 0 : 1;
}
