// Makes a process of the code of another, starts it, waits until it has run to its exit, and removes it, as often as its argument says. In
// its registers: 6 a bank, 7 a meter, 8 the process whose code is run.
#include <keyvm-keys.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

enum { BANK = 6, METER = 7, MODEL = 8, MADE = 9 };

static void check(const char *what, int32_t code)
{
    if (code == KEYVM_OK) return;
    fprintf(stderr, "%s: %d\n", what, (int)code);
    exit(1);
}

int main(int argc, char **argv)
{
    for (long left = argc > 1 ? strtol(argv[1], NULL, 10) : 1; left > 0; left--) {
        struct keyvm_process now;
        check("process", keyvm_bank_process_like(BANK, METER, MODEL, NULL, 0, MADE));
        check("start", keyvm_process_start(MADE));
        do {
            sched_yield();
            check("figures", keyvm_process_figures(MADE, &now));
        } while (now.state != KEYVM_EXITED);
        check("remove", keyvm_process_remove(MADE));
    }
    return 0;
}
