// Nodes: 32 slots with keys in them (`specs/keys/node.md`).
#ifndef KEYVM_NODE_H
#define KEYVM_NODE_H

#include <keyvm/ask.h>

/// Rights.
enum {
    KEYVM_NODE_FETCH = 1,
    KEYVM_NODE_STORE = 2,
    KEYVM_NODE_STRONG = 4, ///< without it what is fetched is weakened
};

#define KEYVM_NODE_SLOTS 32

/// Orders.
enum {
    KEYVM_NODE_ORDER_FETCH = 2,
    KEYVM_NODE_ORDER_STORE = 3,
    KEYVM_NODE_ORDER_SWAP = 4,
    KEYVM_NODE_ORDER_NUMBER = 5,
    KEYVM_NODE_ORDER_CLEAR = 6,
    KEYVM_NODE_ORDER_COPY = 7,
    KEYVM_NODE_ORDER_PAIR = 8,
};

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

/// Puts the sealer that this node brands, and its unsealer, into two registers.
static inline int32_t keyvm_node_pair(uint32_t node_key, uint32_t sealer_to, uint32_t unsealer_to)
{
    struct keyvm_message message = keyvm_order(KEYVM_NODE_ORDER_PAIR);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    reply.keys[0] = keyvm_register(sealer_to);
    reply.keys[1] = keyvm_register(unsealer_to);
    return keyvm_call(node_key, &message, &reply);
}

#endif
