/* A server that is busy while another one answers: passes each order on to the key in register 6, and answers what that replied. */
#include <keyvm.h>

enum { TARGET = 6, CALLER = 11 };

int main(void)
{
    struct keyvm_message reply = keyvm_order(KEYVM_OK);
    struct keyvm_received order = keyvm_buffer(NULL, 0);
    order.keys[3] = CALLER;
    uint32_t caller = KEYVM_NO_KEY;
    while (keyvm_return(caller, &reply, &order) == KEYVM_OK) {
        caller = order.is_awaited ? CALLER : KEYVM_NO_KEY;
        struct keyvm_message asked = keyvm_order(order.order);
        struct keyvm_received answer = keyvm_buffer(NULL, 0);
        for (int i = 0; i < 3; i++) asked.words[i] = order.words[i];
        reply = keyvm_order(keyvm_call(TARGET, &asked, &answer));
        for (int i = 0; i < 3; i++) reply.words[i] = answer.words[i];
    }
    return 1;
}
