// Sieve of Eratosthenes over bytes, repeated: byte loads and stores in short loops.
static unsigned char composite[2000000];

__attribute__((export_name("run"))) int run(int rounds) {
    int count = 0;
    for (int round = 0; round < rounds; round++) {
        const int limit = 2000000 - round;
        for (int i = 0; i < limit; i++) composite[i] = 0;
        count = 0;
        for (int i = 2; i < limit; i++) {
            if (composite[i]) continue;
            count++;
            for (int j = i + i; j < limit; j += i) composite[j] = 1;
        }
    }
    return count;
}
