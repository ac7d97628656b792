// What the C kit answers of keys: 6 a bank, 7 a discrim, 8 the number 42, 9 a process that waits, 10 a meter; and of the console.
#include <inttypes.h>
#include <keyvm-keys.h>
#include <stdio.h>

static int32_t failed;

/// Notes the first refusal.
static void check(int32_t code)
{
    if (failed == KEYVM_OK) failed = code;
}

int main(void)
{
    enum keyvm_kind kind;
    uint8_t rights;
    uint64_t value, height, slots[4];
    bool is_it, is_below;
    struct keyvm_position position;
    check(keyvm_number(8, &value));
    printf("number %" PRIu64 "\n", value);
    check(keyvm_kind_of(6, &kind));
    printf("kind %d\n", (int)kind);
    check(keyvm_classify(7, 10, &kind, &rights));
    printf("classify %d %d\n", (int)kind, rights);
    check(keyvm_compare(7, 6, 6, &is_it));
    check(keyvm_compare(7, 6, 10, &is_below));
    printf("compare %d %d\n", is_it, is_below);
    check(keyvm_discreet(7, 8, &is_it));
    check(keyvm_discreet(7, 6, &is_below));
    printf("discreet %d %d\n", is_it, is_below);
    check(keyvm_bank_verify(6, 6, &is_it, &is_below));
    printf("bank %d %d\n", is_it, is_below);
    check(keyvm_meter_verify(10, 6, &is_it, &is_below));
    printf("meter %d %d", is_it, is_below);
    check(keyvm_meter_verify(10, 10, &is_it, &is_below));
    printf(" %d %d\n", is_it, is_below);
    check(keyvm_process_position(9, &position));
    check(keyvm_process_stack(9, 0, slots, 4, &height));
    printf("stands %d %d\n", position.offset > 0, height > 0);
    is_it = true;
    printf("refused %" PRId32, keyvm_compare(8, 6, 6, &is_it));
    // What is refused has written nothing.
    printf(" %d\n", is_it);
    return -failed;
}
