// Banks: who buys space from them, and governs them (`specs/keys/bank.md`).
#ifndef KEYVM_BANK_H
#define KEYVM_BANK_H

#include <keyvm/ask.h>

/// Rights.
enum {
    KEYVM_BANK_ALLOCATE = 1,
    KEYVM_BANK_QUERY = 2,
    KEYVM_BANK_SET_LIMITS = 4,
    KEYVM_BANK_DESTROY = 8,
};

/// Orders.
enum {
    KEYVM_BANK_ORDER_FIGURES = 2,
    KEYVM_BANK_ORDER_VERIFY = 3,
    KEYVM_BANK_ORDER_BUY = 4,
    KEYVM_BANK_ORDER_SELL = 5,
    KEYVM_BANK_ORDER_SEVER = 6,
    KEYVM_BANK_ORDER_SET = 7,
    KEYVM_BANK_ORDER_DESTROY = 8,
    KEYVM_BANK_ORDER_KEEPER = 9,
    KEYVM_BANK_ORDER_ADOPT = 10,
    KEYVM_BANK_ORDER_PROCESS = 11,
};

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
    uint64_t words[3];
    int32_t code = keyvm_ask_words(bank_key, KEYVM_BANK_ORDER_VERIFY, key, KEYVM_NO_KEY, words);
    if (code == KEYVM_OK) *is_bank = words[0] != 0;
    if (code == KEYVM_OK) *is_below = words[2] != 0;
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

/// Names who is told when the bank has no page for what a process writes, by a start key; a void one: nobody is.
static inline int32_t keyvm_bank_keeper(uint32_t bank_key, uint32_t start_key)
{
    return keyvm_ask(bank_key, KEYVM_BANK_ORDER_KEEPER, 0, 0, start_key, KEYVM_NO_KEY);
}

/// Takes a page of any bank over, whose new key goes into `to`; every other is void.
static inline int32_t keyvm_bank_adopt(uint32_t bank_key, uint32_t page_key, uint32_t to)
{
    return keyvm_ask(bank_key, KEYVM_BANK_ORDER_ADOPT, 0, 0, page_key, to);
}

/// Makes a process of a module that lies in this program's memory, on a meter: stopped at its beginning, without any key. The key to it goes
/// into `to`. `names`: its name and its arguments, each ended by a zero; with 0 bytes a name is made up.
static inline int32_t keyvm_bank_process(
    uint32_t bank_key, uint32_t meter_key, const void *module, uint32_t size, const char *names, uint32_t names_size, uint32_t to)
{
    struct keyvm_message message = keyvm_order(KEYVM_BANK_ORDER_PROCESS);
    message.words[0] = (uintptr_t)module;
    message.words[1] = size;
    message.keys[0] = keyvm_register(meter_key);
    message.bytes = names;
    message.count = names_size;
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    reply.keys[0] = keyvm_register(to);
    return keyvm_call(bank_key, &message, &reply);
}

/// The same, of the code of another process.
static inline int32_t keyvm_bank_process_like(
    uint32_t bank_key, uint32_t meter_key, uint32_t process_key, const char *names, uint32_t names_size, uint32_t to)
{
    struct keyvm_message message = keyvm_order(KEYVM_BANK_ORDER_PROCESS);
    message.keys[0] = keyvm_register(meter_key);
    message.keys[1] = keyvm_register(process_key);
    message.bytes = names;
    message.count = names_size;
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    reply.keys[0] = keyvm_register(to);
    return keyvm_call(bank_key, &message, &reply);
}

#endif
