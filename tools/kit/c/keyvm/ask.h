// What all kinds of keys have in common that the kernel serves: each function makes one call and answers its code, KEYVM_OK or what the
// kernel refuses with. Parameters that name registers end in `key`, or say into which one a key goes.
#ifndef KEYVM_ASK_H
#define KEYVM_ASK_H

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

/// Of words that set something: there is no limit; what is there stays.
#define KEYVM_NO_LIMIT UINT64_MAX
#define KEYVM_UNCHANGED (UINT64_MAX - 1)

enum {
    KEYVM_WEAKEN = 1, ///< of pages, nodes, processes, banks, meters, forwarders and checkpoints
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

/// One call with up to two keys, whose reply brings words and nothing else. They are written where the code is KEYVM_OK.
static inline int32_t keyvm_ask_words(uint32_t key, int32_t order, uint32_t with, uint32_t with_too, uint64_t words[3])
{
    struct keyvm_message message = keyvm_order(order);
    message.keys[0] = keyvm_register(with);
    message.keys[1] = keyvm_register(with_too);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    int32_t code = keyvm_call(key, &message, &reply);
    if (code == KEYVM_OK) memcpy(words, reply.words, sizeof reply.words);
    return code;
}

/// Puts into `to` the same key, to a page, node, process, bank, meter, forwarder or checkpoint, without some of its rights.
static inline int32_t keyvm_weaken(uint32_t key, uint64_t rights, uint32_t to)
{
    return keyvm_ask(key, KEYVM_WEAKEN, rights, 0, KEYVM_NO_KEY, to);
}

/// What a key is which the kernel serves: the order that all of them take.
static inline int32_t keyvm_kind_of(uint32_t key, enum keyvm_kind *kind)
{
    uint64_t words[3];
    int32_t code = keyvm_ask_words(key, KEYVM_KIND, KEYVM_NO_KEY, KEYVM_NO_KEY, words);
    if (code == KEYVM_OK) *kind = (enum keyvm_kind)words[0];
    return code;
}

#endif
