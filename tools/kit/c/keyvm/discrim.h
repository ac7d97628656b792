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

/// Whether both keys are the same: kind, rights, badge and what they designate.
static inline int32_t keyvm_compare(uint32_t discrim_key, uint32_t key, uint32_t other_key, bool *are_same)
{
    struct keyvm_message message = keyvm_order(KEYVM_DISCRIM_COMPARE);
    message.keys[0] = keyvm_register(key);
    message.keys[1] = keyvm_register(other_key);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    int32_t code = keyvm_call(discrim_key, &message, &reply);
    if (code == KEYVM_OK) *are_same = reply.words[0] != 0;
    return code;
}

/// Whether nothing can be told to anybody by a key.
static inline int32_t keyvm_discreet(uint32_t discrim_key, uint32_t key, bool *is_discreet)
{
    struct keyvm_message message = keyvm_order(KEYVM_DISCRIM_DISCREET);
    message.keys[0] = keyvm_register(key);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    int32_t code = keyvm_call(discrim_key, &message, &reply);
    if (code == KEYVM_OK) *is_discreet = reply.words[0] != 0;
    return code;
}

#endif
