/* count: how many instructions the AVX-512 lane takes for each small shape that the benchmarks time.
 *
 * For the emulated processor alone: its time stamp advances by one per instruction, so that a reading
 * is exact and repeats. On a real processor the same readings would be cycles of a clock, hence the
 * refusal there. Prints "COUNT,<case>,<instructions>" lines, one thread, the call adaptor included. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/cpu.h"
#include "kernel.h"

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* Calls that are short beside the time between two interrupts of the guest's timer, 4,000,000
 * instructions: a longer one is never read without an interrupt. */
static const double flops_max = 1.2e6, bytes_max = 6e5;

/* Those of KERNELS, which come first: what is composed has no code of a lane. */
#define ONE(kernel) +1
enum { LANE_KERNELS = 0 KERNELS(ONE) };

static uint64_t tsc(void)
{
    uint32_t lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi)::"memory");
    return (uint64_t)hi << 32 | lo;
}

/* A loop of 2000 instructions takes as many ticks, give or take those around it; a real processor's time
 * stamp follows another clock. */
static bool counts_instructions(void)
{
    for (int i = 0; i < 3; i++) {
        uint64_t n = 1000;
        const uint64_t start = tsc();
        __asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(n)::"cc");
        const uint64_t ticks = tsc() - start;
        if (i > 0 && (ticks < 2000 || ticks > 2020)) return false;
    }
    return true;
}

/* Plain values of both signs: what they are changes no count. */
static void fill(void *data, const struct operand *op)
{
    const size_t bytes = operand_extent(op);
    memset(data, 0, bytes);
    if (op->type != TYPE_F32) return;
    for (size_t i = 0; i < bytes / sizeof(float); i++)
        ((float *)data)[i] = (float)((int)(i * 37 % 101) - 50) / 64.0f;
}

typedef void call_fn(const struct kernel_set *, const struct shape *, void *const[], int);

static void nothing(const struct kernel_set *set, const struct shape *shape, void *const buf[],
                    int threads)
{
    (void)set, (void)shape, (void)buf, (void)threads;
}

/* Never inlined: a compiler that unrolls the loops below would put each reading's two ends elsewhere. */
__attribute__((noinline)) static uint64_t reading(call_fn *call, const struct shape *shape,
                                                  void *const buf[])
{
    const uint64_t start = tsc();
    call(kernel_set(ISA_AVX512), shape, buf, 1);
    return tsc() - start;
}

/* The least of the readings, where it came twice: the others hold an interrupt or the first touch of a
 * page. 0 where it did not. */
static uint64_t least(call_fn *call, const struct shape *shape, void *const buf[])
{
    enum { READINGS = 8 };
    uint64_t ticks = UINT64_MAX;
    int seen = 0;
    for (int i = 0; i < READINGS; i++) {
        const uint64_t now = reading(call, shape, buf);
        if (now > ticks) continue;
        seen = now == ticks ? seen + 1 : 1;
        ticks = now;
    }
    return seen >= 2 ? ticks : 0;
}

static enum status count_case(const struct kernel_spec *spec, const struct shape *shape, bool *same)
{
    struct operand op[OPERANDS_MAX] = {0};
    void *buf[OPERANDS_MAX] = {0};
    struct arena arena = {0};
    char name[192];
    size_t bytes = 0;
    const size_t operands = spec->operands(shape, op);
    case_name(spec, shape, name, sizeof name);
    for (size_t o = 0; o < operands; o++) bytes += arena_bytes(operand_extent(&op[o]), 1);
    const enum status status = arena_open(&arena, bytes, name);
    if (status != STATUS_OK) return status;
    for (size_t o = 0; o < operands; o++) {
        buf[o] = arena_take(&arena, operand_extent(&op[o]), 1);
        fill(buf[o], &op[o]);
    }
    if (spec->prepare) spec->prepare(kernel_set(ISA_AVX512), shape, buf);
    const uint64_t ticks = least(spec->call, shape, buf), empty = least(nothing, shape, buf);
    if (ticks && empty)
        printf("COUNT,%s,%llu\n", name, (unsigned long long)(ticks - empty));
    else
        fprintf(stderr, "count: %s gave no count twice\n", name);
    *same = *same && ticks && empty;
    arena_close(&arena);
    return STATUS_OK;
}

int main(void)
{
    bool same = true;
    if (!kernel_set(ISA_AVX512) || !counts_instructions()) {
        fputs("count: no AVX-512 here, or the time stamp does not count instructions\n", stderr);
        return 1;
    }
    puts("COMPILER," COMPILER);
    for (size_t i = 0; i < LANE_KERNELS; i++) {
        const struct kernel_spec *spec = kernel_specs[i];
        for (size_t s = 0; s < spec->bench_shape_count; s++) {
            const struct shape *shape = &spec->bench_shapes[s];
            if (spec->flops(shape) > flops_max || spec->bytes(shape) > bytes_max) continue;
            if (count_case(spec, shape, &same) == STATUS_OK) continue;
            fprintf(stderr, "count: %s\n", status_text());
            return 1;
        }
    }
    return same ? 0 : 1;
}
