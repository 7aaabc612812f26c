#include "moments.h"

#include <math.h>

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* Parts are kept for so many blocks at a time, on the stack. */
enum { PARTS = 256 };

/* What an element costs, in the time of so many flops of dense_fwd. */
static const double FLOPS_EACH = 24.0;

struct call {
    const struct kernel_set *set;
    const float *src;
    size_t n;
    struct moments_part part[PARTS];
};

static void range(size_t begin, size_t end, void *ctx)
{
    struct call *c = ctx;
    for (size_t b = begin; b < end; b++) {
        const size_t at = b * MOMENTS_BLOCK, left = c->n - at;
        c->set->moments(&c->part[b], c->src + at, left < MOMENTS_BLOCK ? left : MOMENTS_BLOCK);
    }
}

static void add(struct moments_part *to, const struct moments_part *p)
{
    to->sum += p->sum;
    to->square += p->square;
    to->min = p->min < to->min ? p->min : to->min;
    to->max = p->max > to->max ? p->max : to->max;
    to->zero += p->zero;
    to->subnormal += p->subnormal;
    to->nonfinite += p->nonfinite;
}

void moments(const struct kernel_set *set, int threads, const float *src, size_t n,
             double dst[MOMENTS_FIELDS])
{
    struct moments_part all = {.min = INFINITY, .max = -INFINITY};
    threads = THREADS_WORTH(set, threads, (struct threads_work){.flops = FLOPS_EACH * (double)n});
    for (size_t at = 0; at < n; at += (size_t)PARTS * MOMENTS_BLOCK) {
        struct call c = {.set = set, .src = src + at, .n = n - at};
        if (c.n > (size_t)PARTS * MOMENTS_BLOCK) c.n = (size_t)PARTS * MOMENTS_BLOCK;
        const size_t blocks = (c.n + MOMENTS_BLOCK - 1) / MOMENTS_BLOCK;
        par_for(threads, blocks, 1, range, &c);
        for (size_t b = 0; b < blocks; b++) add(&all, &c.part[b]);
    }
    const double count = (double)n, finite = count - all.nonfinite;
    const double mean = all.sum / finite, variance = all.square / finite - mean * mean;
    const bool none = !(finite > 0.0);
    dst[MOMENTS_MEAN] = none ? NAN : mean;
    dst[MOMENTS_VARIANCE] = none ? NAN : variance > 0.0 ? variance : 0.0;
    /* -0 becomes +0: which of the two a lane keeps depends on the order in which it compares. */
    dst[MOMENTS_MIN] = none ? NAN : all.min + 0.0;
    dst[MOMENTS_MAX] = none ? NAN : all.max + 0.0;
    dst[MOMENTS_ZERO] = n ? all.zero / count : 0.0;
    dst[MOMENTS_SUBNORMAL] = n ? all.subnormal / count : 0.0;
    dst[MOMENTS_NONFINITE] = n ? all.nonfinite / count : 0.0;
    dst[MOMENTS_N] = count;
}
