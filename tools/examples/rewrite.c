// Rewrites a large memory page by page: rewrite [MEBIBYTES [ROUNDS [WAIT]]], 64 MiB and 3 rounds by default. Each round
// gives every page new numbers, and the next round checks them before it changes them; exit code 1 at the first that is
// wrong. With WAIT it then reads a line, sums the first MiB again, and says so: to see what is brought in after a boot.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 4096, WORDS = PAGE / sizeof(uint64_t) };

/// The number that word `word` of page `page` has after round `round`.
static uint64_t number(uint64_t page, uint64_t word, uint64_t round)
{
    uint64_t x = (page * WORDS + word) * 0x9E3779B97F4A7C15u + round;
    x ^= x >> 29;
    return x * 0xBF58476D1CE4E5B9u;
}

int main(int argc, char **argv)
{
    const size_t mebibytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 64;
    const uint64_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 3;
    const size_t pages = (mebibytes << 20) / PAGE;
    uint64_t (*memory)[WORDS] = calloc(pages, PAGE);
    if (pages == 0 || memory == NULL) {
        fprintf(stderr, "rewrite: no memory for %zu MiB\n", mebibytes);
        return 1;
    }
    for (uint64_t round = 1; round <= rounds; round++) {
        uint64_t sum = 0;
        for (size_t page = 0; page < pages; page++) {
            // Three words of a page are enough to make it another page.
            for (size_t word = 0; word < WORDS; word += WORDS / 2 - 1) {
                const uint64_t before = round == 1 ? 0 : number(page, word, round - 1);
                if (memory[page][word] != before) {
                    printf("round %llu: page %zu is wrong\n", (unsigned long long)round, page);
                    return 1;
                }
                sum += memory[page][word] = number(page, word, round);
            }
        }
        printf("round %llu: %zu pages, sum %016llx\n", (unsigned long long)round, pages, (unsigned long long)sum);
        fflush(stdout);
    }
    if (argc > 3) {
        char line[64];
        if (fgets(line, sizeof line, stdin) == NULL) return 1;
        uint64_t sum = 0;
        for (size_t page = 0; page < (1 << 20) / PAGE && page < pages; page++) sum += memory[page][0];
        printf("the first MiB again: sum %016llx\n", (unsigned long long)sum);
    }
    return 0;
}
