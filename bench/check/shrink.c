#include "shrink.h"

struct shrink {
    struct drawn *best;
    size_t trials, most;
    bool (*fails)(const struct drawn *d, void *ctx);
    void *ctx;
};

/* Takes it where it fails too. */
static bool try_it(struct shrink *s, const struct drawn *d)
{
    if (s->trials >= s->most || !cases_legal(d->spec, &d->c.shape)) return false;
    if (d->c.alias && !cases_alias_fits(d->spec, d->c.alias, &d->c.shape)) return false;
    s->trials++;
    if (!s->fails(d, s->ctx)) return false;
    *s->best = *d;
    return true;
}

static bool try_size(struct shrink *s, size_t size, size_t value)
{
    struct drawn d = *s->best;
    *shape_size(&d.c.shape, size) = value;
    return try_it(s, &d);
}

/* Halves of what is left to take away, until one more is too much; then from 0 up. */
static bool shrink_size(struct shrink *s, size_t size)
{
    enum { FEW = 65 };
    size_t *const value = shape_size(&s->best->c.shape, size);
    const size_t start = *value;
    for (size_t cut = start / 2; cut && *value >= FEW;)
        if (!try_size(s, size, *value - cut))
            cut /= 2;
        else if (cut > *value / 2)
            cut = *value / 2;
    for (size_t v = 0; v < *value && v < FEW; v++)
        if (try_size(s, size, v)) break;
    return *value < start;
}

static bool shrink_flags(struct shrink *s)
{
    const unsigned start = s->best->c.shape.flags;
    for (unsigned f = 0; f < FLAGS_MAX; f++) {
        struct drawn d = *s->best;
        d.c.shape.flags &= ~(1u << f);
        if (d.c.shape.flags != s->best->c.shape.flags) try_it(s, &d);
    }
    return s->best->c.shape.flags != start;
}

static bool shrink_rest(struct shrink *s)
{
    bool smaller = false;
    struct drawn d = *s->best;
    d.c.shape.scale = 0.0f;
    if (s->best->c.shape.scale != 0.0f) smaller = try_it(s, &d);
    d = *s->best;
    d.c.alias = NULL;
    if (s->best->c.alias) smaller = try_it(s, &d) || smaller;
    d = *s->best;
    for (int fill = 0; fill < (int)s->best->fill; fill++) {
        d.fill = (enum fill)fill;
        if (!(d.spec->fills >> fill & 1u)) continue;
        if (try_it(s, &d)) return true;
    }
    return smaller;
}

static bool shrink_place(struct shrink *s)
{
    struct drawn d = *s->best;
    bool smaller = false;
    for (d.threads = 1; d.threads < s->best->threads; d.threads++)
        if (try_it(s, &d)) smaller = true;
    d = *s->best;
    for (d.shift = 0; d.shift < s->best->shift; d.shift++)
        if (try_it(s, &d)) smaller = true;
    return smaller;
}

size_t shrink_case(struct drawn *d, size_t most, bool (*fails)(const struct drawn *d, void *ctx),
                   void *ctx)
{
    struct shrink s = {.best = d, .most = most, .fails = fails, .ctx = ctx};
    bool smaller = true;
    while (smaller && s.trials < most) {
        smaller = false;
        for (size_t size = 0; size < SHAPE_SIZES; size++)
            if (shrink_size(&s, size)) smaller = true;
        if (shrink_flags(&s)) smaller = true;
        if (shrink_rest(&s)) smaller = true;
        if (shrink_place(&s)) smaller = true;
    }
    return s.trials;
}
