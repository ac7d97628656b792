/* Heap, deep recursion, globals, function pointers, floating point and printf, for some eighty million instructions. Prints
   the same on every machine: work.log is what it printed after `clang -O1 -ffp-contract=off work.c` on x86-64 Linux. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct item {
    struct item *next;
    unsigned key;
    char text[40];
};

static struct item *table[257];
static unsigned state = 12345, live;
static double mean;

static unsigned next(void) { return state = state * 1664525u + 1013904223u; }

static void put(unsigned key) {
    struct item *item = malloc(sizeof *item);
    item->key = key;
    snprintf(item->text, sizeof item->text, "item %u", key);
    item->next = table[key % 257];
    table[key % 257] = item;
    live++;
}

static void take(unsigned slot) {
    struct item *item = table[slot];
    if (!item) return;
    table[slot] = item->next;
    free(item);
    live--;
}

static unsigned deep(unsigned depth, unsigned sum) {
    volatile unsigned kept[8] = {depth, sum};
    if (depth == 0) return sum;
    unsigned below = deep(depth - 1, sum * 31 + kept[0]);
    return below ^ kept[1] ^ depth;
}

static int smaller(const void *a, const void *b) {
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return x < y ? -1 : x > y;
}

int main(void) {
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 100; i++) put(next() >> 8);
        for (int i = 0; i < 70; i++) take((next() >> 8) % 257);
        unsigned count = 500 + round, *numbers = malloc(count * sizeof *numbers);
        for (unsigned i = 0; i < count; i++) numbers[i] = next();
        qsort(numbers, count, sizeof *numbers, smaller);
        mean = mean * 0.75 + numbers[count / 2] / 3.0;
        unsigned sum = 0;
        for (int i = 0; i < 257; i++)
            for (struct item *item = table[i]; item; item = item->next) sum += item->key ^ (unsigned)strlen(item->text);
        printf("round %d: %u live, sum %08x, deep %08x, mean %.6e\n", round, live, sum, deep(600, round), mean);
        fflush(stdout);
        free(numbers);
    }
    return 0;
}
