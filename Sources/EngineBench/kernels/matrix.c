// Product of square matrices of doubles: two loads, a multiplication and an addition in the inner loop.
enum { N = 160 };
static double x[N][N], y[N][N], z[N][N];

__attribute__((export_name("run"))) int run(int rounds) {
    double sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            x[i][j] = i * 0.5 + j;
            y[i][j] = i - j * 0.25;
        }
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                double s = 0;
                for (int k = 0; k < N; k++) s += x[i][k] * y[k][j];
                z[i][j] = s;
            }
        sum += z[round % N][(round * 7) % N];
        x[round % N][0] += 1;
    }
    return (int)(long long)sum;
}
