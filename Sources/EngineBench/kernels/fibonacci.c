// Fibonacci numbers by double recursion: nothing but calls and returns.
static __attribute__((noinline)) unsigned fibonacci(unsigned n) {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

__attribute__((export_name("run"))) int run(int rounds) {
    unsigned sum = 0;
    for (int round = 0; round < rounds; round++) sum += fibonacci(27 + (round & 1));
    return (int)sum;
}
