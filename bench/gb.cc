#include "gb.h"

#include <benchmark/benchmark.h>

#ifndef GB_VERSION
#define GB_VERSION "unknown"
#endif

namespace
{

// Our own table and result file report; Google Benchmark's reporter stays silent.
class Silent : public benchmark::BenchmarkReporter
{
  public:
    bool ReportContext(const Context &) override { return true; }
    void ReportRuns(const std::vector<Run> &runs) override
    {
        for (const Run &run : runs) ran += run.error_occurred ? 0 : 1;
    }
    size_t ran = 0;
};

void drive(benchmark::State &state, const gb_case &c)
{
    if (!c.open(c.ctx)) {
        state.SkipWithError("nothing to time");
        return;
    }
    bool more = true;
    // The number of rounds is the sampler's to decide: Google Benchmark is given more iterations
    // than any case takes and leaves the loop when the sampler is done.
    while (more && state.KeepRunning()) {
        double seconds = 0.0;
        more = c.round(c.ctx, &seconds);
        benchmark::ClobberMemory();
        if (more) state.SetIterationTime(seconds);
    }
    // Google Benchmark insists that the loop ends by itself: let the rest of the iterations pass.
    while (state.KeepRunning()) state.SetIterationTime(0.0);
    c.close(c.ctx);
}

} // namespace

extern "C" size_t gb_run(const gb_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const gb_case c = cases[i];
        benchmark::RegisterBenchmark(c.name, [c](benchmark::State &state) { drive(state, c); })
            ->UseManualTime()
            ->Iterations(GB_ROUNDS_MAX);
    }
    Silent silent;
    benchmark::RunSpecifiedBenchmarks(&silent);
    benchmark::ClearRegisteredBenchmarks();
    return silent.ran;
}

extern "C" const char *gb_version(void)
{
    return GB_VERSION;
}
