/* What rows cost: guesses before the first visit, experience after it. */
#include <math.h>

#include "rows.h"

/* A call on a lane, ISA_COUNT being oneDNN: rough, since the run corrects what all guesses have in common. */
static double call_seconds(const struct row *row, enum isa isa, const struct roofs *roofs)
{
    const enum isa wide = kernel_set(ISA_AVX512) ? ISA_AVX512 : ISA_AVX2;
    const struct roof *roof = roofs_find(roofs, isa == ISA_AVX2 ? isa : wide, row->threads);
    const struct traffic t = row_traffic(row);
    const double scalar = t.flops / 2e9 + (t.read + t.written) / 1e10;
    enum bound bound;
    if (isa == ISA_SCALAR || isa == ISA_MODEL) return scalar;
    if (isa == ISA_OMP_AVX2 || isa == ISA_OMP_AVX512 || isa == ISA_PLUGIN) return scalar / 4.0;
    return roof ? 1.5 * roof_seconds(roofs, roof, &t, &bound) : scalar;
}

static struct cost guess(const struct row *row, const struct roofs *roofs, double min_s)
{
    const double ORACLE_FLOPS = 1e10, TOUCHED = 1e9; /* a second; bytes a second, at all steps */
    const struct workload *w = &row->work;
    struct cost c = {.fixed = 2e-3, .first = !row->like};
    double calls = 0.0;
    for (int i = 0; i < ISA_COUNT; i++) {
        if (!(row->isas >> i & 1u) || !kernel_set((enum isa)i)) continue;
        const double call = call_seconds(row, (enum isa)i, roofs);
        const double twice = row->chain && i >= ISA_AVX2 ? 2.0 : 1.0; /* with FTZ once more */
        calls += twice * call;
        c.round += twice * fmax(call, min_s);
    }
    const double twin = call_seconds(row, ISA_COUNT, roofs);
    calls += (row->like ? 1.0 : FORM_COUNT) * twin;
    c.round += (row->like ? 1.0 : 1.5) * fmax(twin, min_s); /* the slower forms fall out */
    c.fixed += 3.0 * calls + rows_bytes(row) / TOUCHED;
    c.again = c.fixed; /* another process checks words alone */
    c.fixed += w->spec->flops(&w->shape) / ORACLE_FLOPS;
    return c;
}

static double round_seconds(const struct variant *v)
{
    return v->forks ? 1e-9 * v->summary.time.at * (double)v->iterations : 0.0;
}

/* Half of what is fixed is spent on the variants, as the profile of the default grid has it. */
static double part_of(double fixed, size_t variants, size_t all)
{
    return all ? fixed * (0.5 + 0.5 * (double)variants / (double)all) : fixed;
}

struct cost rows_again(const struct row *row)
{
    struct cost c = {.fixed = 0.0};
    size_t on = 0;
    for (size_t i = 0; i < row->variants; i++) {
        if (!row_goes_on(row, i)) continue;
        on++;
        c.round += round_seconds(&row->variant[i]);
    }
    c.fixed = c.again = part_of(row->again_seconds, on, row->again_variants);
    return c;
}

void rows_cost(struct rows *rows, const struct roofs *roofs, double min_ns)
{
    for (size_t i = 0; i < rows->count; i++)
        if (!rows->at[i].out)
            rows->cost[i] = rows->at[i].forks ? rows_again(&rows->at[i])
                                              : guess(&rows->at[i], roofs, 1e-9 * min_ns);
}

/* Only vector lanes, a plug-in's and oneDNN's fastest form are timed at other scales. */
static bool is_like(const struct row *head, size_t i)
{
    const struct variant *v = &head->variant[i];
    if (v->peer != PEER_COUNT) return false;
    return v->isa == ISA_COUNT ? i == head->best_twin
                               : (ROWS_VECTOR | 1u << ISA_PLUGIN) >> v->isa & 1u;
}

struct cost rows_like(const struct row *head, double fixed)
{
    struct cost c = {.fixed = 0.0};
    size_t same = 0;
    for (size_t i = 0; i < head->variants; i++) {
        if (!is_like(head, i)) continue;
        same++;
        c.round += round_seconds(&head->variant[i]);
    }
    c.fixed = part_of(fixed, same, head->variants);
    c.again = part_of(head->again_seconds, same, head->again_variants);
    return c;
}
