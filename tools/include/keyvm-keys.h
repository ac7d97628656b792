// The keys that the kernel serves, as functions: each makes one call and answers its code, KEYVM_OK or what the kernel refuses with.
// Parameters that name registers end in `key`, or say into which one a key goes.
//
// Four kilobytes beyond the program's own memory, from the bank in register 6, by a key in 8 that only reads them in 9:
//
//     int32_t code = keyvm_bank_buy(6, KEYVM_PAGE, 8);
//     if (code == KEYVM_OK) code = keyvm_page_write(8, 0, text, sizeof text);
//     if (code == KEYVM_OK) code = keyvm_weaken(8, KEYVM_PAGE_WRITE, 9);
#ifndef KEYVM_KEYS_H
#define KEYVM_KEYS_H

#include <keyvm.h>
#include <stdbool.h>
#include <string.h>

/// What keys are.
enum keyvm_kind {
    KEYVM_NOTHING = 0,
    KEYVM_NUMBER = 1,
    KEYVM_PAGE = 2,
    KEYVM_NODE = 3,
    KEYVM_PROCESS = 4,
    KEYVM_START = 5,
    KEYVM_RESUME = 6,
    KEYVM_BANK = 7,
    KEYVM_METER = 8,
    KEYVM_DEVICE = 9,
    KEYVM_DISCRIM = 10,
    KEYVM_CHECKPOINT = 11,
    KEYVM_SEALER = 12,
    KEYVM_UNSEALER = 13,
    KEYVM_FORWARDER = 14,
};

/// Rights, by the kind of the key that has them.
enum {
    KEYVM_PAGE_READ = 1,
    KEYVM_PAGE_WRITE = 2,
    KEYVM_NODE_FETCH = 1,
    KEYVM_NODE_STORE = 2,
    KEYVM_NODE_STRONG = 4, ///< without it what is fetched is weakened
    KEYVM_BANK_ALLOCATE = 1,
    KEYVM_BANK_QUERY = 2,
    KEYVM_BANK_SET_LIMITS = 4,
    KEYVM_BANK_DESTROY = 8,
    KEYVM_FORWARDER_CONTROL = 1, ///< without it a key invokes what the forwarder leads to
    KEYVM_PROCESS_LOOK = 1,
    KEYVM_PROCESS_CHANGE = 2,
    KEYVM_PROCESS_RUN = 4,
    KEYVM_PROCESS_INVITE = 8,
    KEYVM_PROCESS_GOVERN = 16,
    KEYVM_METER_RUN = 1,
    KEYVM_METER_QUERY = 2,
    KEYVM_METER_SET = 4,
    KEYVM_METER_DESTROY = 8,
};

/// What a process is doing.
enum keyvm_state {
    KEYVM_READY = 1,
    KEYVM_WAITING = 2,
    KEYVM_FROZEN_GAS = 3,
    KEYVM_FROZEN_SPACE = 4,
    KEYVM_STOPPED = 5,
    KEYVM_FAULTED = 6,
    KEYVM_EXITED = 7,
};

/// Of what a process lists its pages.
enum keyvm_list { KEYVM_LIST_CODE = 1, KEYVM_LIST_MEMORY = 2 };

/// Of a page, of a node, and of the words that a bank is set by.
#define KEYVM_PAGE_BYTES 4096
#define KEYVM_NODE_SLOTS 32
#define KEYVM_NO_LIMIT UINT64_MAX
#define KEYVM_UNCHANGED (UINT64_MAX - 1)

/// Orders, by the kind of the key that takes them.
enum {
    KEYVM_WEAKEN = 1, ///< of pages, nodes, processes, banks, meters and forwarders
    KEYVM_NUMBER_VALUE = 1,
    KEYVM_DISCRIM_CLASSIFY = 1,
    KEYVM_DISCRIM_COMPARE = 2,
    KEYVM_DISCRIM_DISCREET = 3,
    KEYVM_PAGE_ORDER_READ = 2,
    KEYVM_PAGE_ORDER_WRITE = 3,
    KEYVM_PAGE_ORDER_CLEAR = 4,
    KEYVM_NODE_ORDER_FETCH = 2,
    KEYVM_NODE_ORDER_STORE = 3,
    KEYVM_NODE_ORDER_SWAP = 4,
    KEYVM_NODE_ORDER_NUMBER = 5,
    KEYVM_NODE_ORDER_CLEAR = 6,
    KEYVM_NODE_ORDER_COPY = 7,
    KEYVM_PROCESS_ORDER_FIGURES = 2,
    KEYVM_PROCESS_ORDER_POSITION = 3,
    KEYVM_PROCESS_ORDER_STACK = 4,
    KEYVM_PROCESS_ORDER_FETCH = 5,
    KEYVM_PROCESS_ORDER_STORE = 6,
    KEYVM_PROCESS_ORDER_READ = 7,
    KEYVM_PROCESS_ORDER_WRITE = 8,
    KEYVM_PROCESS_ORDER_LIST = 9,
    KEYVM_PROCESS_ORDER_START = 10,
    KEYVM_PROCESS_ORDER_STOP = 11,
    KEYVM_PROCESS_ORDER_END = 12,
    KEYVM_PROCESS_ORDER_REMOVE = 13,
    KEYVM_PROCESS_ORDER_INVITE = 14,
    KEYVM_PROCESS_ORDER_BANK = 15,
    KEYVM_PROCESS_ORDER_METER = 16,
    KEYVM_METER_ORDER_FIGURES = 2,
    KEYVM_METER_ORDER_VERIFY = 3,
    KEYVM_METER_ORDER_MAKE = 4,
    KEYVM_METER_ORDER_SET = 5,
    KEYVM_METER_ORDER_REFILL = 6,
    KEYVM_METER_ORDER_DESTROY = 7,
    KEYVM_BANK_ORDER_FIGURES = 2,
    KEYVM_BANK_ORDER_VERIFY = 3,
    KEYVM_BANK_ORDER_BUY = 4,
    KEYVM_BANK_ORDER_SELL = 5,
    KEYVM_BANK_ORDER_SEVER = 6,
    KEYVM_BANK_ORDER_SET = 7,
    KEYVM_BANK_ORDER_DESTROY = 8,
    KEYVM_FORWARDER_ORDER_RETARGET = 2,
    KEYVM_FORWARDER_ORDER_BLOCK = 3,
    KEYVM_FORWARDER_ORDER_UNBLOCK = 4,
    KEYVM_FORWARDER_ORDER_TARGET = 5,
};

/// One call with two words and a key, whose reply brings a key, into `to`, and nothing else. KEYVM_NO_KEY: none.
static inline int32_t keyvm_ask(uint32_t key, int32_t order, uint64_t first, uint64_t second, uint32_t with, uint32_t to)
{
    struct keyvm_message message = keyvm_order(order);
    message.words[0] = first;
    message.words[1] = second;
    message.keys[0] = keyvm_register(with);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    reply.keys[0] = keyvm_register(to);
    return keyvm_call(key, &message, &reply);
}

/// Puts into `to` the same key, to a page, node, process, bank, meter or forwarder, without some of its rights.
static inline int32_t keyvm_weaken(uint32_t key, uint64_t rights, uint32_t to)
{
    return keyvm_ask(key, KEYVM_WEAKEN, rights, 0, KEYVM_NO_KEY, to);
}

// Numbers, and what keys are

/// The number of a number key.
static inline int32_t keyvm_number(uint32_t number_key, uint64_t *value)
{
    struct keyvm_message message = keyvm_order(KEYVM_NUMBER_VALUE);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    int32_t code = keyvm_call(number_key, &message, &reply);
    if (code == KEYVM_OK) *value = reply.words[0];
    return code;
}

/// Kind and rights of a key, which is not invoked.
static inline int32_t keyvm_classify(uint32_t discrim_key, uint32_t key, enum keyvm_kind *kind, uint8_t *rights)
{
    struct keyvm_message message = keyvm_order(KEYVM_DISCRIM_CLASSIFY);
    message.keys[0] = keyvm_register(key);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    int32_t code = keyvm_call(discrim_key, &message, &reply);
    if (code == KEYVM_OK) *kind = (enum keyvm_kind)reply.words[0];
    if (code == KEYVM_OK) *rights = (uint8_t)reply.words[1];
    return code;
}

// Pages

/// Bytes of a page, from one of them on.
static inline int32_t keyvm_page_read(uint32_t page_key, uint32_t from, void *bytes, uint32_t count)
{
    struct keyvm_message message = keyvm_order(KEYVM_PAGE_ORDER_READ);
    message.words[0] = from;
    message.words[1] = count;
    struct keyvm_received reply = keyvm_buffer(bytes, count);
    return keyvm_call(page_key, &message, &reply);
}

static inline int32_t keyvm_page_write(uint32_t page_key, uint32_t at, const void *bytes, uint32_t count)
{
    struct keyvm_message message = keyvm_order(KEYVM_PAGE_ORDER_WRITE);
    message.words[0] = at;
    message.bytes = bytes;
    message.count = count;
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    return keyvm_call(page_key, &message, &reply);
}

static inline int32_t keyvm_page_clear(uint32_t page_key)
{
    return keyvm_ask(page_key, KEYVM_PAGE_ORDER_CLEAR, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

// Nodes

/// Puts what a slot holds into `to`.
static inline int32_t keyvm_node_fetch(uint32_t node_key, uint32_t slot, uint32_t to)
{
    return keyvm_ask(node_key, KEYVM_NODE_ORDER_FETCH, slot, 0, KEYVM_NO_KEY, to);
}

/// Puts a key into a slot.
static inline int32_t keyvm_node_store(uint32_t node_key, uint32_t slot, uint32_t key)
{
    return keyvm_ask(node_key, KEYVM_NODE_ORDER_STORE, slot, 0, key, KEYVM_NO_KEY);
}

/// Puts a key into a slot, and what that held into `to`.
static inline int32_t keyvm_node_swap(uint32_t node_key, uint32_t slot, uint32_t key, uint32_t to)
{
    return keyvm_ask(node_key, KEYVM_NODE_ORDER_SWAP, slot, 0, key, to);
}

/// Puts a number's key into a slot.
static inline int32_t keyvm_node_number(uint32_t node_key, uint32_t slot, uint64_t value)
{
    return keyvm_ask(node_key, KEYVM_NODE_ORDER_NUMBER, slot, value, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

static inline int32_t keyvm_node_clear(uint32_t node_key)
{
    return keyvm_ask(node_key, KEYVM_NODE_ORDER_CLEAR, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

/// Each slot gets what it has in another node.
static inline int32_t keyvm_node_copy(uint32_t node_key, uint32_t from_key)
{
    return keyvm_ask(node_key, KEYVM_NODE_ORDER_COPY, 0, 0, from_key, KEYVM_NO_KEY);
}

// Processes

/// What a process is.
struct keyvm_process {
    uint64_t id;
    enum keyvm_state state;
    uint8_t waits_for; ///< of one that waits: 1 input, 2 a timer, 3 either, 4 a call of its embedder, 8 a reply, 16 a message, 32 its turn
    uint8_t trap; ///< of one that has faulted
    uint64_t gas_used, pages;
    int32_t exit_code; ///< of one that is over
    uint32_t instances;
    uint64_t bank; ///< tells processes of one bank from those of another
};

static inline int32_t keyvm_process_figures(uint32_t process_key, struct keyvm_process *process)
{
    struct keyvm_message message = keyvm_order(KEYVM_PROCESS_ORDER_FIGURES);
    uint64_t figures[4];
    struct keyvm_received reply = keyvm_buffer(figures, sizeof figures);
    int32_t code = keyvm_call(process_key, &message, &reply);
    if (code != KEYVM_OK) return code;
    process->id = reply.words[0];
    process->state = (enum keyvm_state)(reply.words[1] & 0xFF);
    process->waits_for = (uint8_t)(reply.words[1] >> 8);
    process->trap = (uint8_t)(reply.words[1] >> 16);
    process->gas_used = reply.words[2];
    process->pages = figures[0];
    process->exit_code = (int32_t)figures[1];
    process->instances = (uint32_t)figures[2];
    process->bank = figures[3];
    return code;
}

/// Puts what a register of the process holds into `to`.
static inline int32_t keyvm_process_fetch(uint32_t process_key, uint32_t number, uint32_t to)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_FETCH, number, 0, KEYVM_NO_KEY, to);
}

/// Puts a key into a register of the process.
static inline int32_t keyvm_process_store(uint32_t process_key, uint32_t number, uint32_t key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_STORE, number, 0, key, KEYVM_NO_KEY);
}

/// Bytes of the memory that an instance of the process defines; at most 4,096.
static inline int32_t keyvm_process_read(
    uint32_t process_key, uint32_t instance, uint32_t address, void *bytes, uint32_t count)
{
    struct keyvm_message message = keyvm_order(KEYVM_PROCESS_ORDER_READ);
    message.words[0] = instance;
    message.words[1] = address;
    message.words[2] = count;
    struct keyvm_received reply = keyvm_buffer(bytes, count);
    return keyvm_call(process_key, &message, &reply);
}

static inline int32_t keyvm_process_write(
    uint32_t process_key, uint32_t instance, uint32_t address, const void *bytes, uint32_t count)
{
    struct keyvm_message message = keyvm_order(KEYVM_PROCESS_ORDER_WRITE);
    message.words[0] = instance;
    message.words[1] = address;
    message.bytes = bytes;
    message.count = count;
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    return keyvm_call(process_key, &message, &reply);
}

/// Puts a key to a page of what the process is made of into `to`; void where nothing was written to that page.
static inline int32_t keyvm_process_list(
    uint32_t process_key, enum keyvm_list list, uint32_t instance, uint32_t page, uint32_t to)
{
    struct keyvm_message message = keyvm_order(KEYVM_PROCESS_ORDER_LIST);
    message.words[0] = list;
    message.words[1] = instance;
    message.words[2] = page;
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    reply.keys[0] = keyvm_register(to);
    return keyvm_call(process_key, &message, &reply);
}

static inline int32_t keyvm_process_start(uint32_t process_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_START, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

static inline int32_t keyvm_process_stop(uint32_t process_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_STOP, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

static inline int32_t keyvm_process_end(uint32_t process_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_END, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

/// Of one that is over: its log and its code go.
static inline int32_t keyvm_process_remove(uint32_t process_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_REMOVE, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

/// Puts a start key of the process with a badge into `to`.
static inline int32_t keyvm_process_invite(uint32_t process_key, uint16_t badge, uint32_t to)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_INVITE, badge, 0, KEYVM_NO_KEY, to);
}

/// Another bank pays for the process.
static inline int32_t keyvm_process_bank(uint32_t process_key, uint32_t bank_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_BANK, 0, 0, bank_key, KEYVM_NO_KEY);
}

/// Another meter is what the process runs on.
static inline int32_t keyvm_process_meter(uint32_t process_key, uint32_t meter_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_METER, 0, 0, meter_key, KEYVM_NO_KEY);
}

// Meters

/// What a meter has, in gas; KEYVM_NO_LIMIT where nothing limits.
struct keyvm_meter {
    uint64_t available; ///< what its processes have, the least of those above it
    uint64_t left, used;
    uint64_t weight, processes;
};

static inline int32_t keyvm_meter_figures(uint32_t meter_key, struct keyvm_meter *meter)
{
    struct keyvm_message message = keyvm_order(KEYVM_METER_ORDER_FIGURES);
    uint64_t figures[2];
    struct keyvm_received reply = keyvm_buffer(figures, sizeof figures);
    int32_t code = keyvm_call(meter_key, &message, &reply);
    if (code != KEYVM_OK) return code;
    *meter = (struct keyvm_meter){reply.words[0], reply.words[1], reply.words[2], figures[0], figures[1]};
    return code;
}

/// Puts a key to a new meter below this one into `to`; the bank pays for its record. NULL: its name is made up.
static inline int32_t keyvm_meter_make(uint32_t meter_key, uint32_t bank_key, uint64_t gas, const char *name, uint32_t to)
{
    struct keyvm_message message = keyvm_order(KEYVM_METER_ORDER_MAKE);
    message.words[0] = gas;
    message.keys[0] = keyvm_register(bank_key);
    if (name) message.bytes = name, message.count = (uint32_t)strlen(name);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    reply.keys[0] = keyvm_register(to);
    return keyvm_call(meter_key, &message, &reply);
}

/// Gas that it has from now on, or KEYVM_UNCHANGED, and quanta that its processes have at a time, 0 for no change.
static inline int32_t keyvm_meter_set(uint32_t meter_key, uint64_t gas, uint32_t weight)
{
    return keyvm_ask(meter_key, KEYVM_METER_ORDER_SET, gas, weight, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

static inline int32_t keyvm_meter_refill(uint32_t meter_key, uint64_t gas)
{
    return keyvm_ask(meter_key, KEYVM_METER_ORDER_REFILL, gas, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

static inline int32_t keyvm_meter_destroy(uint32_t meter_key)
{
    return keyvm_ask(meter_key, KEYVM_METER_ORDER_DESTROY, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

// Banks

/// What a bank counts, in pages and cells; KEYVM_NO_LIMIT where nothing limits.
struct keyvm_figures {
    uint64_t limit_pages, used_pages, own_pages, reserve_pages, limit_cells, used_cells, own_cells, processes;
    uint64_t available_pages, available_cells; ///< what it sells still, as it and all above it have
};

static inline int32_t keyvm_bank_figures(uint32_t bank_key, struct keyvm_figures *figures)
{
    struct keyvm_message message = keyvm_order(KEYVM_BANK_ORDER_FIGURES);
    struct keyvm_received reply = keyvm_buffer(figures, 64);
    int32_t code = keyvm_call(bank_key, &message, &reply);
    if (code == KEYVM_OK) figures->available_pages = reply.words[0];
    if (code == KEYVM_OK) figures->available_cells = reply.words[1];
    return code;
}

/// Whether another key is a bank's that the kernel knows, and whether that is this bank or below it.
static inline int32_t keyvm_bank_verify(uint32_t bank_key, uint32_t key, bool *is_bank, bool *is_below)
{
    struct keyvm_message message = keyvm_order(KEYVM_BANK_ORDER_VERIFY);
    message.keys[0] = keyvm_register(key);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    int32_t code = keyvm_call(bank_key, &message, &reply);
    if (code == KEYVM_OK) *is_bank = reply.words[0] != 0;
    if (code == KEYVM_OK) *is_below = reply.words[2] != 0;
    return code;
}

/// Buys a page, a node, a bank or a forwarder, whose key goes into `to`, with all rights.
static inline int32_t keyvm_bank_buy(uint32_t bank_key, enum keyvm_kind kind, uint32_t to)
{
    return keyvm_ask(bank_key, KEYVM_BANK_ORDER_BUY, (uint64_t)kind, 0, KEYVM_NO_KEY, to);
}

/// Buys up to four, of the kinds that are not KEYVM_NOTHING, into as many registers: all or nothing.
static inline int32_t keyvm_bank_buy_all(uint32_t bank_key, const enum keyvm_kind kinds[4], const uint8_t to[4])
{
    struct keyvm_message message = keyvm_order(KEYVM_BANK_ORDER_BUY);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    for (int i = 0; i < 4; i++) {
        message.words[0] |= (uint64_t)kinds[i] << 8 * i;
        reply.keys[i] = to[i];
    }
    return keyvm_call(bank_key, &message, &reply);
}

/// Buys a bank of this name, without a limit of its own.
static inline int32_t keyvm_bank_buy_named(uint32_t bank_key, const char *name, uint32_t to)
{
    struct keyvm_message message = keyvm_order(KEYVM_BANK_ORDER_BUY);
    message.words[0] = KEYVM_BANK;
    message.bytes = name;
    message.count = (uint32_t)strlen(name);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    reply.keys[0] = keyvm_register(to);
    return keyvm_call(bank_key, &message, &reply);
}

/// Gives a page, node or forwarder back; every key to it is void.
static inline int32_t keyvm_bank_sell(uint32_t bank_key, uint32_t key)
{
    return keyvm_ask(bank_key, KEYVM_BANK_ORDER_SELL, 0, 0, key, KEYVM_NO_KEY);
}

/// Puts a new key to a page, node or forwarder into `to`; every other is void.
static inline int32_t keyvm_bank_sever(uint32_t bank_key, uint32_t key, uint32_t to)
{
    return keyvm_ask(bank_key, KEYVM_BANK_ORDER_SEVER, 0, 0, key, to);
}

/// Sets what a bank may sell, and what is kept for it. KEYVM_UNCHANGED leaves what is there.
static inline int32_t keyvm_bank_set(uint32_t bank_key, uint64_t limit_pages, uint64_t limit_cells, uint64_t reserve_pages)
{
    struct keyvm_message message = keyvm_order(KEYVM_BANK_ORDER_SET);
    message.words[0] = limit_pages;
    message.words[1] = limit_cells;
    message.words[2] = reserve_pages;
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    return keyvm_call(bank_key, &message, &reply);
}

/// Destroys a bank with all that it holds, or gives that to its parent.
static inline int32_t keyvm_bank_destroy(uint32_t bank_key, bool returns)
{
    return keyvm_ask(bank_key, KEYVM_BANK_ORDER_DESTROY, returns, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

// Forwarders: a key with control says where they lead, one without goes there

/// Keys without control lead to `key` from now on.
static inline int32_t keyvm_forwarder_retarget(uint32_t forwarder_key, uint32_t key)
{
    return keyvm_ask(forwarder_key, KEYVM_FORWARDER_ORDER_RETARGET, 0, 0, key, KEYVM_NO_KEY);
}

/// Keys without control lead nowhere, until it is unblocked.
static inline int32_t keyvm_forwarder_block(uint32_t forwarder_key)
{
    return keyvm_ask(forwarder_key, KEYVM_FORWARDER_ORDER_BLOCK, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

static inline int32_t keyvm_forwarder_unblock(uint32_t forwarder_key)
{
    return keyvm_ask(forwarder_key, KEYVM_FORWARDER_ORDER_UNBLOCK, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

/// Puts the key that it leads to into `to`.
static inline int32_t keyvm_forwarder_target(uint32_t forwarder_key, uint32_t to)
{
    return keyvm_ask(forwarder_key, KEYVM_FORWARDER_ORDER_TARGET, 0, 0, KEYVM_NO_KEY, to);
}

#endif
