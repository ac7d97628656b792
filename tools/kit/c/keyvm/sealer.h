// Sealers: what is sealed goes through anybody's hands, and comes out by the unsealer of the pair (`specs/keys/sealer.md`).
#ifndef KEYVM_SEALER_H
#define KEYVM_SEALER_H

#include <keyvm/ask.h>

/// Orders.
enum {
    KEYVM_SEALER_ORDER_SEAL = 1,
    KEYVM_UNSEALER_ORDER_UNSEAL = 1,
};

/// Seals a key in a box, whose key goes into `to`, made of a node with all rights: what that holds is gone.
static inline int32_t keyvm_seal(uint32_t sealer_key, uint32_t key, uint32_t node_key, uint32_t to)
{
    struct keyvm_message message = keyvm_order(KEYVM_SEALER_ORDER_SEAL);
    message.keys[0] = keyvm_register(key);
    message.keys[1] = keyvm_register(node_key);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    reply.keys[0] = keyvm_register(to);
    return keyvm_call(sealer_key, &message, &reply);
}

/// Puts what is in a box into `to`.
static inline int32_t keyvm_unseal(uint32_t unsealer_key, uint32_t box_key, uint32_t to)
{
    return keyvm_ask(unsealer_key, KEYVM_UNSEALER_ORDER_UNSEAL, 0, 0, box_key, to);
}

#endif
