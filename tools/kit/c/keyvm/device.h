// Devices: consoles, which are processes' own, clock, entropy and timer (`specs/keys/device.md`). WASI reaches those in registers 0 to 5.
#ifndef KEYVM_DEVICE_H
#define KEYVM_DEVICE_H

#include <keyvm/ask.h>

/// Orders.
enum {
    KEYVM_DEVICE_ORDER_WRITE = 1,
    KEYVM_DEVICE_ORDER_READ = 2,
    KEYVM_DEVICE_ORDER_WAIT = 3,
};

/// Writes to the log of whose console it is. `written`: how many of the bytes are in it.
static inline int32_t keyvm_console_write(uint32_t console_key, const void *bytes, uint32_t count, uint32_t *written)
{
    struct keyvm_message message = keyvm_order(KEYVM_DEVICE_ORDER_WRITE);
    message.bytes = bytes;
    message.count = count < KEYVM_MOST_BYTES ? count : KEYVM_MOST_BYTES;
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    int32_t code = keyvm_call(console_key, &message, &reply);
    if (code == KEYVM_OK) *written = (uint32_t)reply.words[0];
    return code;
}

/// Reads what is there of a console's input. `count`: how many bytes came; `has_ended`: whether no more will come than is there.
static inline int32_t keyvm_console_read(uint32_t console_key, void *buffer, uint32_t capacity, uint32_t *count, bool *has_ended)
{
    struct keyvm_message message = keyvm_order(KEYVM_DEVICE_ORDER_READ);
    message.words[0] = capacity < KEYVM_MOST_BYTES ? capacity : KEYVM_MOST_BYTES;
    struct keyvm_received reply = keyvm_buffer(buffer, (uint32_t)message.words[0]);
    int32_t code = keyvm_call(console_key, &message, &reply);
    if (code == KEYVM_OK) *count = reply.count;
    if (code == KEYVM_OK) *has_ended = reply.words[1] != 0;
    return code;
}

/// Waits until there is something to read on this process's own console, or its input has ended.
static inline int32_t keyvm_console_wait(uint32_t console_key)
{
    return keyvm_ask(console_key, KEYVM_DEVICE_ORDER_WAIT, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

/// Nanoseconds since 1970, and of the world's clock, which stands still while nobody runs the world.
static inline int32_t keyvm_clock_read(uint32_t clock_key, uint64_t *realtime, uint64_t *monotonic)
{
    struct keyvm_message message = keyvm_order(KEYVM_DEVICE_ORDER_READ);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    int32_t code = keyvm_call(clock_key, &message, &reply);
    if (code == KEYVM_OK) *realtime = reply.words[0];
    if (code == KEYVM_OK) *monotonic = reply.words[1];
    return code;
}

/// Waits until a moment of the world's clock.
static inline int32_t keyvm_timer_wait(uint32_t timer_key, uint64_t monotonic)
{
    return keyvm_ask(timer_key, KEYVM_DEVICE_ORDER_WAIT, monotonic, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

/// At most 4,096 bytes that nobody foresees.
static inline int32_t keyvm_entropy_read(uint32_t entropy_key, void *bytes, uint32_t count)
{
    struct keyvm_message message = keyvm_order(KEYVM_DEVICE_ORDER_READ);
    message.words[0] = count;
    struct keyvm_received reply = keyvm_buffer(bytes, count);
    return keyvm_call(entropy_key, &message, &reply);
}

#endif
