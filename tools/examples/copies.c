// A keeper of memories that are virtual copies: pages are shared until they are written, and a memory can be frozen, to make copies of what it
// is then. Registers: 6 a bank, of which copies of pages are bought; 7 a discrim; 9 a key to the keeper itself. A start key with badge 0 makes and
// freezes copies; one with the badge of something frozen copies that.
//
// | order | arguments | reply |
// |---|---|---|
// | 1 copy | key 0: a process with memory and govern; word 0: the first page of 32 of its memory, which become a copy of what the badge says, or of zeros where that is 0 | |
// | 2 freeze | word 0: the id of a process that has a copy | key 0: a start key by which others have copies of it as it is now |
//
// Codes: 3001 there are 32 copies, or 31 frozen ones, already; 3002 no process of that id has one; 3003 it has one already; others as the
// kernel refuses.
#include <inttypes.h>
#include <keyvm-keys.h>
#include <stdio.h>

enum { BANK = 6, DISCRIM = 7, SELF = 9, FROZEN = 10, COPIES = 11, FIRST = 12, CALLER = 15, NODE = 16, SOURCE = 17, PAGE = 18, NEW = 19, START = 20, PROCESSES = 21 };
enum { COPY = 1, FREEZE = 2, MOST = 32, PAGES = 32, OF_COPIES = 1000 };
enum { TOO_MANY = 3001, NO_COPY = 3002, HAS_ONE = 3003 };

/// Which process has a copy, and where in its memory.
static struct {
    uint64_t process;
    uint32_t page;
} copies[MOST];
static uint32_t copy_count, frozen_count = 1;

/// A node of the keeper's own, in register `to`.
static int32_t buy_node(uint32_t to) { return keyvm_bank_buy(BANK, KEYVM_NODE, to); }

/// Lets a page of the process in FIRST be the one whose key is in PAGE, to be read only; where that is none nothing lies there, and it is
/// supplied when it is touched. PAGE can only read it then.
static int32_t share(uint32_t page)
{
    int32_t code = keyvm_weaken(PAGE, KEYVM_PAGE_WRITE, PAGE);
    if (code == KEYVM_VOID) return keyvm_process_map_nothing(FIRST, 0, page);
    return code == KEYVM_OK ? keyvm_process_map(FIRST, 0, page, PAGE) : code;
}

static int32_t copy(uint32_t frozen, uint32_t page)
{
    if (copy_count == MOST) return TOO_MANY;
    enum keyvm_kind kind = KEYVM_NOTHING;
    uint8_t rights;
    // Another's start key would be a process that lets the keeper wait.
    int32_t code = keyvm_classify(DISCRIM, FIRST, &kind, &rights);
    if (code == KEYVM_OK && kind != KEYVM_PROCESS) code = KEYVM_WRONG_KEY;
    struct keyvm_process process = {0};
    if (code == KEYVM_OK) code = keyvm_process_figures(FIRST, &process);
    for (uint32_t number = 0; number < copy_count && code == KEYVM_OK; number++)
        if (copies[number].process == process.id) code = HAS_ONE;
    // The last of them is there, so that none is left without a keeper.
    char byte;
    if (code == KEYVM_OK) code = keyvm_process_read(FIRST, 0, (page + PAGES) * KEYVM_PAGE_BYTES - 1, &byte, 1);
    if (code == KEYVM_OK) code = keyvm_process_invite(SELF, (uint16_t)(OF_COPIES + copy_count), START);
    if (code == KEYVM_OK) code = buy_node(NODE);
    if (code == KEYVM_OK && frozen > 0) {
        code = keyvm_node_fetch(FROZEN, frozen, SOURCE);
        if (code == KEYVM_OK) code = keyvm_node_copy(NODE, SOURCE);
    }
    for (uint32_t number = 0; number < PAGES && code == KEYVM_OK; number++) {
        code = keyvm_node_fetch(NODE, number, PAGE);
        if (code == KEYVM_OK) code = share(page + number);
    }
    if (code == KEYVM_OK) code = keyvm_process_memory_keeper(FIRST, 0, START);
    if (code == KEYVM_OK) code = keyvm_node_store(COPIES, copy_count, NODE);
    if (code == KEYVM_OK) code = keyvm_node_store(PROCESSES, copy_count, FIRST);
    if (code != KEYVM_OK) return code;
    copies[copy_count].process = process.id;
    copies[copy_count++].page = page;
    return KEYVM_OK;
}

/// What a copy is now is frozen: it keeps it to read, and has pages of its own of what it writes from now on, as all copies that are made
/// of it.
static int32_t freeze(uint64_t process)
{
    uint32_t number = 0;
    while (number < copy_count && copies[number].process != process) number++;
    if (number == copy_count) return NO_COPY;
    if (frozen_count == MOST) return TOO_MANY;
    int32_t code = keyvm_node_fetch(COPIES, number, NODE);
    if (code == KEYVM_OK) code = keyvm_node_fetch(PROCESSES, number, FIRST);
    // It is not to write while it is frozen. By a key without run it may.
    struct keyvm_process now = {0};
    if (code == KEYVM_OK) code = keyvm_process_figures(FIRST, &now);
    bool is_stopped = code == KEYVM_OK && now.state != KEYVM_STOPPED && keyvm_process_stop(FIRST) == KEYVM_OK;
    for (uint32_t slot = 0; slot < PAGES && code == KEYVM_OK; slot++) {
        code = keyvm_node_fetch(NODE, slot, PAGE);
        if (code == KEYVM_OK) code = share(copies[number].page + slot);
        if (code == KEYVM_OK) code = keyvm_node_store(NODE, slot, PAGE);
    }
    if (code == KEYVM_OK) code = buy_node(SOURCE);
    if (code == KEYVM_OK) code = keyvm_node_copy(SOURCE, NODE);
    if (code == KEYVM_OK) code = keyvm_node_store(FROZEN, frozen_count, SOURCE);
    if (code == KEYVM_OK) code = keyvm_process_invite(SELF, (uint16_t)frozen_count, START);
    if (code == KEYVM_OK) frozen_count++;
    if (is_stopped) keyvm_process_start(FIRST);
    return code;
}

/// Supplies a page that a process touched, with what it is to have there, for it alone.
static int32_t supply(uint32_t number, uint64_t address)
{
    static char contents[KEYVM_PAGE_BYTES];
    uint64_t page = address / KEYVM_PAGE_BYTES;
    if (number >= copy_count || page < copies[number].page || page >= copies[number].page + PAGES) return KEYVM_BAD_ADDRESS;
    uint32_t slot = (uint32_t)page - copies[number].page;
    int32_t code = keyvm_node_fetch(COPIES, number, NODE);
    if (code == KEYVM_OK) code = keyvm_bank_buy(BANK, KEYVM_PAGE, NEW);
    if (code == KEYVM_OK) code = keyvm_node_fetch(NODE, slot, PAGE);
    if (code == KEYVM_OK && keyvm_page_read(PAGE, 0, contents, sizeof contents) == KEYVM_OK)
        code = keyvm_page_write(NEW, 0, contents, sizeof contents);
    if (code == KEYVM_OK) code = keyvm_process_map(FIRST, 0, (uint32_t)page, NEW);
    return code == KEYVM_OK ? keyvm_node_store(NODE, slot, NEW) : code;
}

static int32_t serve(const struct keyvm_received *asked, struct keyvm_message *reply)
{
    if (asked->badge >= OF_COPIES)
        return asked->order == KEYVM_KEEPER_ACCESS ? supply(asked->badge - OF_COPIES, asked->words[0]) : KEYVM_NO_ORDER;
    switch (asked->order) {
    case COPY: return asked->words[0] < (1 << 20) - PAGES ? copy(asked->badge, (uint32_t)asked->words[0]) : KEYVM_BAD_ADDRESS;
    case FREEZE: {
        if (asked->badge != 0) return KEYVM_NO_RIGHT;
        int32_t code = freeze(asked->words[0]);
        if (code == KEYVM_OK) reply->keys[0] = START;
        return code;
    }
    default: return KEYVM_NO_ORDER;
    }
}

static void answer(const struct keyvm_received *asked, struct keyvm_message *reply) { reply->order = serve(asked, reply); }

int main(void)
{
    int32_t code = buy_node(FROZEN);
    if (code == KEYVM_OK) code = buy_node(COPIES);
    if (code == KEYVM_OK) code = buy_node(PROCESSES);
    if (code != KEYVM_OK) {
        fprintf(stderr, "register %d is to hold a bank: %" PRId32 "\n", BANK, code);
        return 1;
    }
    struct keyvm_received asked = keyvm_buffer(NULL, 0);
    asked.keys[0] = FIRST;
    return keyvm_serve(&asked, CALLER, answer) == KEYVM_OK ? 0 : 1;
}
