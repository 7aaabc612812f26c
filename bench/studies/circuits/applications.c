/* Every application of the list, tried and timed, as two tables and the claims on them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "studies/circuits/stages.h"
#include "studies/circuits/turing.h"

/* The sizes of the paper's page; `least`: the first size of the study in which it runs. */
static const struct row {
    const struct app_kind *kind;
    size_t n;
    enum study_size least;
    const char *claim; /* that none of its outputs is wrong */
} rows[] = {
    {&app_boolean16, 0, STUDY_SMOKE, "C1"},
    {&app_full_adder, 0, STUDY_SMOKE, "C1"},
    {&app_mux, 0, STUDY_SMOKE, "C1"},
    {&app_majority, 15, STUDY_SMOKE, "C11b"},
    {&app_add, 8, STUDY_SMOKE, "C2"},
    {&app_add, 16, STUDY_DEFAULT, "C3"},
    {&app_add, 32, STUDY_SMOKE, "C3"},
    {&app_multiply, 8, STUDY_SMOKE, "C2"},
    {&app_multiply, 16, STUDY_DEFAULT, "C3"},
    {&app_multiply, 32, STUDY_DEFAULT, "C3"},
    {&app_add_modulo, 2039, STUDY_SMOKE, "C12"},
    {&app_add_modulo, 4194301, STUDY_SMOKE, "C12"},
    {&app_int8_add, 0, STUDY_SMOKE, "C2"},
    {&app_int8_multiply, 0, STUDY_SMOKE, "C2"},
    {&app_gated_product, 8, STUDY_SMOKE, "C10c"},
    {&app_gated_product, 12, STUDY_DEFAULT, "C10c"},
    {&app_layer_product, 64, STUDY_SMOKE, "C10c"},
    {&app_layer_product, 256, STUDY_DEFAULT, "C10c"},
    {&app_layer_product, 1600, STUDY_DEFAULT, "C10c"},
    {&app_exp, 256, STUDY_SMOKE, "C6"},
    {&app_sin, 256, STUDY_DEFAULT, "C6"},
    {&app_log, 256, STUDY_DEFAULT, "C6"},
    {&app_tanh, 256, STUDY_DEFAULT, "C6"},
    {&app_exp, 1024, STUDY_DEFAULT, "C6"},
    {&app_horner, 0, STUDY_SMOKE, "C12"},
    {&app_floyd_warshall, 4, STUDY_SMOKE, "C4"},
    {&app_floyd_warshall, 8, STUDY_SMOKE, "C4"},
    {&app_floyd_warshall, 16, STUDY_DEFAULT, "C4"},
    {&app_floyd_warshall, 24, STUDY_DEFAULT, "C4"},
    {&app_floyd_warshall, 32, STUDY_DEFAULT, "C4"},
    {&app_floyd_warshall, 64, STUDY_PAPER, "C4"},
    {&app_min_plus, 4, STUDY_SMOKE, "C12"},
    {&app_min_plus, 8, STUDY_DEFAULT, "C12"},
    {&app_min_plus, 16, STUDY_DEFAULT, "C12"},
    {&app_bellman_ford, 4, STUDY_SMOKE, "C12"},
    {&app_bellman_ford, 8, STUDY_DEFAULT, "C12"},
    {&app_bellman_ford, 16, STUDY_DEFAULT, "C12"},
    {&app_sort, 8, STUDY_SMOKE, "C12"},
    {&app_sort, 16, STUDY_DEFAULT, "C12"},
    {&app_sort, 32, STUDY_DEFAULT, "C12"},
    {&app_sort, 64, STUDY_DEFAULT, "C12"},
    {&app_sort, 256, STUDY_DEFAULT, "C12"},
    {&app_edit_distance, 4, STUDY_SMOKE, "C12"},
    {&app_edit_distance, 8, STUDY_DEFAULT, "C12"},
    {&app_edit_distance, 16, STUDY_DEFAULT, "C12"},
    {&app_knapsack, 8, STUDY_SMOKE, "C12"},
    {&app_knapsack, 16, STUDY_DEFAULT, "C12"},
    {&app_knapsack, 32, STUDY_DEFAULT, "C12"},
    {&app_bb2, 0, STUDY_SMOKE, "C5"},
    {&app_bb3, 0, STUDY_SMOKE, "C5"},
    {&app_bb4, 17, STUDY_DEFAULT, "C5"},
    {&app_bb4, 0, STUDY_PAPER, "C5"},
    {&app_increment, 4, STUDY_SMOKE, "C5"},
    {&app_increment, 16, STUDY_DEFAULT, "C5"},
    {&app_increment, 32, STUDY_DEFAULT, "C5"},
    {&app_increment, 64, STUDY_DEFAULT, "C5"},
    {&app_bernoulli, 8, STUDY_SMOKE, "C11c"},
    {&app_amplified, 6, STUDY_SMOKE, "RAND"},
    {&app_fixed_seeds, 6, STUDY_SMOKE, "ADLEMAN"},
};
enum { ROWS = sizeof rows / sizeof *rows, LABEL = 32 };

struct tried {
    const struct row *row[ROWS];
    struct trial trial[ROWS];
    size_t count;
};

static const struct trial *tried_of(const struct tried *all, const struct app_kind *kind, size_t n)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->row[i]->kind == kind && all->row[i]->n == n) return &all->trial[i];
    return NULL;
}

/* ---- tables */

static void put_tables(const struct stage *s, const struct tried *all)
{
    char text[ROWS][LABEL];
    const char *label[ROWS];
    for (size_t i = 0; i < all->count; i++) {
        const struct row *row = all->row[i];
        if (row->kind->what)
            snprintf(text[i], LABEL, "%s %zu", row->kind->name, row->n);
        else
            snprintf(text[i], LABEL, "%s", row->kind->name);
        label[i] = text[i];
    }
    trial_tables(s->run, all->count, label, all->trial);
}

/* ---- claims */

/* No output of the claim's networks is wrong. */
static void claim_wrong(const struct stage *s, const struct tried *all, const char *claim)
{
    size_t wrong = 0, compared = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (claim && strcmp(all->row[i]->claim, claim) != 0) continue;
        wrong += trial_wrong(&all->trial[i]);
        compared += trial_compared(&all->trial[i]);
    }
    study_claim_value(s->run, claim ? claim : "C7", compared ? (double)wrong : NAN, compared, NULL);
}

static void claim_floyd_warshall(const struct stage *s, const struct tried *all)
{
    double neurons = 0.0, shape = 0.0;
    size_t seen = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct trial *t = &all->trial[i];
        const double n = (double)all->row[i]->n;
        if (all->row[i]->kind != &app_floyd_warshall) continue;
        const double formula = 2.0 * n * (n - 1.0) * (n - 1.0);
        neurons = fmax(neurons, fabs((double)(t->size.gates + t->size.passes) - formula));
        shape = fmax(shape, fabs((double)t->depth - n));
        shape = fmax(shape, fabs((double)t->size.width - 2.0 * (n - 1.0) * (n - 1.0)));
        seen++;
    }
    study_claim_value(s->run, "C4b", neurons, seen, NULL);
    study_claim_value(s->run, "C4c", shape, seen, NULL);
}

/* Neurons over T S |G| (|Q| + 1). */
static double machine_share(const struct row *row, const struct trial *t, uint64_t seed)
{
    struct app a;
    if (app_open(&a, row->kind, row->n, seed) != STATUS_OK) return NAN;
    const struct turing *m = a.data;
    const double formula =
        (double)m->steps * (double)m->cells * (double)m->symbols * (double)(m->states + 1);
    app_close(&a);
    return (double)(t->size.gates + t->size.passes) / formula;
}

static void claim_machines(const struct stage *s, const struct tried *all)
{
    double least = INFINITY, passes = 0.0;
    size_t seen = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->row[i]->claim, "C5") != 0) continue;
        const double share = machine_share(all->row[i], &all->trial[i], s->seed);
        if (share > 1.0 || share < least) least = share;
        passes += (double)all->trial[i].size.passes;
        seen++;
    }
    study_claim_value(s->run, "C5b", least, seen, NULL);
    study_claim_value(s->run, "C5c", passes, seen, NULL);
}

/* Ones on the tape where it has halted, by the right outputs of the blank tape. */
static enum status claim_beaver(const struct stage *s, const struct tried *all)
{
    const size_t cells = 17;
    const struct trial *t = tried_of(all, &app_bb4, cells);
    struct app a;
    if (!t) return STATUS_OK;
    const enum status status = app_open(&a, &app_bb4, cells, s->seed);
    if (status != STATUS_OK) return status;
    const struct turing *m = a.data;
    const size_t wires = turing_wires(m);
    int64_t *in = malloc(wires * sizeof *in), *out = malloc(wires * sizeof *out);
    double ones = 0.0, halted = 0.0;
    if (in && out) {
        a.kind->draw(&a, 0, in);
        a.kind->judge(&a, in, out);
        const size_t one = m->symbol[0] == '1' ? 0 : 1;
        for (size_t i = 0; i < m->cells; i++) {
            ones += (double)out[i * m->symbols + one];
            for (size_t q = 0; q < m->states; q++)
                if (m->halts[q]) halted += (double)out[m->cells * m->symbols + i * m->states + q];
        }
        study_claim_value(s->run, "C5d", trial_wrong(t) == 0 ? ones * halted : NAN, 1, NULL);
    }
    free(in);
    free(out);
    app_close(&a);
    return STATUS_OK;
}

/* Over 2 N + 2; what belongs to an entry of 0 is not there. */
static void claim_tables(const struct stage *s, const struct tried *all)
{
    double least = INFINITY;
    size_t seen = 0;
    for (size_t i = 0; i < all->count; i++) {
        const double formula = 2.0 * (double)all->row[i]->n + 2.0;
        if (strcmp(all->row[i]->claim, "C6") != 0) continue;
        const double share = (double)all->trial[i].size.gates / formula;
        if (share > 1.0 || share < least) least = share;
        seen++;
    }
    study_claim_value(s->run, "C6b", least, seen, NULL);
}

static void claim_sums(const struct stage *s, const struct tried *all)
{
    double most = 0.0;
    for (size_t i = 0; i < all->count; i++)
        most = fmax(most, fmax(all->trial[i].size.sum, all->trial[i].skip_size.sum));
    study_claim_value(s->run, "C9", log2(most), all->count, NULL);
}

static void claim_products(const struct stage *s, const struct tried *all)
{
    const struct trial *wide = tried_of(all, &app_layer_product, 256);
    const struct trial *deep = tried_of(all, &app_gated_product, 8);
    if (wide) study_claim_value(s->run, "C10", (double)wide->size.gates, 1, NULL);
    if (deep)
        study_claim_value(s->run, "C10b", (double)(deep->size.gates + deep->size.passes), 1, NULL);
}

static enum status claim_all(const struct stage *s, const struct tried *all)
{
    static const char *const wrong[] = {"C1",   "C2",   "C3",   "C4",  "C5",   "C6",
                                        "C10c", "C11b", "C11c", "C12", "RAND", "ADLEMAN"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) claim_wrong(s, all, wrong[i]);
    claim_wrong(s, all, NULL);
    claim_floyd_warshall(s, all);
    claim_machines(s, all);
    claim_tables(s, all);
    claim_sums(s, all);
    claim_products(s, all);
    return claim_beaver(s, all);
}

enum status stage_applications(const struct stage *s)
{
    struct tried *all = calloc(1, sizeof *all);
    enum status status = all ? STATUS_OK : fail(STATUS_OS, "no memory for the applications");
    const struct trial_plan plan = {.threads = study_threads(s->run),
                                    .flops = s->size == STUDY_SMOKE ? 2e7 : 2e9,
                                    .bytes = s->size == STUDY_SMOKE ? 1e7 : 7e8,
                                    .rounds = stage_pick(s, 1, 5, 9),
                                    .stop = stage_stop,
                                    .ctx = s->run};
    for (size_t i = 0; i < ROWS && status == STATUS_OK; i++) {
        struct app a;
        if (rows[i].least > s->size) continue;
        if (stage_at(s, (double)i / ROWS)) break;
        status = app_open(&a, rows[i].kind, rows[i].n, s->seed);
        if (status != STATUS_OK) break;
        status = trial_run(&all->trial[all->count], &a, &plan);
        app_close(&a);
        if (status == STATUS_OK && !all->trial[all->count].stopped)
            all->row[all->count++] = &rows[i];
    }
    if (status == STATUS_OK && all->count) put_tables(s, all);
    if (status == STATUS_OK && !study_interrupted(s->run)) status = claim_all(s, all);
    free(all);
    return status;
}
