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
    static const char *const name[] = {"fma", "load", "store", "copy", "update"};
    return name[bound];
}

struct work {
    enum bound loop;
    bool wide;
    size_t floats, times; /* of a member's own buffer; passes over it, or FMA steps */
    float *buffer;
    _Alignas(64) volatile float sink;
    double seconds;
};

static float passes(const struct work *w, float *mine)
{
    const size_t half = w->floats / 256 * 128;
    float *to = mine + half;
    switch (w->loop) {
    case BOUND_FMA:
        return (w->wide ? roof_fma_avx512 : roof_fma_avx2)(w->times, w->buffer);
    case BOUND_LOAD:
        return (w->wide ? roof_load_avx512 : roof_load_avx2)(mine, w->floats, w->times);
    case BOUND_STORE:
        (w->wide ? roof_store_avx512 : roof_store_avx2)(mine, w->floats, w->times);
        break;
    case BOUND_COPY:
        (w->wide ? roof_copy_avx512 : roof_copy_avx2)(to, mine, half, w->times);
        break;
    case BOUND_UPDATE:
        (w->wide ? roof_update_avx512 : roof_update_avx2)(to, mine, half, w->times);
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

/* Units (steps or passes) a second and member, the best of several parts. A part is long enough at the best
 * rate: one that was disturbed says nothing of the length. */
static double rate(struct work *w, int threads)
{
    double best = 0.0;
    w->times = 1;
    for (int r = 0; r < REPEATS;) {
        par_team(threads, member, w);
        best = fmax(best, (double)w->times / w->seconds);
        if ((double)w->times < PART_SECONDS * best && w->times < (size_t)1 << 40)
            w->times *= 2;
        else
            r++;
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
            const hwloc_obj_t cache = hwloc_get_obj_by_type(topology, type[level], 0);
            if (cache && cache->attr->cache.size) roofs->bytes[level] = cache->attr->cache.size;
        }
        const int l3s = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_L3CACHE);
        roofs->l3_all = roofs->bytes[LEVEL_L3] * (l3s > 1 ? (size_t)l3s : 1);
    }
    hwloc_topology_destroy(topology);
    if (roofs->bytes[LEVEL_L3] > L3_TRUSTED) roofs->bytes[LEVEL_L3] = reach_of_l3(roofs->bytes);
}

static void measure(struct roof *roof, const struct roofs *roofs, float *buffer, size_t bytes)
{
    const bool wide = roof->isa == ISA_AVX512;
    struct work w = {.loop = BOUND_FMA, .wide = wide, .buffer = buffer};
    const double flops = 32.0 * (wide ? ROOF_CHAINS_AVX512 : ROOF_CHAINS_AVX2);
    roof->gflops = 1e-9 * flops * rate(&w, roof->threads) * roof->threads;
    for (int level = LEVEL_L1; level < LEVEL_COUNT; level++) {
        /* Half of a level, so that nothing else need be evicted; the shared L3 is divided. */
        size_t part = level == LEVEL_DRAM ? bytes / (size_t)roof->threads : roofs->bytes[level] / 2;
        if (level == LEVEL_L3) part /= (size_t)roof->threads;
        w.floats = part / sizeof(float) / 128 * 128;
        const double gigabytes = 1e-9 * (double)w.floats * sizeof(float) * roof->threads;
        const double half = 1e-9 * (double)(w.floats / 256 * 128) * sizeof(float) * roof->threads;
        w.loop = BOUND_LOAD;
        roof->load_gbps[level] = gigabytes * rate(&w, roof->threads);
        w.loop = BOUND_STORE;
        roof->store_gbps[level] = gigabytes * rate(&w, roof->threads);
        w.loop = BOUND_COPY;
        roof->copy_gbps[level] = 2.0 * half * rate(&w, roof->threads);
        w.loop = BOUND_UPDATE;
        roof->update_gbps[level] = 3.0 * half * rate(&w, roof->threads);
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
    /* Twice the L3, but not more than DRAM_MOST. */
    size_t bytes = 2 * roofs->bytes[LEVEL_L3];
    if (bytes > DRAM_MOST) bytes = DRAM_MOST;
    const size_t least = (size_t)threads * roofs->bytes[LEVEL_L2];
    if (bytes < least) bytes = least;
    float *buffer = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    if (!buffer) return NULL;
    for (size_t i = 0; i < bytes / sizeof *buffer; i++) buffer[i] = 0.5f + (float)(i % 7) / 16.0f;
    struct roof *roof = &roofs->at[roofs->count];
    *roof = (struct roof){.isa = isa, .threads = threads};
    measure(roof, roofs, buffer, bytes);
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
        for (int l = 0; l < LEVEL_COUNT; l++) {
            to->load_gbps[l] = fmax(to->load_gbps[l], from->load_gbps[l]);
            to->store_gbps[l] = fmax(to->store_gbps[l], from->store_gbps[l]);
            to->copy_gbps[l] = fmax(to->copy_gbps[l], from->copy_gbps[l]);
            to->update_gbps[l] = fmax(to->update_gbps[l], from->update_gbps[l]);
        }
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
        if (level == LEVEL_COUNT) {
            most = fmax(most, apart(a->gflops, b->gflops));
            continue;
        }
        most = fmax(most, apart(a->load_gbps[level], b->load_gbps[level]));
        most = fmax(most, apart(a->store_gbps[level], b->store_gbps[level]));
        most = fmax(most, apart(a->copy_gbps[level], b->copy_gbps[level]));
        most = fmax(most, apart(a->update_gbps[level], b->update_gbps[level]));
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
    /* Halfway to the loops that write nothing and everything: an update writes a third, a copy
     * half. */
    if (!(share > 1.0 / 6.0)) return BOUND_LOAD;
    if (share > 3.0 / 4.0) return BOUND_STORE;
    return t->in_place ? BOUND_UPDATE : BOUND_COPY;
}

static double move_seconds(const struct roof *roof, enum level level, enum bound loop,
                           const struct traffic *t)
{
    const double loads = t->read / roof->load_gbps[level], all = t->read + t->written;
    double as_loop = 0.0;
    if (loop == BOUND_STORE) as_loop = t->written / roof->store_gbps[level];
    if (loop == BOUND_COPY) as_loop = fmin(2.0 * t->written, all) / roof->copy_gbps[level];
    if (loop == BOUND_UPDATE) as_loop = fmin(3.0 * t->written, all) / roof->update_gbps[level];
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
