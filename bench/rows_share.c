/* A share of the rows: which they are, and their order kept. */
#include <math.h>
#include <stdlib.h>

#include "cluster/share.h"
#include "rows.h"

/* Of a call on a lane of no machine in particular: rows are dealt out by this on every host alike. ISA_COUNT: oneDNN. */
static double nominal_call(const struct row *row, int isa)
{
    const double SCALAR = 2e9, OMP = 8e9, VECTOR = 4e10; /* flops a second */
    const double rate = isa == ISA_SCALAR || isa == ISA_MODEL          ? SCALAR
                        : isa == ISA_OMP_AVX2 || isa == ISA_OMP_AVX512 ? OMP
                                                                       : VECTOR;
    return fmax(row->flops / rate, 1e-9 * SAMPLE_NS);
}

/* Of a visit. */
static double nominal_seconds(const struct row *row)
{
    const double ROUNDS = 10.0, SET_UP = 2e-3, TOUCHED = 1e9, ORACLE_FLOPS = 1e10;
    double round = 1.5 * nominal_call(row, ISA_COUNT);
    for (int i = 0; i < ISA_COUNT; i++)
        if (row->isas >> i & 1u) round += nominal_call(row, i);
    return SET_UP + row->bytes / TOUCHED + row->flops / ORACLE_FLOPS + ROUNDS * round;
}

static size_t head_of(const struct rows *rows, size_t i)
{
    return rows->at[i].like ? (size_t)(rows->at[i].like - rows->at) : i;
}

/* Rows of other shares go. */
static void keep(struct rows *rows, const size_t *owner, size_t index, size_t *moved)
{
    size_t kept = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (owner[head_of(rows, i)] == index) moved[i] = kept++;
    for (size_t i = 0; i < rows->count; i++) {
        const size_t head = head_of(rows, i);
        if (owner[head] != index) continue;
        struct row *row = &rows->at[moved[i]];
        *row = rows->at[i];
        row->like = row->like ? &rows->at[moved[head]] : NULL;
    }
    rows->count = kept;
}

enum status rows_share(struct rows *rows, const struct cluster_share *share)
{
    const size_t n = rows->count;
    double *cost = calloc(n, sizeof *cost);
    size_t *owner = calloc(n, sizeof *owner), *moved = calloc(n, sizeof *moved);
    enum status status = STATUS_OK;
    if (!cost || !owner || !moved) status = fail(STATUS_OS, "no memory for %zu rows", n);
    if (status == STATUS_OK) {
        /* A head stands for its group; the others cost nothing beside it. */
        for (size_t i = 0; i < n; i++) cost[head_of(rows, i)] += nominal_seconds(&rows->at[i]);
        status = share_deal(cost, n, share->count, owner);
    }
    if (status == STATUS_OK) keep(rows, owner, share->index, moved);
    free(cost);
    free(owner);
    free(moved);
    return status;
}
