// Pages: 4,096 bytes that a bank sold (`specs/keys/page.md`).
#ifndef KEYVM_PAGE_H
#define KEYVM_PAGE_H

#include <keyvm/ask.h>

/// Rights.
enum {
    KEYVM_PAGE_READ = 1,
    KEYVM_PAGE_WRITE = 2,
};

#define KEYVM_PAGE_BYTES 4096

/// Orders.
enum {
    KEYVM_PAGE_ORDER_READ = 2,
    KEYVM_PAGE_ORDER_WRITE = 3,
    KEYVM_PAGE_ORDER_CLEAR = 4,
};

/// Bytes of a page, from one of them on.
static inline int32_t keyvm_page_read(uint32_t page_key, uint32_t from, void *bytes, uint32_t count)
{
    struct keyvm_message message = keyvm_order(KEYVM_PAGE_ORDER_READ);
    message.words[0] = from;
    message.words[1] = count;
    struct keyvm_received reply = keyvm_buffer(bytes, count);
    return keyvm_call(page_key, &message, &reply);
}

static inline int32_t keyvm_page_write(uint32_t page_key, uint32_t at, const void *bytes, uint32_t count)
{
    struct keyvm_message message = keyvm_order(KEYVM_PAGE_ORDER_WRITE);
    message.words[0] = at;
    message.bytes = bytes;
    message.count = count;
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    return keyvm_call(page_key, &message, &reply);
}

static inline int32_t keyvm_page_clear(uint32_t page_key)
{
    return keyvm_ask(page_key, KEYVM_PAGE_ORDER_CLEAR, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

#endif
