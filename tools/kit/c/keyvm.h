// The imports of module "keyvm" in C: how a program uses the keys in its registers. A process has 32, 0 to 31, and begins with the
// console's three streams, clock, entropy and timer in 0 to 5; others are put there by whoever runs it or sends them.
//
// A call to another process, with a number and a string, and its answer:
//
//     struct keyvm_message ask = keyvm_order(ADD);
//     ask.words[0] = 7;
//     struct keyvm_received answer = keyvm_buffer(text, sizeof text);
//     if (keyvm_call(6, &ask, &answer) == KEYVM_OK) use(answer.words[0]);
//
// A server's loop is `keyvm_serve`, at the end. What the kernel itself serves has functions in <keyvm-keys.h>.
#ifndef KEYVM_H
#define KEYVM_H

#include <stddef.h>
#include <stdint.h>

/// Codes with which the kernel answers; a server answers what it likes, 0 being done.
enum {
    KEYVM_OK = 0,
    KEYVM_VOID = -1,         ///< the key designates nothing, or nobody can answer any more
    KEYVM_NO_ORDER = -2,     ///< this kind of key has no such order
    KEYVM_NO_RIGHT = -3,     ///< the key has no right to it
    KEYVM_BAD_VALUE = -4,    ///< a word or a count has a value that it cannot have
    KEYVM_BAD_ADDRESS = -5,  ///< outside of the memory
    KEYVM_BAD_REGISTER = -6, ///< there is no such register
    KEYVM_WRONG_KEY = -7,    ///< a key of the message is not of the kind that the order needs
    KEYVM_NO_SPACE = -8,     ///< a bank refuses
    KEYVM_ITSELF = -9,       ///< it is a key to this process itself
};

enum {
    KEYVM_NO_KEY = 255,        ///< names no register: void is sent, what comes is dropped
    KEYVM_MOST_BYTES = 65536,  ///< of one message
    KEYVM_KIND = 0,            ///< the order that every key of the kernel takes: word 0 of the reply is its kind
};

/// What is sent. Of a call key 3 is the resume key, whatever is named here.
struct keyvm_message {
    int32_t order;       ///< of a reply its code
    uint8_t keys[4];     ///< registers of the keys that go along
    uint64_t words[3];
    const void *bytes;
    uint32_t count;      ///< at most KEYVM_MOST_BYTES
};

/// What is received: the fields above `words` and those below it say where it is put.
struct keyvm_received {
    int32_t order;       ///< is written: order, or the reply's code
    uint8_t keys[4];     ///< registers into which the keys go
    uint64_t words[3];   ///< is written
    void *buffer;        ///< for the bytes
    uint32_t capacity;
    uint32_t count;      ///< is written: how many bytes were sent; those beyond the capacity are lost
    uint16_t badge;      ///< is written: of the start key by which it came
    uint16_t is_awaited; ///< is written: 1 where somebody waits for a reply, by key 3
};

_Static_assert(sizeof(struct keyvm_message) == 40, "as the kernel reads it");
_Static_assert(sizeof(struct keyvm_received) == 48, "as the kernel writes it");
_Static_assert(offsetof(struct keyvm_message, bytes) == 32 && offsetof(struct keyvm_received, buffer) == 32, "for 32-bit addresses");

#define KEYVM_IMPORT(name) __attribute__((import_module("keyvm"), import_name(name)))

/// Invokes a key and waits for the reply. Answers the reply's code, or what the kernel refuses with.
KEYVM_IMPORT("call") int32_t keyvm_call(uint32_t key, const struct keyvm_message *message, struct keyvm_received *reply);
/// Invokes a key and goes on when the message is delivered.
KEYVM_IMPORT("send") int32_t keyvm_send(uint32_t key, const struct keyvm_message *message);
/// Invokes a key, a resume key mostly, and waits until this process's start key is invoked. With KEYVM_NO_KEY it only waits.
KEYVM_IMPORT("return")
int32_t keyvm_return(uint32_t key, const struct keyvm_message *message, struct keyvm_received *received);
KEYVM_IMPORT("copy") int32_t keyvm_copy(uint32_t from, uint32_t to);
KEYVM_IMPORT("move") int32_t keyvm_move(uint32_t from, uint32_t to);
KEYVM_IMPORT("clear") int32_t keyvm_clear(uint32_t key);
/// Lets the page of a key lie at an address, a multiple of 4,096; KEYVM_NO_KEY: nothing, so that who reads or writes there faults.
KEYVM_IMPORT("map") int32_t keyvm_map(uint32_t page_key, void *address);
/// Lets the memory's own page lie there again, and puts the key to what was mapped into `to`.
KEYVM_IMPORT("unmap") int32_t keyvm_unmap(uint32_t to, void *address);

/// A register as a message names it; a number that none has stays one that none has.
static inline uint8_t keyvm_register(uint32_t number) { return number <= KEYVM_NO_KEY ? (uint8_t)number : KEYVM_NO_KEY - 1; }

/// A message without words, bytes and keys.
static inline struct keyvm_message keyvm_order(int32_t order)
{
    return (struct keyvm_message){
        .order = order, .keys = {KEYVM_NO_KEY, KEYVM_NO_KEY, KEYVM_NO_KEY, KEYVM_NO_KEY}};
}

/// Room for a message whose keys are dropped.
static inline struct keyvm_received keyvm_buffer(void *buffer, uint32_t capacity)
{
    return (struct keyvm_received){
        .keys = {KEYVM_NO_KEY, KEYVM_NO_KEY, KEYVM_NO_KEY, KEYVM_NO_KEY}, .buffer = buffer, .capacity = capacity};
}

#include <keyvm/serve.h>

#endif
