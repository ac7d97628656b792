// A library in a process of its own, under a limit of gas for each call and of space: warden GAS PAGES
// Whoever calls the warden calls the library, which answers by itself. Where it loops, takes too much or traps instead, the warden answers
// with what it did, and the library begins anew. Registers: 6 a bank, 7 a meter, 8 a process whose code the library is, 9 a key to
// the warden itself.
//
// | code of the answer | what it says |
// |---|---|
// | 1001 | the library trapped; word 0: the trap |
// | 1002 | it takes more space than it may have |
// | 1003 | it used up the gas of a call |
// | 1004 | it is busy with another call |
#include <inttypes.h>
#include <keyvm-keys.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

enum { BANK = 6, METER = 7, MODEL = 8, SELF = 9, OWN_BANK = 20, OWN_METER = 21, LIBRARY = 22, ENTRY = 23, CALLER = 24, START = 25 };
enum { KEPT = 12, RESUME = 15 };
/// Badges of the warden's start keys, but for those of who calls.
enum { OF_PROCESS = 65001, OF_BANK = 65002, OF_METER = 65003 };
enum { TRAPPED = 1001, NO_SPACE = 1002, NO_GAS = 1003, BUSY = 1004, WAITS_FOR_MESSAGE = 16 };

static uint64_t gas, pages;
/// How often the library began anew since it answered a call last.
static unsigned begun;
/// So often it may, for a library that never comes to where it waits to be called.
enum { MOST_BEGUN = 8 };

static void check(const char *what, int32_t code)
{
    if (code == KEYVM_OK) return;
    fprintf(stderr, "%s: %" PRId32 "\n", what, code);
    exit(1);
}

/// Puts a start key of the warden's into START.
static uint32_t invite(uint16_t badge)
{
    check("register 9 is to hold a key to the warden", keyvm_process_invite(SELF, badge, START));
    return START;
}

static void make(void)
{
    check("a bank", keyvm_bank_buy(BANK, KEYVM_BANK, OWN_BANK));
    check("a meter", keyvm_meter_make(METER, OWN_BANK, gas, NULL, OWN_METER));
    check("the library", keyvm_bank_process_like(OWN_BANK, OWN_METER, MODEL, NULL, 0, LIBRARY));
    // What it is made of is not counted against what it may take.
    struct keyvm_figures figures;
    check("figures", keyvm_bank_figures(OWN_BANK, &figures));
    check("a limit", keyvm_bank_set(OWN_BANK, figures.used_pages + pages, KEYVM_UNCHANGED, KEYVM_UNCHANGED));
    check("a keeper", keyvm_process_keeper(LIBRARY, invite(OF_PROCESS)));
    check("a keeper", keyvm_bank_keeper(OWN_BANK, invite(OF_BANK)));
    check("a keeper", keyvm_meter_keeper(OWN_METER, invite(OF_METER)));
    check("a key to it", keyvm_process_invite(LIBRARY, 0, ENTRY));
    check("its start", keyvm_process_start(LIBRARY));
}

/// Lets the library begin anew, with the gas of one call.
static void begin(void)
{
    check("to begin anew", keyvm_process_begin(LIBRARY));
    if (begun++ == MOST_BEGUN) {
        fprintf(stderr, "the library does not come to where it waits to be called\n");
        exit(1);
    }
    check("gas", keyvm_meter_set(OWN_METER, gas, 0));
    check("its start", keyvm_process_start(LIBRARY));
}

/// Whether the library waits to be called, once it has come to where it waits for anything, or is waited for: its gas is limited.
static bool is_idle(void)
{
    struct keyvm_process library;
    for (;;) {
        check("figures", keyvm_process_figures(LIBRARY, &library));
        // One that is over answers nobody any more.
        if (library.state == KEYVM_EXITED || library.state == KEYVM_STOPPED) begin();
        else if (library.state != KEYVM_READY) break;
        sched_yield();
    }
    return library.state == KEYVM_WAITING && library.waits_for == WAITS_FOR_MESSAGE;
}

int main(int argc, char **argv)
{
    gas = argc == 3 ? strtoull(argv[1], NULL, 10) : 0;
    pages = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
    if (gas == 0 || pages == 0 || pages > UINT32_MAX) {
        fprintf(stderr, "warden GAS PAGES\n");
        return 1;
    }
    make();
    static char bytes[KEYVM_MOST_BYTES];
    struct keyvm_message answer = keyvm_order(KEYVM_OK);
    uint32_t to = KEYVM_NO_KEY;
    bool is_awaited = false;
    for (;;) {
        struct keyvm_received asked = keyvm_buffer(bytes, sizeof bytes);
        for (int i = 0; i < 4; i++) asked.keys[i] = KEPT + i;
        check("waiting", keyvm_return(to, &answer, &asked));
        answer = keyvm_order(KEYVM_OK);
        if (asked.badge >= OF_PROCESS) {
            // Its keeper is asked: who called it is told what it did, and it begins anew.
            answer.order = asked.badge == OF_METER ? NO_GAS : asked.order == KEYVM_KEEPER_SPACE ? NO_SPACE : TRAPPED;
            if (answer.order == TRAPPED) answer.words[0] = asked.order == KEYVM_KEEPER_TRAP ? asked.words[0] : asked.words[2];
            begin();
            to = is_awaited ? CALLER : KEYVM_NO_KEY;
            is_awaited = false;
        } else if (!is_idle()) {
            answer.order = BUSY;
            to = asked.is_awaited ? RESUME : KEYVM_NO_KEY;
        } else {
            struct keyvm_message order = keyvm_order(asked.order);
            for (int i = 0; i < 4; i++) order.keys[i] = KEPT + i;
            for (int i = 0; i < 3; i++) order.words[i] = asked.words[i];
            order.bytes = bytes;
            order.count = asked.count < sizeof bytes ? asked.count : sizeof bytes;
            check("gas", keyvm_meter_set(OWN_METER, gas, 0));
            begun = 0;
            is_awaited = asked.is_awaited;
            // A copy, to answer by where the library does not. Only a resume key never makes its holder wait.
            if (is_awaited) check("a copy", keyvm_copy(RESUME, CALLER));
            else check("a register", keyvm_clear(RESUME));
            check("asking", keyvm_send(ENTRY, &order));
            check("a register", keyvm_clear(RESUME));
            to = KEYVM_NO_KEY;
        }
    }
}
