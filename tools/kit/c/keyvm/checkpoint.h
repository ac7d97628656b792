// When what was done is durable, and having it made so (`specs/keys/checkpoint.md`).
#ifndef KEYVM_CHECKPOINT_H
#define KEYVM_CHECKPOINT_H

#include <keyvm/ask.h>

/// Rights.
enum {
    KEYVM_CHECKPOINT_MAKE = 1,
};

/// Orders.
enum {
    KEYVM_CHECKPOINT_ORDER_WAIT = 2,
    KEYVM_CHECKPOINT_ORDER_MAKE = 3,
};

/// Comes back when all that came before it in this world is durable: whatever happens to the host, the world comes at least as far as here.
static inline int32_t keyvm_checkpoint_wait(uint32_t checkpoint_key)
{
    return keyvm_ask(checkpoint_key, KEYVM_CHECKPOINT_ORDER_WAIT, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

/// Makes a checkpoint, and comes back when it is durable. `number`: where its number goes; NULL: nowhere.
static inline int32_t keyvm_checkpoint_make(uint32_t checkpoint_key, uint64_t *number)
{
    uint64_t words[3];
    int32_t code = keyvm_ask_words(checkpoint_key, KEYVM_CHECKPOINT_ORDER_MAKE, KEYVM_NO_KEY, KEYVM_NO_KEY, words);
    if (code == KEYVM_OK && number) *number = words[0];
    return code;
}

#endif
