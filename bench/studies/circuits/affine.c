#include "affine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

const struct number_format format_f32 = {"f32", 24}, format_f64 = {"f64", 53};

enum { BUCKETS = 1 << 12, CHECKED_FIRST = 1 << 26 };

void affines_close(struct affines *f)
{
    list_free(&f->terms);
    list_free(&f->forms);
    list_free(&f->neurons);
    free(f->heads);
    f->heads = NULL;
}

static void no_memory(struct affines *f)
{
    if (f->status != STATUS_OK) return;
    f->status = fail(STATUS_OS, "no memory for a network of more than %zu neurons and %zu weights",
                     f->neurons.count, f->terms.count);
}

/* Before the system would have to end the program: each time that what is held has doubled, is as much still free? */
static void check_room(struct affines *f)
{
    const size_t held = f->terms.room * sizeof(struct term) +
                        f->forms.room * sizeof(struct affine) +
                        f->neurons.room * sizeof(struct neuron);
    if (held < f->checked || f->status != STATUS_OK) return;
    f->status = arena_fits((double)held, 0, "the network");
    f->checked = 2 * held;
}

/* ---- forms */

static size_t affine_add(struct affines *f, const struct affine *form)
{
    struct affine *to = list_add(&f->forms, 1, sizeof *to);
    if (!to) {
        no_memory(f);
        return 0;
    }
    *to = *form;
    check_room(f);
    return f->forms.count - 1;
}

enum status affines_open(struct affines *f, bool skip, const struct number_format *format)
{
    *f = (struct affines){.skip = skip, .format = format, .checked = CHECKED_FIRST};
    f->heads = calloc(BUCKETS, sizeof *f->heads);
    f->buckets = BUCKETS;
    if (!f->heads) return fail(STATUS_OS, "no memory for a network");
    /* An array, though it may stay without terms: forms point into it. */
    if (!list_add(&f->terms, 0, sizeof(struct term))) no_memory(f);
    affine_add(f, &(struct affine){.count = 0}); /* what a number stands for after a failure */
    return f->status;
}

static int by_neuron(const void *a, const void *b)
{
    const uint32_t x = ((const struct term *)a)->neuron, y = ((const struct term *)b)->neuron;
    return (x > y) - (x < y);
}

/* Sorts the terms from `first` to the end, adds those of one neuron, drops zeros. */
static uint32_t settle_terms(struct affines *f, size_t first)
{
    struct term *t = (struct term *)f->terms.at + first;
    const size_t count = f->terms.count - first;
    size_t kept = 0;
    qsort(t, count, sizeof *t, by_neuron);
    for (size_t i = 0; i < count; i++) {
        if (kept && t[kept - 1].neuron == t[i].neuron) {
            t[kept - 1].weight += t[i].weight;
            continue;
        }
        if (kept && t[kept - 1].weight == 0) kept--;
        t[kept++] = t[i];
    }
    if (kept && t[kept - 1].weight == 0) kept--;
    f->terms.count = first + kept;
    return (uint32_t)kept;
}

/* A weight that an exact sum could hold. */
static int64_t scaled(struct affines *f, int64_t x, int64_t by, int shift)
{
    int64_t y = 0;
    if (!__builtin_mul_overflow(x, by, &y) && !__builtin_mul_overflow(y, (int64_t)1 << shift, &y) &&
        y >= -GATE_MOST && y <= GATE_MOST)
        return y;
    f->over = fmax(f->over, fabs((double)x * (double)by * ldexp(1.0, shift)));
    return 0;
}

static bool take_terms(struct affines *f, const struct part *part, int shift)
{
    const struct affine p = *affine_at(f, part->form);
    if (p.count == 0) return true;
    struct term *to = list_add(&f->terms, p.count, sizeof *to);
    if (!to) {
        no_memory(f);
        return false;
    }
    const struct term *from = affine_terms(f, part->form);
    for (uint32_t i = 0; i < p.count; i++)
        to[i] =
            (struct term){scaled(f, from[i].weight, part->weight, shift - p.shift), from[i].neuron};
    return true;
}

static struct range mixed_range(const struct affines *f, int64_t bias, size_t count,
                                const struct part *parts)
{
    struct range r = {bias, bias};
    for (size_t i = 0; i < count; i++) {
        const struct range p = affine_at(f, parts[i].form)->range;
        const int64_t w = parts[i].weight;
        r.lo += w * (w < 0 ? p.hi : p.lo);
        r.hi += w * (w < 0 ? p.lo : p.hi);
    }
    return r;
}

size_t affine_mix(struct affines *f, int64_t bias, size_t count, const struct part *parts)
{
    struct affine m = {.first = f->terms.count};
    struct part *lifted = malloc((count + 1) * sizeof *lifted);
    if (!lifted) no_memory(f);
    for (size_t i = 0; i < count; i++) {
        const struct affine *p = affine_at(f, parts[i].form);
        if (p->count && p->level > m.level) m.level = p->level;
        if (p->shift > m.shift) m.shift = p->shift;
    }
    for (size_t i = 0; i < count && f->status == STATUS_OK; i++)
        lifted[i] = (struct part){parts[i].weight, affine_lift(f, parts[i].form, m.level)};
    m.first = f->terms.count;
    m.bias = scaled(f, bias, 1, m.shift);
    for (size_t i = 0; i < count && f->status == STATUS_OK; i++) {
        const struct affine *p = affine_at(f, lifted[i].form);
        m.bias += scaled(f, p->bias, lifted[i].weight, m.shift - p->shift);
        if (!take_terms(f, &lifted[i], m.shift)) break;
    }
    m.count = settle_terms(f, m.first);
    if (f->status == STATUS_OK) m.range = mixed_range(f, bias, count, lifted);
    if (count == 1 && f->status == STATUS_OK) {
        m.base = lifted[0].form + 1;
        m.mul = parts[0].weight;
        m.add = bias;
    }
    free(lifted);
    return affine_add(f, &m);
}

size_t affine_halve(struct affines *f, size_t form, int by)
{
    struct affine h = *affine_at(f, form);
    h.shift += by;
    h.range.lo >>= by;
    h.range.hi >>= by;
    h.base = h.lifted = 0;
    return affine_add(f, &h);
}

size_t affine_within(struct affines *f, size_t form, struct range range)
{
    struct affine w = *affine_at(f, form);
    if (range.lo <= w.range.lo && range.hi >= w.range.hi) return form;
    if (range.lo > w.range.lo) w.range.lo = range.lo;
    if (range.hi < w.range.hi) w.range.hi = range.hi;
    w.lifted = 0;
    return affine_add(f, &w);
}

double affine_sum(const struct affines *f, size_t form)
{
    const struct affine *x = affine_at(f, form);
    const struct term *t = affine_terms(f, form);
    double sum = fabs((double)x->bias), most = 0.0; /* of the group at hand */
    uint32_t group = 0;
    for (uint32_t i = 0; i < x->count; i++) {
        const struct neuron *n = neuron_at(f, t[i].neuron);
        const double term = fabs((double)t[i].weight) * (double)n->most;
        if (n->group == 0 || n->group != group) {
            sum += most;
            most = 0.0;
        }
        group = n->group;
        most = fmax(most, term);
    }
    return sum + most;
}

/* ---- neurons */

static size_t hash_of(const struct affines *f, const struct affine *x)
{
    const struct term *t = (const struct term *)f->terms.at + x->first;
    uint64_t h = (uint64_t)x->bias * 0x9e3779b97f4a7c15u + x->level;
    for (uint32_t i = 0; i < x->count; i++)
        h = (h ^ ((uint64_t)t[i].weight << 32) ^ t[i].neuron) * 0xbf58476d1ce4e5b9u + (h >> 29);
    return (size_t)(h ^ h >> 31);
}

static bool same_form(const struct affines *f, size_t a, size_t b)
{
    const struct affine *x = affine_at(f, a), *y = affine_at(f, b);
    if (x->bias != y->bias || x->count != y->count || x->shift != y->shift || x->level != y->level)
        return false;
    const struct term *s = affine_terms(f, a), *t = affine_terms(f, b);
    for (uint32_t i = 0; i < x->count; i++)
        if (s[i].neuron != t[i].neuron || s[i].weight != t[i].weight) return false;
    return true;
}

/* Twice as many buckets where there are as many neurons. */
static void grow_table(struct affines *f)
{
    const size_t buckets = 2 * f->buckets;
    if (f->neurons.count < f->buckets) return;
    uint32_t *heads = calloc(buckets, sizeof *heads);
    if (!heads) return; /* longer chains are no error */
    free(f->heads);
    f->heads = heads;
    f->buckets = buckets;
    for (size_t i = 0; i < f->neurons.count; i++) {
        struct neuron *n = neuron_at(f, i);
        if (n->level == 0) continue;
        uint32_t *head = &heads[hash_of(f, affine_at(f, n->form)) % buckets];
        n->next = *head;
        *head = (uint32_t)i + 1;
    }
}

static size_t neuron_add(struct affines *f, const struct neuron *n, struct range range)
{
    struct neuron *to = f->neurons.count < UINT32_MAX ? list_add(&f->neurons, 1, sizeof *to) : NULL;
    struct term *term = to ? list_add(&f->terms, 1, sizeof *term) : NULL;
    if (!term) {
        no_memory(f);
        return 0;
    }
    const size_t number = f->neurons.count - 1;
    *to = *n;
    *term = (struct term){1, (uint32_t)number};
    const size_t itself = affine_add(
        f, &(struct affine){
               .first = f->terms.count - 1, .count = 1, .level = n->level, .range = range});
    neuron_at(f, number)->itself = itself;
    return number;
}

size_t affine_input(struct affines *f, struct range range)
{
    const int64_t most = -range.lo > range.hi ? -range.lo : range.hi;
    const size_t n = neuron_add(f, &(struct neuron){.most = most}, range);
    return f->status == STATUS_OK ? neuron_at(f, n)->itself : 0;
}

static size_t relu(struct affines *f, size_t form, uint32_t group, bool pass)
{
    if (f->status != STATUS_OK) return 0;
    const struct affine x = *affine_at(f, form);
    const struct range range = {x.range.lo > 0 ? x.range.lo : 0, x.range.hi > 0 ? x.range.hi : 0};
    if (x.count == 0) return MIX(f, 0, {x.bias > 0, form});
    const double sum = affine_sum(f, form);
    if (sum > ldexp(1.0, f->format->bits)) {
        f->over = fmax(f->over, sum);
        return form;
    }
    const size_t hash = hash_of(f, &x);
    for (uint32_t at = f->heads[hash % f->buckets]; at; at = neuron_at(f, at - 1)->next) {
        struct neuron *n = neuron_at(f, at - 1);
        if (!same_form(f, n->form, form)) continue;
        n->pass = n->pass && pass;
        return affine_within(f, n->itself, range);
    }
    const size_t number = neuron_add(f,
                                     &(struct neuron){.form = form,
                                                      .level = x.level + 1,
                                                      .next = f->heads[hash % f->buckets],
                                                      .group = group,
                                                      .pass = pass,
                                                      .most = range.hi},
                                     range);
    if (f->status != STATUS_OK) return 0;
    f->heads[hash % f->buckets] = (uint32_t)number + 1;
    const size_t itself = neuron_at(f, number)->itself;
    grow_table(f);
    return itself;
}

size_t affine_relu(struct affines *f, size_t form, uint32_t group)
{
    return relu(f, form, group, false);
}

size_t affine_up(struct affines *f, size_t form)
{
    if (f->status != STATUS_OK) return 0;
    const struct affine x = *affine_at(f, form);
    size_t up;
    if (x.lifted) return x.lifted - 1;
    if (x.count == 0) return form;
    if (x.base)
        up = MIX(f, x.add, {x.mul, affine_up(f, x.base - 1)});
    else if (x.range.lo >= 0)
        up = relu(f, form, 0, true);
    else
        up = MIX(f, 0, {1, relu(f, form, 0, true)}, {-1, relu(f, MIX(f, 0, {-1, form}), 0, true)});
    up = affine_within(f, up, x.range);
    if (f->status == STATUS_OK && f->over == 0.0) affine_at(f, form)->lifted = up + 1;
    return up;
}

size_t affine_lift(struct affines *f, size_t form, uint32_t level)
{
    while (!f->skip && f->status == STATUS_OK && f->over == 0.0 && affine_at(f, form)->count &&
           affine_at(f, form)->level < level)
        form = affine_up(f, form);
    return form;
}
