/* Trials as the study's two tables. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "studies/circuits/stages.h"

static const char *const size_columns[] = {"gates", "pass", "depth", "width",    "nnz",
                                           "log2S", "skip", "out",   "compared", "wrong"};
static void size_cells(const struct trial *t, double *cell)
{
    const double values[] = {(double)t->size.gates,
                             (double)t->size.passes,
                             (double)t->depth,
                             (double)t->size.width,
                             (double)t->size.nnz,
                             log2(t->size.sum),
                             (double)(t->skip_size.gates + t->skip_size.passes),
                             (double)t->outputs,
                             (double)trial_compared(t),
                             (double)trial_wrong(t)};
    memcpy(cell, values, sizeof values);
}

static const char *const time_columns[] = {"zeros %",  "s.scalar", "s.avx2",   "s.avx512", "skip",
                                           "d.scalar", "d.avx2",   "d.avx512", "oneDNN"};
static void time_cells(const struct trial *t, double *cell)
{
    const double nnz = (double)t->size.nnz;
    const double values[] = {100.0 * (1.0 - nnz / t->dense_weights),
                             t->ns[ROUTE_SPARSE][ISA_SCALAR],
                             t->ns[ROUTE_SPARSE][ISA_AVX2],
                             t->ns[ROUTE_SPARSE][ISA_AVX512],
                             isnan(t->ns[ROUTE_SKIP][ISA_AVX512]) ? t->ns[ROUTE_SKIP][ISA_AVX2]
                                                                  : t->ns[ROUTE_SKIP][ISA_AVX512],
                             t->ns[ROUTE_DENSE][ISA_SCALAR],
                             t->ns[ROUTE_DENSE][ISA_AVX2],
                             t->ns[ROUTE_DENSE][ISA_AVX512],
                             t->ns[ROUTE_TWIN][ISA_SCALAR]};
    memcpy(cell, values, sizeof values);
}

static void put(struct study_run *run, const struct study_table *head, const struct trial *trial,
                void (*cells)(const struct trial *, double *))
{
    struct study_table table = *head;
    double *cell = calloc(head->rows * head->column_count + 1, sizeof *cell);
    for (size_t i = 0; cell && i < head->rows; i++) cells(&trial[i], cell + i * head->column_count);
    table.cells = cell;
    if (cell) study_table(run, &table);
    free(cell);
}

void trial_tables(struct study_run *run, size_t count, const char *const *labels,
                  const struct trial *trial)
{
    put(run,
        &(struct study_table){
            .name = "sizes",
            .title =
                "Neurons of gates and passes, depth, width, weights that are not 0, S; neurons "
                "with skip\nconnections; outputs, those compared over all lanes and routes, "
                "and those wrong",
            .label = "network",
            .columns = size_columns,
            .column_count = sizeof size_columns / sizeof *size_columns,
            .labels = labels,
            .rows = count},
        trial, size_cells);
    put(run,
        &(struct study_table){
            .name = "times",
            .title = "Nanoseconds an evaluation, in a batch of 256, one thread: by non-zeros (s.), "
                     "with skip\nconnections on the widest lane, by full matrices (d.)",
            .label = "network",
            .columns = time_columns,
            .column_count = sizeof time_columns / sizeof *time_columns,
            .labels = labels,
            .rows = count},
        trial, time_cells);
}
