// Numbers, and what keys are (`specs/keys/discrim.md`).
#ifndef KEYVM_DISCRIM_H
#define KEYVM_DISCRIM_H

#include <keyvm/ask.h>

/// Orders.
enum {
    KEYVM_NUMBER_VALUE = 1,
    KEYVM_DISCRIM_CLASSIFY = 1,
    KEYVM_DISCRIM_COMPARE = 2,
    KEYVM_DISCRIM_DISCREET = 3,
};

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

#endif
