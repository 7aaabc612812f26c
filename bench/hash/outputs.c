#include "hash/outputs.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check/run.h"
#include "hash/fnv.h"

/* What a lane has written so far on so many threads. */
struct reading {
    uint64_t hash;
    bool lost; /* it differs, and has been told */
};

struct work {
    const struct hash_plan *plan;
    const struct problem *p;
    void *out; /* problem_output_bytes() */
    struct reading reading[ISA_COUNT][OPTION_THREADS_MAX];
    uint64_t inputs;
    enum status status;
};

static uint64_t add_elements(uint64_t hash, const void *data, enum type type, size_t count)
{
    const char *at = data;
    for (size_t i = 0; i < count; i++) {
        if (type == TYPE_F64) {
            double x;
            memcpy(&x, at + i * sizeof x, sizeof x);
            const uint64_t quiet = UINT64_C(0x7ff8000000000000);
            hash = isnan(x) ? fnv(hash, &quiet, sizeof quiet) : fnv(hash, &x, sizeof x);
        } else {
            uint32_t word;
            memcpy(&word, at + i * sizeof word, sizeof word);
            if (type == TYPE_F32 && (word & 0x7fffffffu) > 0x7f800000u) word = 0x7fc00000u;
            hash = fnv(hash, &word, sizeof word);
        }
    }
    return hash;
}

/* problem_gather()'s. */
static uint64_t add_outputs(uint64_t hash, const struct problem *p, const char *out)
{
    for (size_t o = 0; o < p->count; o++) {
        const struct operand *op = &p->op[o];
        if (!operand_written(op)) continue;
        hash = add_elements(hash, out, op->type, operand_elements(op));
        out += operand_elements(op) * operand_size(op);
    }
    return hash;
}

static uint64_t add_inputs(uint64_t hash, const struct problem *p)
{
    for (size_t o = 0; o < p->count; o++) {
        const struct operand *op = &p->op[o];
        if (op->role != ROLE_IN && op->role != ROLE_INOUT) continue;
        for (size_t r = 0; r < op->rows; r++)
            hash = add_elements(hash, (const char *)p->master[o] + r * op->ld * operand_size(op),
                                op->type, op->cols);
    }
    return hash;
}

static void tell(struct work *w, enum isa isa, int threads, const char *what)
{
    const struct problem *p = w->p;
    w->status = STATUS_WRONG;
    fprintf(w->plan->out, "MISMATCH %s %s, lane %s, %d thread%s, fill %s: %s\n", p->spec->name,
            p->name, isa_name(isa), threads, threads == 1 ? "" : "s", fill_name(p->fill), what);
}

static void read_lane(struct work *w, enum isa isa, size_t t, const struct reading *first)
{
    const struct placement plain = {PLACE_INSIDE, 0, false};
    const int threads = w->plan->threads[t];
    struct reading *r = &w->reading[isa][t];
    struct finding f = {VERDICT_PASS, ""};
    char what[96];
    if (r->lost) return;
    if (!run_problem(w->p, kernel_set(isa), threads, plain, w->out, &f)) {
        tell(w, isa, threads, f.text);
        r->lost = true;
        return;
    }
    r->hash = add_outputs(r->hash, w->p, w->out);
    if (first->lost || r->hash == first->hash) return;
    snprintf(what, sizeof what, "expected %016" PRIx64 ", got %016" PRIx64, first->hash, r->hash);
    tell(w, isa, threads, what);
    r->lost = true;
}

/* One fill on every lane and number of threads. The first reading is the others' measure. */
static void read_fill(struct work *w)
{
    const struct reading *first = NULL;
    w->inputs = add_inputs(w->inputs, w->p);
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        if (!(w->plan->isas >> isa & 1u)) continue;
        if (!first) first = &w->reading[isa][0];
        for (size_t t = 0; t < w->plan->thread_count; t++) read_lane(w, (enum isa)isa, t, first);
    }
}

static void start(struct work *w, const struct hash_plan *plan)
{
    *w = (struct work){.plan = plan, .inputs = FNV_START};
    for (int isa = 0; isa < ISA_COUNT; isa++)
        for (size_t t = 0; t < OPTION_THREADS_MAX; t++) w->reading[isa][t].hash = FNV_START;
}

enum status hash_case(const struct hash_plan *plan, const struct kernel_spec *spec,
                      const struct check_case *c, struct hash_row *row)
{
    struct work w;
    struct problem p;
    start(&w, plan);
    cases_name(spec, c, row->name, sizeof row->name);
    for (int fill = 0; fill < FILL_COUNT; fill++) {
        if (!(spec->fills >> fill & 1u)) continue;
        const enum status status = problem_draw(&p, spec, c, (enum fill)fill, plan->seed);
        if (status != STATUS_OK) return status;
        w.p = &p;
        w.out = malloc(problem_output_bytes(&p) + 1);
        if (w.out) read_fill(&w);
        problem_close(&p);
        if (!w.out) return fail(STATUS_OS, "%s: no memory for its outputs", row->name);
        free(w.out);
    }
    int first = 0;
    while (!(plan->isas >> first & 1u)) first++;
    row->inputs = w.inputs;
    row->outputs = w.reading[first][0].hash;
    return w.status;
}
