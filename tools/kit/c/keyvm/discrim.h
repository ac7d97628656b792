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
    uint64_t words[3];
    int32_t code = keyvm_ask_words(number_key, KEYVM_NUMBER_VALUE, KEYVM_NO_KEY, KEYVM_NO_KEY, words);
    if (code == KEYVM_OK) *value = words[0];
    return code;
}

/// Kind and rights of a key, which is not invoked.
static inline int32_t keyvm_classify(uint32_t discrim_key, uint32_t key, enum keyvm_kind *kind, uint8_t *rights)
{
    uint64_t words[3];
    int32_t code = keyvm_ask_words(discrim_key, KEYVM_DISCRIM_CLASSIFY, key, KEYVM_NO_KEY, words);
    if (code == KEYVM_OK) *kind = (enum keyvm_kind)words[0];
    if (code == KEYVM_OK) *rights = (uint8_t)words[1];
    return code;
}

/// Whether both keys are the same: kind, rights, badge and what they designate.
static inline int32_t keyvm_compare(uint32_t discrim_key, uint32_t key, uint32_t other_key, bool *are_same)
{
    uint64_t words[3];
    int32_t code = keyvm_ask_words(discrim_key, KEYVM_DISCRIM_COMPARE, key, other_key, words);
    if (code == KEYVM_OK) *are_same = words[0] != 0;
    return code;
}

/// Whether nothing can be told to anybody by a key.
static inline int32_t keyvm_discreet(uint32_t discrim_key, uint32_t key, bool *is_discreet)
{
    uint64_t words[3];
    int32_t code = keyvm_ask_words(discrim_key, KEYVM_DISCRIM_DISCREET, key, KEYVM_NO_KEY, words);
    if (code == KEYVM_OK) *is_discreet = words[0] != 0;
    return code;
}

#endif
