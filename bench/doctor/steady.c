#include "steady.h"

#include "base/clock.h"
#include "kernel.h"
#include "measure/roofs_simd.h"
#include "measure/stats.h"

enum { PARTS_MOST = 1000, PARTS_LEAST = 8 };
static const double PART_NS = 4e6;

struct loop {
    roof_fma_fn *run;
    double flops; /* a step */
};

static struct loop widest(void)
{
    if (kernel_set(ISA_AVX512) && !kernel_set_emulated(ISA_AVX512))
        return (struct loop){roof_fma_avx512, 32.0 * ROOF_CHAINS_AVX512};
    if (kernel_set(ISA_AVX2)) return (struct loop){roof_fma_avx2, 32.0 * ROOF_CHAINS_AVX2};
    return (struct loop){0};
}

static double cpu_ns(const struct loop *loop, size_t steps)
{
    static float x[16 * ROOF_CHAINS_AVX512];
    static volatile float sink;
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) x[i] = 0.5f;
    const double from = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    sink = loop->run(steps, x);
    (void)sink;
    return clock_ns(CLOCK_THREAD_CPUTIME_ID) - from;
}

void steady_measure(double seconds, struct steady *s)
{
    const struct loop loop = widest();
    double speed[PARTS_MOST];
    size_t steps = 1, n = 0;
    *s = (struct steady){.parts = 0};
    if (!loop.run) return;
    while (cpu_ns(&loop, steps) < PART_NS) steps *= 2;
    const double until = clock_seconds() + seconds;
    while (n < PARTS_MOST && (n < PARTS_LEAST || clock_seconds() < until))
        speed[n++] = loop.flops * (double)steps / cpu_ns(&loop, steps);
    const size_t quarter = n / 4;
    s->parts = n;
    s->gflops = stats_median(speed, n);
    s->spread = (stats_quantile(speed, n, 0.95) - stats_quantile(speed, n, 0.05)) / s->gflops;
    s->drift = stats_median(speed + n - quarter, quarter) / stats_median(speed, quarter) - 1.0;
}
