// @NAME@: a server that counts for each of its clients, and a client to try it with. Without arguments it serves; with the argument
// `client` it adds the numbers of its input, one in a line, by the key to the server in register 6.
//
// | order | arguments | reply |
// |---|---|---|
// | 1 add | word 0: how much | word 0: the sum of who asks |
// | 2 sum | | word 0: the sum of all |
//
// Whatever is in these variables is there again after any crash: nothing is saved, nothing is loaded.
#include <inttypes.h>
#include <keyvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADD = 1, SUM = 2 };        // orders
enum { SERVER = 6, CALLER = 11 }; // registers
enum { CLIENTS = 1 << 16 };       // as many as there are badges

static uint64_t sums[CLIENTS], total;

/// Answers one order. The badge of the key by which it came says who asks.
static void answer(const struct keyvm_received *order, struct keyvm_message *reply)
{
    switch (order->order) {
    case ADD:
        total += order->words[0];
        reply->words[0] = sums[order->badge] += order->words[0];
        printf("client %u adds %" PRIu64 "\n", order->badge, order->words[0]);
        break;
    case SUM: reply->words[0] = total; break;
    default: reply->order = KEYVM_NO_ORDER;
    }
}

static int serve(void)
{
    printf("@NAME@ counts\n");
    struct keyvm_received order = keyvm_buffer(NULL, 0);
    // It comes back only where `order` is one that the kernel refuses.
    return keyvm_serve(&order, CALLER, answer) == KEYVM_OK ? 0 : 1;
}

static int add_lines(void)
{
    static char line[256];
    while (fgets(line, sizeof line, stdin) != NULL) {
        struct keyvm_message order = keyvm_order(ADD);
        order.words[0] = strtoull(line, NULL, 10);
        struct keyvm_received reply = keyvm_buffer(NULL, 0);
        int32_t code = keyvm_call(SERVER, &order, &reply);
        if (code == KEYVM_OK) printf("%" PRIu64 " so far\n", reply.words[0]);
        else printf("refused with %" PRId32 "\n", code);
    }
    return 0;
}

int main(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], "client") == 0 ? add_lines() : serve();
}
