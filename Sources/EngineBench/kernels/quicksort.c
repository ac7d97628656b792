// Quicksort of integers with the comparison through a function pointer: calls, indirect calls, swaps in memory.
enum { N = 200000 };
static int values[N];
typedef int (*comparison)(int, int);
static int ascending(int x, int y) { return x < y; }
static int descending(int x, int y) { return x > y; }
static comparison volatile comparisons[2] = {ascending, descending};

static __attribute__((noinline)) void sort(int *low, int *high, comparison before) {
    while (low < high) {
        int pivot = low[(high - low) / 2], *i = low, *j = high;
        while (i <= j) {
            while (before(*i, pivot)) i++;
            while (before(pivot, *j)) j--;
            if (i <= j) {
                int swapped = *i;
                *i++ = *j;
                *j-- = swapped;
            }
        }
        if (j - low < high - i) {
            sort(low, j, before);
            low = i;
        } else {
            sort(i, high, before);
            high = j;
        }
    }
}

__attribute__((export_name("run"))) int run(int rounds) {
    unsigned seed = 12345;
    int check = 0;
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < N; i++) values[i] = (int)((seed = seed * 1664525 + 1013904223) >> 8);
        sort(values, values + N - 1, comparisons[round & 1]);
        check = check * 31 + values[round * 97 % N];
    }
    return check;
}
