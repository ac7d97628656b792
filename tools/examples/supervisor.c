// A supervisor: keeps up to four processes, whose keys are in registers 7 to 10, and begins anew what faults: supervisor [TIMES]
// Each of them may fault so often (3 by default); then it is left as it lies. Register 6 holds a key to the supervisor itself.
#include <inttypes.h>
#include <keyvm-keys.h>
#include <stdio.h>
#include <stdlib.h>

enum { SELF = 6, FIRST = 7, LAST = 10, KEPT = 12, ANSWER = 13, START = 14 };

/// Writes what a process cannot go on for. Whether that is a fault.
static bool tell(const struct keyvm_received *told, uint64_t process)
{
    switch (told->order) {
    case KEYVM_KEEPER_TRAP: printf("process %" PRIu64 " trapped (%" PRIu64 ")", process, told->words[0]); return true;
    case KEYVM_KEEPER_ACCESS: printf("process %" PRIu64 " reached for %#" PRIx64, process, told->words[0]); return true;
    default: printf("process %" PRIu64 " has no space", process); return false;
    }
}

int main(int argc, char **argv)
{
    const unsigned long times = argc > 1 ? strtoul(argv[1], NULL, 10) : 3;
    unsigned long begun[LAST + 1] = {0};
    unsigned kept = 0;
    for (uint16_t key = FIRST; key <= LAST; key++) {
        // The badge says whom it is told of.
        int32_t code = keyvm_process_invite(SELF, key, START);
        if (code != KEYVM_OK) {
            fprintf(stderr, "register %d is to hold a key to the supervisor: %" PRId32 "\n", SELF, code);
            return 1;
        }
        if (keyvm_process_keeper(key, START) == KEYVM_OK) kept++;
    }
    printf("keeps %u\n", kept);
    struct keyvm_received told;
    int32_t code = keyvm_keeper_wait(KEPT, ANSWER, &told);
    while (code == KEYVM_OK && told.badge >= FIRST && told.badge <= LAST) {
        struct keyvm_process process = {0};
        // By a key without look it has no name.
        (void)keyvm_process_figures(KEPT, &process);
        bool is_begun = tell(&told, process.id) && begun[told.badge] < times;
        if (is_begun) {
            begun[told.badge]++;
            // What it stood at is gone, and with it the key by which that would be answered.
            is_begun = keyvm_process_begin(KEPT) == KEYVM_OK && keyvm_process_start(KEPT) == KEYVM_OK;
        }
        printf(is_begun ? ", and begins anew\n" : ", and is left as it is\n");
        code = keyvm_keeper_answer(1, KEPT, ANSWER, &told);
    }
    return 1;
}
