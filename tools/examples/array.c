// Fills a static array of 8 MiB and prints the sum of what is in it. A program's static data is there from the beginning and
// is paid for when it is written: in a bank of less it starts, stands still at the store that its bank refuses, and goes on
// from there when the bank has more.
#include <stdint.h>
#include <stdio.h>

static uint32_t numbers[8 << 18];

int main(void)
{
    const size_t count = sizeof(numbers) / sizeof(numbers[0]);
    for (size_t index = 0; index < count; index++)
        numbers[index] = (uint32_t)(index * 2654435761u);
    uint64_t sum = 0;
    for (size_t index = 0; index < count; index++)
        sum += numbers[index];
    printf("the sum of %zu numbers is %llu\n", count, (unsigned long long)sum);
    return 0;
}
