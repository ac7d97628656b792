// A factory: makes processes of one program, and says before it makes one what that could tell others. Registers: 6 a bank, by which others'
// are told genuine; 7 a discrim; 8 a process whose code the products have; 9 a key to the factory itself. A builder's start key has
// badge 1, a requestor's any other.
//
// | order | whose | arguments | reply |
// |---|---|---|---|
// | 1 install | builder's | word 0: register; key 0: what each product has there | word 0: 1 where it is a hole: not discreet |
// | 2 seal | builder's | | nothing is installed any more, products are made |
// | 3 holes | | | word 0: how many there are; word 1: 1 where it is sealed |
// | 4 make | | key 0: a bank, key 1: a meter, which the product lives on | key 0: a start key of the product |
//
// Codes: -3 it is not the builder's; 2001 it is sealed; 2002 it is not sealed; 2003 the bank is none that the kernel knows, or has too
// little; others as the kernel refuses.
#include <inttypes.h>
#include <keyvm-keys.h>
#include <stdio.h>

enum { BANK = 6, DISCRIM = 7, MODEL = 8, SELF = 9, PARTS = 10, FIRST = 12, SECOND = 13, CALLER = 15, PRODUCT = 16, PART = 17, ENTRY = 18 };
enum { INSTALL = 1, SEAL = 2, HOLES = 3, MAKE = 4, BUILDER = 1, SLOTS = 32 };
enum { SEALED = 2001, NOT_SEALED = 2002, NO_BANK = 2003 };

static bool is_installed[SLOTS], is_hole[SLOTS], is_sealed;

/// Whether nothing can be told to anybody by the key in a register.
static int32_t discreet(uint32_t key, bool *answer)
{
    struct keyvm_message message = keyvm_order(KEYVM_DISCRIM_DISCREET);
    message.keys[0] = keyvm_register(key);
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    int32_t code = keyvm_call(DISCRIM, &message, &reply);
    if (code == KEYVM_OK) *answer = reply.words[0] != 0;
    return code;
}

static int32_t install(uint64_t number, struct keyvm_message *reply)
{
    if (is_sealed) return SEALED;
    if (number >= SLOTS) return KEYVM_BAD_VALUE;
    bool is_discreet;
    int32_t code = discreet(FIRST, &is_discreet);
    if (code == KEYVM_OK) code = keyvm_node_store(PARTS, (uint32_t)number, FIRST);
    if (code != KEYVM_OK) return code;
    is_installed[number] = true;
    reply->words[0] = is_hole[number] = !is_discreet;
    return KEYVM_OK;
}

/// Makes a product of the bank in FIRST on the meter in SECOND; its start key is in ENTRY.
static int32_t make(void)
{
    if (!is_sealed) return NOT_SEALED;
    bool is_bank, is_below;
    // Whoever gives a bank of his own making would see into what lives in it.
    if (keyvm_bank_verify(BANK, FIRST, &is_bank, &is_below) != KEYVM_OK || !is_bank) return NO_BANK;
    int32_t code = keyvm_bank_process_like(FIRST, SECOND, MODEL, NULL, 0, PRODUCT);
    if (code == KEYVM_NO_SPACE) return NO_BANK;
    for (uint32_t number = 0; number < SLOTS && code == KEYVM_OK; number++) {
        if (!is_installed[number]) continue;
        code = keyvm_node_fetch(PARTS, number, PART);
        if (code == KEYVM_OK) code = keyvm_process_store(PRODUCT, number, PART);
    }
    if (code == KEYVM_OK) code = keyvm_process_invite(PRODUCT, 0, ENTRY);
    if (code == KEYVM_OK) code = keyvm_process_start(PRODUCT);
    if (code != KEYVM_OK && keyvm_process_end(PRODUCT) == KEYVM_OK) keyvm_process_remove(PRODUCT);
    // Nobody keeps a key to what the product is, the factory least of all.
    keyvm_clear(PRODUCT);
    keyvm_clear(PART);
    return code;
}

static int32_t serve(const struct keyvm_received *asked, struct keyvm_message *reply)
{
    switch (asked->order) {
    case INSTALL: return asked->badge == BUILDER ? install(asked->words[0], reply) : KEYVM_NO_RIGHT;
    case SEAL:
        if (asked->badge != BUILDER) return KEYVM_NO_RIGHT;
        is_sealed = true;
        return KEYVM_OK;
    case HOLES:
        for (int number = 0; number < SLOTS; number++) reply->words[0] += is_installed[number] && is_hole[number];
        reply->words[1] = is_sealed;
        return KEYVM_OK;
    case MAKE: {
        int32_t code = make();
        if (code == KEYVM_OK) reply->keys[0] = ENTRY;
        return code;
    }
    default: return KEYVM_NO_ORDER;
    }
}

static void answer(const struct keyvm_received *asked, struct keyvm_message *reply)
{
    // Of what was asked for before nothing is kept.
    keyvm_clear(ENTRY);
    reply->order = serve(asked, reply);
}

int main(void)
{
    int32_t code = keyvm_bank_buy(BANK, KEYVM_NODE, PARTS);
    if (code != KEYVM_OK) {
        fprintf(stderr, "register %d is to hold a bank: %" PRId32 "\n", BANK, code);
        return 1;
    }
    struct keyvm_received asked = keyvm_buffer(NULL, 0);
    asked.keys[0] = FIRST;
    asked.keys[1] = SECOND;
    return keyvm_serve(&asked, CALLER, answer) == KEYVM_OK ? 0 : 1;
}
