/* A client of queue.swift, whose start key is in register 6: `put N` puts N numbers, and waits a little where it is refused for a code of
   the queue's; `take N` takes N and prints for each the badge of who put it and the number. Ends with 0, or with 1 after a line
   that says which code it had. */
#include <inttypes.h>
#include <keyvm-keys.h>
#include <stdio.h>
#include <stdlib.h>

enum { QUEUE = 6, CLOCK = 3, TIMER = 5, PUT = 1, TAKE = 2 };

static int32_t ask(int32_t code, uint64_t word, struct keyvm_received *answer)
{
    struct keyvm_message order = keyvm_order(code);
    order.words[0] = word;
    return keyvm_call(QUEUE, &order, answer);
}

int main(int argc, char **argv)
{
    bool puts = argc > 2 && argv[1][0] == 'p';
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    for (uint64_t number = 1; number <= count;) {
        struct keyvm_received answer = keyvm_buffer(NULL, 0);
        int32_t code = ask(puts ? PUT : TAKE, number, &answer);
        if (code > 0) {
            uint64_t realtime, now;
            keyvm_clock_read(CLOCK, &realtime, &now);
            keyvm_timer_wait(TIMER, now + 1000000);
            continue;
        }
        if (code != KEYVM_OK) {
            printf("refused with %" PRId32 "\n", code);
            return 1;
        }
        if (!puts) printf("%" PRIu64 " %" PRIu64 "\n", answer.words[1], answer.words[0]);
        number++;
    }
    return 0;
}
