// The loop of a server, a part of <keyvm.h>.
#ifndef KEYVM_SERVE_H
#define KEYVM_SERVE_H

#include <stdbool.h>

/// Answers whoever invokes this process's start keys, for ever. `order` says where their bytes and their first three keys are put, and
/// `caller_register` where the key by which they are answered. `answer` is given an order, and a reply that says KEYVM_OK and nothing
/// else, to be filled; one that the kernel refuses is answered with the code of that. Those four registers are void again when an order is
/// answered: a key that is to be kept, or by which somebody is to be answered later, `answer` moves elsewhere. Comes back only with what
/// the kernel refuses of `order` itself.
static inline int32_t keyvm_serve(
    struct keyvm_received *order, uint32_t caller_register,
    void (*answer)(const struct keyvm_received *order, struct keyvm_message *reply))
{
    struct keyvm_message reply = keyvm_order(KEYVM_OK);
    uint32_t caller = KEYVM_NO_KEY;
    order->keys[3] = keyvm_register(caller_register);
    for (;;) {
        int32_t code = keyvm_return(caller, &reply, order);
        if (code != KEYVM_OK) {
            if (caller == KEYVM_NO_KEY) return code;
            reply = keyvm_order(code);
            keyvm_send(caller, &reply);
            keyvm_clear(caller);
            caller = KEYVM_NO_KEY;
            continue;
        }
        // Who only sends may have sent any key in the place of that.
        if (!order->is_awaited) keyvm_clear(caller_register);
        reply = keyvm_order(KEYVM_OK);
        answer(order, &reply);
        caller = order->is_awaited ? caller_register : KEYVM_NO_KEY;
        bool is_sent = false;
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 3; j++)
                is_sent |= reply.keys[i] != KEYVM_NO_KEY && reply.keys[i] == order->keys[j];
        // What came and goes out again with the reply cannot be cleared while that is waited for, so it is sent before.
        if (is_sent && order->is_awaited) {
            code = keyvm_send(caller_register, &reply);
            if (code != KEYVM_OK && code != KEYVM_VOID) {
                reply = keyvm_order(code);
                keyvm_send(caller_register, &reply);
            }
            keyvm_clear(caller_register);
            caller = KEYVM_NO_KEY;
        }
        for (int i = 0; i < 3; i++)
            if (order->keys[i] != KEYVM_NO_KEY) keyvm_clear(order->keys[i]);
    }
}

#endif
