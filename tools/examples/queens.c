// Places N queens on a board of N by N so that none attacks another, in every way there is: queens [N [LINES]]
// (13 and about 50 by default). An ordinary program, whose three places of memory all matter at every step:
//   stack    the board: a queen is a local variable of one call of `place`, linked to those of the calls above it
//   heap     every solution found so far, each an allocation of its own in a linked list
//   globals  what was counted: queens tried, the deepest row, the list's head and length
// Each line walks the whole list and the whole board into its checksum, so it is right only if all three are.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { largestBoard = 16 };

struct Queen {
    int row, column;
    const struct Queen *above;
};

struct Solution {
    struct Solution *previous;
    uint8_t columns[];
};

static int size = 13;
static unsigned long lines = 50;
static uint64_t tried;
static unsigned long found, nextLine = 1;
static struct Solution *newest;

/// How many solutions there are, for boards of 0 to 16: OEIS A000170.
static const unsigned long solutions[largestBoard + 1] = {
    1, 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2680, 14200, 73712, 365596, 2279184, 14772512,
};

/// FNV-1a, one byte.
static uint32_t mix(uint32_t hash, unsigned byte) { return (hash ^ byte) * 16777619u; }

/// A checksum of every solution on the heap and of the queens on the stack.
static uint32_t checksum(const struct Queen *board)
{
    uint32_t hash = 2166136261u;
    for (const struct Solution *solution = newest; solution != NULL; solution = solution->previous)
        for (int row = 0; row < size; row++) hash = mix(hash, solution->columns[row]);
    for (; board != NULL; board = board->above) hash = mix(hash, (unsigned)board->column);
    return hash;
}

/// Keeps a full board on the heap, and writes a line for every LINES-th part of all solutions.
static void keep(const struct Queen *board)
{
    struct Solution *solution = malloc(sizeof *solution + (size_t)size);
    if (solution == NULL) {
        fputs("queens: out of memory\n", stderr);
        exit(1);
    }
    for (const struct Queen *queen = board; queen != NULL; queen = queen->above)
        solution->columns[queen->row] = (uint8_t)(queen->column + 1);
    solution->previous = newest;
    newest = solution;
    found++;
    if ((uint64_t)found * lines < (uint64_t)nextLine * solutions[size]) return;
    printf("%2lu. solution %lu:", nextLine++, found);
    for (int row = 0; row < size; row++) printf(" %d", solution->columns[row]);
    printf(" (tried %llu, checksum %08x)\n", (unsigned long long)tried, (unsigned)checksum(board));
}

/// Tries every column of `row`; the queens above stand in the calls that led here.
static void place(int row, const struct Queen *above)
{
    if (row == size) {
        keep(above);
        return;
    }
    struct Queen queen = {.row = row, .above = above};
    for (queen.column = 0; queen.column < size; queen.column++) {
        tried++;
        const struct Queen *other = above;
        for (; other != NULL; other = other->above) {
            const int columns = abs(other->column - queen.column);
            if (columns == 0 || columns == row - other->row) break;
        }
        if (other == NULL) place(row + 1, &queen);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1) size = atoi(argv[1]);
    if (argc > 2) lines = strtoul(argv[2], NULL, 10);
    if (size < 4 || size > largestBoard || lines == 0) {
        fprintf(stderr, "usage: queens [N [LINES]], N from 4 to %d\n", largestBoard);
        return 2;
    }
    if (lines > solutions[size]) lines = solutions[size];
    place(0, NULL);
    printf("%d queens: %lu solutions, %llu tried, checksum %08x\n", size, found, (unsigned long long)tried,
        (unsigned)checksum(NULL));
    while (newest != NULL) {
        struct Solution *solution = newest;
        newest = solution->previous;
        free(solution);
    }
    return found == solutions[size] ? 0 : 1;
}
