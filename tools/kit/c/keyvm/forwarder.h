// Forwarders: a key with control says where they lead, one without goes there (`specs/keys/forwarder.md`).
#ifndef KEYVM_FORWARDER_H
#define KEYVM_FORWARDER_H

#include <keyvm/ask.h>

/// Rights.
enum {
    KEYVM_FORWARDER_CONTROL = 1, ///< without it a key invokes what the forwarder leads to
};

/// Orders.
enum {
    KEYVM_FORWARDER_ORDER_RETARGET = 2,
    KEYVM_FORWARDER_ORDER_BLOCK = 3,
    KEYVM_FORWARDER_ORDER_UNBLOCK = 4,
    KEYVM_FORWARDER_ORDER_TARGET = 5,
};

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
