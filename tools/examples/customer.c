// A client of counter.c, whose start key is in register 6: adds each line of its input, a number and what it is for.
#include <inttypes.h>
#include <keyvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADD = 1, COUNTER = 6 };

int main(void)
{
    static char line[256];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *reason;
        struct keyvm_message order = keyvm_order(ADD);
        order.words[0] = strtoull(line, &reason, 10);
        reason += strspn(reason, " ");
        order.bytes = reason;
        order.count = (uint32_t)strcspn(reason, "\n");
        struct keyvm_received answer = keyvm_buffer(NULL, 0);
        int32_t code = keyvm_call(COUNTER, &order, &answer);
        if (code != KEYVM_OK) {
            fprintf(stderr, "the counter answers %" PRId32 "\n", code);
            return 1;
        }
        printf("%" PRIu64 " so far\n", answer.words[0]);
    }
    return 0;
}
