// Meters: budgets of gas (`specs/keys/meter.md`).
#ifndef KEYVM_METER_H
#define KEYVM_METER_H

#include <keyvm/ask.h>

/// Rights.
enum {
    KEYVM_METER_RUN = 1,
    KEYVM_METER_QUERY = 2,
    KEYVM_METER_SET = 4,
    KEYVM_METER_DESTROY = 8,
};

/// Orders.
enum {
    KEYVM_METER_ORDER_FIGURES = 2,
    KEYVM_METER_ORDER_VERIFY = 3,
    KEYVM_METER_ORDER_MAKE = 4,
    KEYVM_METER_ORDER_SET = 5,
    KEYVM_METER_ORDER_REFILL = 6,
    KEYVM_METER_ORDER_DESTROY = 7,
    KEYVM_METER_ORDER_KEEPER = 8,
};

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

/// Names who is told when the meter is dry, by a start key; a void one: nobody is.
static inline int32_t keyvm_meter_keeper(uint32_t meter_key, uint32_t start_key)
{
    return keyvm_ask(meter_key, KEYVM_METER_ORDER_KEEPER, 0, 0, start_key, KEYVM_NO_KEY);
}

/// Whether a key is a meter's, and whether that is this one or below it.
static inline int32_t keyvm_meter_verify(uint32_t meter_key, uint32_t key, bool *is_meter, bool *is_below)
{
    uint64_t words[3];
    int32_t code = keyvm_ask_words(meter_key, KEYVM_METER_ORDER_VERIFY, key, KEYVM_NO_KEY, words);
    if (code == KEYVM_OK) *is_meter = words[0] != 0;
    if (code == KEYVM_OK) *is_below = words[2] != 0;
    return code;
}

#endif
