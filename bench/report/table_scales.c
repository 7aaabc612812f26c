/* What the initialization scale does to a chain. */
#include <math.h>
#include <string.h>

#include "forks.h"
#include "table.h"

/* Time without FTZ and DAZ over time with them; no end where that was not sampled. */
static struct interval saved(const struct row *row)
{
    for (size_t i = 0; row && i < row->variants; i++) {
        const struct variant *with = &row->variant[i];
        if (!with->ftz || !with->summary.whole) continue;
        for (size_t v = 0; v < row->variants; v++) {
            const struct variant *without = &row->variant[v];
            if (without->isa == with->isa && !without->ftz && without->summary.whole)
                return forks_ratio(with, without);
        }
    }
    return (struct interval){0.0, 0.0, INFINITY};
}

static bool same_chain(const struct row *a, const struct row *b)
{
    const struct shape *x = &a->work.shape, *y = &b->work.shape;
    return x->depth == y->depth && x->n == y->n && x->m == y->m && a->threads == b->threads;
}

/* The backward row of a forward one. */
static const struct row *backward(const struct result *r, const struct row *row)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct row *x = &r->rows[i];
        if (x->chain && strcmp(x->work.spec->name, "mlp_bwd") == 0 && same_chain(x, row) &&
            x->work.shape.scale == row->work.shape.scale)
            return x;
    }
    return NULL;
}

static const double DIGIT = 0.01; /* the last that is printed of a saving */

/* fwd, bwd: what FTZ and DAZ save at every scale of the line, which is what all their intervals hold. */
struct line {
    const struct row *row;
    struct interval fwd, bwd;
};

static bool known(struct interval x)
{
    return isfinite(x.hi);
}

static bool overlap(struct interval x, struct interval y)
{
    return known(x) == known(y) && x.lo < y.hi + DIGIT && y.lo < x.hi + DIGIT;
}

/* The estimate of the narrower. */
static struct interval common(struct interval x, struct interval y)
{
    const double above = fmax(x.lo, y.lo),
                 below = fmin(x.hi, y.hi); /* crossed by a digit at the most */
    const double lo = fmin(above, below), hi = fmax(above, below);
    const double at = y.hi - y.lo < x.hi - x.lo ? y.at : x.at;
    return (struct interval){fmin(fmax(at, lo), hi), lo, hi};
}

static bool near(double a, double b)
{
    return fabs(a - b) < 5e-4;
}

/* Biases are zero: but for under- and overflow a scale multiplies what a layer puts out, no more. */
static bool joins(const struct line *a, const struct line *b)
{
    const struct signal *x = &a->row->signal, *y = &b->row->signal;
    return same_chain(a->row, b->row) && near(x->dead, y->dead) && near(x->zero, y->zero) &&
           near(x->subnormal, y->subnormal) && near(x->overflow, y->overflow) &&
           overlap(a->fwd, b->fwd) && overlap(a->bwd, b->bwd);
}

static const char *saving(struct interval x, char text[32])
{
    if (!known(x))
        snprintf(text, 32, "-");
    else if (x.lo < 1.0 + DIGIT / 2.0 && x.hi > 1.0 - DIGIT / 2.0)
        snprintf(text, 32, "none");
    else
        snprintf(text, 32, "%.2f [%.2f, %.2f]", x.at, x.lo, x.hi);
    return text;
}

/* The scales from first->row to last. */
static void print_line(FILE *out, const struct line *first, const struct row *last)
{
    const struct shape *s = &first->row->work.shape;
    const struct signal *x = &first->row->signal;
    char scales[32], gains[32], fwd[32], bwd[32];
    snprintf(scales, sizeof scales, "%.4g", (double)s->scale);
    snprintf(gains, sizeof gains, "%.4g", x->gain);
    if (first->row != last) {
        snprintf(scales, sizeof scales, "%.4g..%.4g", (double)s->scale,
                 (double)last->work.shape.scale);
        snprintf(gains, sizeof gains, "%.3g..%.3g", x->gain, last->signal.gain);
    }
    fprintf(out, "%5zu %5zu %5zu %9s %10s %4.0f%% %4.0f%% %5.1f%% %5.1f%%  %-16s %s\n", s->depth,
            s->n, s->m, scales, gains, 100.0 * x->dead, 100.0 * x->zero, 100.0 * x->subnormal,
            100.0 * x->overflow, saving(first->fwd, fwd), saving(first->bwd, bwd));
}

void table_scales(FILE *out, const struct result *r)
{
    struct line first = {0};
    const struct row *last = NULL;
    for (size_t i = 0; i < r->count; i++) {
        const struct row *row = &r->rows[i];
        if (!row->has_signal) continue;
        const struct line next = {row, saved(row), saved(backward(r, row))};
        if (!first.row)
            fprintf(out,
                    "\nWhat the scale does%63s\n%5s %5s %5s %9s %10s %5s %5s %6s %6s  %-16s %s\n",
                    "FTZ and DAZ save", "depth", "width", "batch", "scale/He", "gain/layer", "dead",
                    "zero", "subn.", "overf.", "forward", "backward");
        if (first.row && joins(&first, &next)) {
            first.fwd = common(first.fwd, next.fwd);
            first.bwd = common(first.bwd, next.bwd);
        } else {
            if (first.row) print_line(out, &first, last);
            first = next;
        }
        last = row;
    }
    if (!first.row) return;
    print_line(out, &first, last);
    fputs(
        "gain: rms out over rms in, geometric mean over layers; He's scale 1 keeps it near 1. "
        "dead: units\nthat are zero for the whole batch. Shares of activations over all layers. "
        "save: time without FTZ\nand DAZ over time with them, 95 % interval; none where that holds "
        "1, - where it is not known. Scales\nthat differ in their gain alone share a line: then it "
        "is what all their intervals hold.\n",
        out);
}
