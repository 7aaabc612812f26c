#include "roofs.h"

#include <hwloc.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/par.h"
#include "roofs_simd.h"

enum { REPEATS = 7 };
static const size_t DRAM_MOST = (size_t)128 << 20, L3_TRUSTED = (size_t)64 << 20;
static const double PART_SECONDS =
    1e-3; /* long against the clock, short against the scheduler's slice */

const char *level_name(enum level level)
{
    static const char *const name[LEVEL_COUNT] = {"L1", "L2", "L3", "DRAM"};
    return name[level];
}

const char *bound_name(enum bound bound)
{
    static const char *const name[] = {"fma", "load", "store", "copy", "update", "triad"};
    return name[bound];
}

struct work {
    enum bound loop;
    bool wide, clock;
    size_t floats, times; /* of a member's own buffer; passes over it, or FMA steps */
    float *buffer;
    _Alignas(64) volatile float sink;
    double seconds;
};

/* Of each loop: arrays that the buffer is divided into, and how often their bytes count in a pass. */
static const struct {
    size_t arrays;
    double moves;
} loops[BOUND_COUNT] = {[BOUND_LOAD] = {1, 1.0},
                        [BOUND_STORE] = {1, 1.0},
                        [BOUND_COPY] = {2, 2.0},
                        [BOUND_UPDATE] = {2, 3.0},
                        [BOUND_TRIAD] = {3, 3.0}};

/* Each addition waits for the one before it: a cycle. Of a register, since some cores add constants on the way. */
enum { CYCLES = 64 };
static void count_cycles(size_t times)
{
    size_t x = 0, step = 1;
    for (size_t t = 0; t < times; t++)
        __asm__ volatile(".rept 64\n\tadd %1, %0\n\t.endr" : "+r"(x) : "r"(step) : "cc");
}

static size_t array_floats(enum bound loop, size_t floats)
{
    return floats / (128 * loops[loop].arrays) * 128;
}

static float passes(const struct work *w, float *mine)
{
    if (w->clock) {
        count_cycles(w->times);
        return 0.0f;
    }
    if (w->loop == BOUND_FMA)
        return (w->wide ? roof_fma_avx512 : roof_fma_avx2)(w->times, w->buffer);
    const size_t n = array_floats(w->loop, w->floats);
    float *second = mine + n;
    switch (w->loop) {
    case BOUND_LOAD:
        return (w->wide ? roof_load_avx512 : roof_load_avx2)(mine, n, w->times);
    case BOUND_STORE:
        (w->wide ? roof_store_avx512 : roof_store_avx2)(mine, n, w->times);
        break;
    case BOUND_COPY:
        (w->wide ? roof_copy_avx512 : roof_copy_avx2)(second, mine, n, w->times);
        break;
    case BOUND_UPDATE:
        (w->wide ? roof_update_avx512 : roof_update_avx2)(second, mine, n, w->times);
        break;
    case BOUND_TRIAD:
        (w->wide ? roof_triad_avx512 : roof_triad_avx2)(second + n, mine, second, n, w->times);
        break;
    case BOUND_FMA:
    case BOUND_COUNT:
        break;
    }
    return mine[0];
}

static void member(const struct team *team, void *ctx)
{
    struct work *w = ctx;
    float *mine = w->buffer + (size_t)team->id * w->floats;
    const double from = clock_seconds(); /* no member has begun: one may before another wakes */
    team_barrier(team);
    const float kept = passes(w, mine);
    team_barrier(team);
    if (team->id == 0) {
        w->seconds = clock_seconds() - from;
        w->sink = kept;
    }
}

/* Units (steps or passes) a second and member, the best of several parts. A part is long enough at the highest
 * rate: one that was disturbed says nothing of the length, nor one that the clock did not see. */
static double rate(struct work *w, int threads)
{
    double highest = 0.0, best = 0.0;
    w->times = 1;
    for (int r = 0; r < REPEATS;) {
        par_team(threads, member, w);
        const double now = w->seconds > 0.0 ? (double)w->times / w->seconds : 0.0;
        const bool seen = (highest = fmax(highest, now)) > 0.0;
        if ((!seen || (double)w->times < PART_SECONDS * highest) && w->times < (size_t)1 << 40) {
            w->times *= 2;
        } else {
            best = fmax(best, now);
            r++;
        }
    }
    return best;
}

/* CPUs of many chips report the L3 of them all, virtual ones what they like: the reach of one core is
 * then where the speed of loads falls, from what it is just beyond L2. */
static size_t reach_of_l3(const size_t bytes[])
{
    const double FALL = 0.6;
    size_t reach = 4 * bytes[LEVEL_L2];
    const size_t most = bytes[LEVEL_L3] < DRAM_MOST ? bytes[LEVEL_L3] : DRAM_MOST;
    float *buffer = kernel_set(ISA_AVX2) ? aligned_alloc(4096, most / 4096 * 4096) : NULL;
    double first = 0.0;
    if (!buffer) return bytes[LEVEL_L3];
    for (size_t i = 0; i < most / sizeof *buffer; i++) buffer[i] = 0.5f;
    for (size_t part = reach; part <= most; part *= 2) {
        struct work w = {.loop = BOUND_LOAD, .buffer = buffer, .floats = part / sizeof *buffer};
        const double speed = rate(&w, 1) * (double)part;
        if (part == reach) first = speed;
        if (speed < FALL * first) break;
        reach = part;
    }
    free(buffer);
    return reach;
}

void roofs_open(struct roofs *roofs)
{
    *roofs = (struct roofs){.bytes = {32u << 10, 512u << 10, 8u << 20, SIZE_MAX}};
    roofs->l3_all = roofs->bytes[LEVEL_L3];
    hwloc_topology_t topology;
    if (hwloc_topology_init(&topology)) return;
    if (hwloc_topology_load(topology) == 0) {
        static const hwloc_obj_type_t type[] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE,
                                                HWLOC_OBJ_L3CACHE};
        for (int level = LEVEL_L1; level <= LEVEL_L3; level++) {
            hwloc_obj_t cache = hwloc_get_obj_by_type(topology, type[level], 0);
            if (cache && cache->attr->cache.size) roofs->bytes[level] = cache->attr->cache.size;
        }
        const int l3s = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_L3CACHE);
        roofs->l3_all = roofs->bytes[LEVEL_L3] * (l3s > 1 ? (size_t)l3s : 1);
    }
    hwloc_topology_destroy(topology);
    if (roofs->bytes[LEVEL_L3] > L3_TRUSTED) roofs->bytes[LEVEL_L3] = reach_of_l3(roofs->bytes);
}

/* Twice the L3, but not more than DRAM_MOST. */
static size_t buffer_bytes(const struct roofs *roofs, int threads)
{
    const size_t least = (size_t)threads * roofs->bytes[LEVEL_L2];
    size_t bytes = 2 * roofs->bytes[LEVEL_L3];
    if (bytes > DRAM_MOST) bytes = DRAM_MOST;
    return bytes > least ? bytes : least;
}

size_t roofs_floats(const struct roofs *roofs, enum level level, int threads)
{
    /* Half of a level, so that nothing else need be evicted; the shared L3 is divided. */
    size_t part = level == LEVEL_DRAM ? buffer_bytes(roofs, threads) : roofs->bytes[level] / 2;
    if (level >= LEVEL_L3) part /= (size_t)threads;
    return part / sizeof(float) / 128 * 128;
}

static void measure(struct roof *roof, const struct roofs *roofs, float *buffer)
{
    const bool wide = roof->isa == ISA_AVX512;
    struct work w = {.loop = BOUND_FMA, .wide = wide, .buffer = buffer};
    const double flops = 32.0 * (wide ? ROOF_CHAINS_AVX512 : ROOF_CHAINS_AVX2);
    roof->gflops = 1e-9 * flops * rate(&w, roof->threads) * roof->threads;
    w.clock = true;
    roof->mhz = 1e-6 * CYCLES * rate(&w, roof->threads);
    w.clock = false;
    for (int level = LEVEL_L1; level < LEVEL_COUNT; level++) {
        w.floats = roofs_floats(roofs, (enum level)level, roof->threads);
        for (w.loop = BOUND_LOAD; w.loop < BOUND_COUNT; w.loop++) {
            const size_t n = array_floats(w.loop, w.floats);
            const double gigabytes = 1e-9 * loops[w.loop].moves * (double)(n * sizeof(float));
            roof->gbps[w.loop][level] = gigabytes * roof->threads * rate(&w, roof->threads);
        }
    }
}

const struct roof *roofs_find(const struct roofs *roofs, enum isa isa, int threads)
{
    for (size_t i = 0; i < roofs->count; i++)
        if (roofs->at[i].isa == isa && roofs->at[i].threads == threads) return &roofs->at[i];
    return NULL;
}

const struct roof *roofs_measure(struct roofs *roofs, enum isa isa, int threads)
{
    if ((isa != ISA_AVX2 && isa != ISA_AVX512) || !kernel_set(isa)) return NULL;
    if (kernel_set_emulated(isa)) return NULL;
    const struct roof *known = roofs_find(roofs, isa, threads);
    if (known || roofs->count == ROOFS_MAX) return known;
    const size_t bytes = buffer_bytes(roofs, threads);
    float *buffer = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    if (!buffer) return NULL;
    for (size_t i = 0; i < bytes / sizeof *buffer; i++) buffer[i] = 0.5f + (float)(i % 7) / 16.0f;
    struct roof *roof = &roofs->at[roofs->count];
    *roof = (struct roof){.isa = isa, .threads = threads};
    measure(roof, roofs, buffer);
    free(buffer);
    roofs->count++;
    return roof;
}

void roofs_take_higher(struct roofs *roofs, const struct roofs *again)
{
    for (size_t i = 0; i < roofs->count && i < again->count; i++) {
        struct roof *to = &roofs->at[i];
        const struct roof *from = &again->at[i];
        to->gflops = fmax(to->gflops, from->gflops);
        to->mhz = fmax(to->mhz, from->mhz);
        for (int b = BOUND_LOAD; b < BOUND_COUNT; b++)
            for (int l = 0; l < LEVEL_COUNT; l++)
                to->gbps[b][l] = fmax(to->gbps[b][l], from->gbps[b][l]);
    }
}

static double apart(double a, double b)
{
    return 1.0 - fmin(a, b) / fmax(a, b);
}

double roofs_spread(const struct roofs *one, const struct roofs *other, enum level level)
{
    double most = 0.0;
    for (size_t i = 0; i < one->count && i < other->count; i++) {
        const struct roof *a = &one->at[i], *b = &other->at[i];
        if (level == LEVEL_COUNT) most = fmax(most, apart(a->gflops, b->gflops));
        for (int loop = BOUND_LOAD; loop < BOUND_COUNT && level != LEVEL_COUNT; loop++)
            most = fmax(most, apart(a->gbps[loop][level], b->gbps[loop][level]));
    }
    return most;
}

enum level roofs_level(const struct roofs *roofs, size_t bytes, int threads)
{
    const size_t each = bytes / (size_t)(threads > 1 ? threads : 1);
    if (each <= roofs->bytes[LEVEL_L1]) return LEVEL_L1;
    if (each <= roofs->bytes[LEVEL_L2]) return LEVEL_L2;
    return bytes <= roofs->bytes[LEVEL_L3] ? LEVEL_L3 : LEVEL_DRAM;
}

size_t roofs_cached(const struct roofs *roofs, int threads)
{
    const size_t cores = threads > 1 ? (size_t)threads : 1, l3 = cores * roofs->bytes[LEVEL_L3];
    return cores * roofs->bytes[LEVEL_L2] + (l3 < roofs->l3_all ? l3 : roofs->l3_all);
}

static enum bound loop_like(const struct traffic *t)
{
    const double share = t->written / (t->read + t->written);
    /* Halfway between the loops' own shares: none of a load, a third of an update and a triad, half of a
     * copy, all of a store. */
    if (!(share > 1.0 / 6.0)) return BOUND_LOAD;
    if (share > 3.0 / 4.0) return BOUND_STORE;
    if (t->in_place) return BOUND_UPDATE;
    return share > 5.0 / 12.0 ? BOUND_COPY : BOUND_TRIAD;
}

static double move_seconds(const struct roof *roof, enum level level, enum bound loop,
                           const struct traffic *t)
{
    const double all = t->read + t->written;
    const double loads = t->read / roof->gbps[BOUND_LOAD][level];
    double as_loop = 0.0;
    /* In each of these loops one of `moves` bytes is written. */
    if (loop != BOUND_LOAD)
        as_loop = fmin(loops[loop].moves * t->written, all) / roof->gbps[loop][level];
    return 1e-9 * fmax(loads, as_loop);
}

double roof_seconds(const struct roofs *roofs, const struct roof *roof, const struct traffic *t,
                    enum bound *bound)
{
    const enum level level = roofs_level(roofs, (size_t)t->held, roof->threads);
    const enum bound loop = loop_like(t);
    const double compute = t->flops / (1e9 * roof->gflops);
    const double move = move_seconds(roof, level, loop, t);
    *bound = move > compute ? loop : BOUND_FMA;
    return fmax(move, compute);
}
