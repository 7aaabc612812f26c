#include "row.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "base/par.h"
#include "check/run.h"
#include "check/twins.h"

/* More than this and the oracle would take longer than the timing: the check then takes fewer rows
 * of the batch, which no kernel computes differently from the others. */
static const double CHECK_FLOPS = 5e7;

static void set_ftz(const struct team *team, void *on)
{
    (void)team;
    cpu_set_ftz(*(const bool *)on);
}

static void enter_ftz(void *ctx)
{
    bool on = true;
    par_team(((struct variant *)ctx)->row->threads, set_ftz, &on);
}

static void leave_ftz(void *ctx)
{
    bool off = false;
    par_team(((struct variant *)ctx)->row->threads, set_ftz, &off);
}

static void body(void *ctx)
{
    struct variant *v = ctx;
    const struct workload *w = &v->row->work;
    if (v->run)
        twin_exec(v->run);
    else
        w->spec->call(kernel_set(v->isa), &w->shape, w->buf, v->row->threads);
}

static struct shape smaller(const struct kernel_spec *spec, struct shape s)
{
    while (s.m > 1 && spec->flops(&s) > CHECK_FLOPS) s.m = (s.m + 1) / 2;
    return s;
}

static void call_wrong(struct row *row, struct variant *v, const char *text)
{
    v->state = STATE_WRONG;
    if (!row->wrong[0])
        snprintf(row->wrong, sizeof row->wrong, "%.120s %s: %.160s", row->name, v->name, text);
}

/* Every variant against the f64 oracle at the check's shape. */
static enum status check_variants(struct row *row, uint64_t seed)
{
    struct problem p;
    struct finding f = {VERDICT_PASS, ""};
    enum status status =
        problem_open(&p, row->work.spec, &(struct check_case){row->check_shape, CARE_FULL, NULL},
                     FILL_UNIT, seed);
    if (status != STATUS_OK) return status;
    void *out = malloc(problem_output_bytes(&p) + 1);
    if (!out) status = fail(STATUS_OS, "no memory to check %s", row->name);
    for (size_t i = 0; status == STATUS_OK && i < row->variants; i++) {
        struct variant *v = &row->variant[i];
        if (v->state != STATE_TIMED || v->ftz) continue;
        if (v->isa != ISA_COUNT) {
            const struct placement plain = {PLACE_INSIDE, 0, false};
            if (!run_problem(&p, kernel_set(v->isa), row->threads, plain, out, &f) ||
                !judge_bound(&p, out, &v->readout, &f))
                call_wrong(row, v, f.text);
            continue;
        }
        if (twins_run(&p, (int)v->form, row->threads, out, &v->readout, &f) == TWIN_WRONG)
            call_wrong(row, v, f.text);
    }
    free(out);
    problem_close(&p);
    return status;
}

static struct variant *add(struct row *row, const char *name, enum isa isa)
{
    struct variant *v = &row->variant[row->variants++];
    *v = (struct variant){.isa = isa, .row = row, .state = STATE_TIMED};
    snprintf(v->name, sizeof v->name, "%s", name);
    snprintf(v->impl, sizeof v->impl, "%s", name);
    return v;
}

static void add_lanes(struct row *row, const struct row_plan *plan)
{
    enum isa widest = ISA_COUNT;
    for (int i = 0; i < ISA_COUNT; i++) {
        if (!(plan->isas >> i & 1u) || !kernel_set((enum isa)i)) continue;
        if (kernel_set_emulated((enum isa)i)) continue;
        add(row, isa_name((enum isa)i), (enum isa)i);
        widest = (enum isa)i;
    }
    if (!plan->ftz || widest == ISA_COUNT) return;
    char name[24];
    snprintf(name, sizeof name, "%s+ftz", isa_name(widest));
    add(row, name, widest)->ftz = true;
}

static void add_twins(struct row *row)
{
    const struct workload *w = &row->work;
    const struct twin *twin = twin_of(w->spec->name);
    const unsigned forms = twin ? twin->forms(&w->shape) : 0;
    for (int f = 0; f < FORM_COUNT; f++) {
        struct twin_run *run = NULL;
        if (!(forms >> f & 1u)) continue;
        if (twin->open(&run, &w->shape, w->buf, row->threads, (enum form)f) != STATUS_OK) continue;
        char name[24];
        snprintf(name, sizeof name, "dnnl-%s", form_name((enum form)f));
        struct variant *v = add(row, name, ISA_COUNT);
        v->form = (enum form)f;
        v->run = run;
        snprintf(v->impl, sizeof v->impl, "%s", twin_impl(run));
        if (twin_is_ref(run)) v->state = STATE_REF;
    }
}

enum status row_open(struct row *row, const struct row_plan *plan, struct sampler *sampler,
                     struct task task[TASKS_MAX], struct samples samples[TASKS_MAX])
{
    const struct kernel_spec *spec = row->work.spec;
    size_t tasks = 0;
    row->flops = spec->flops(&row->work.shape);
    row->bytes = spec->bytes(&row->work.shape);
    row->check_shape = smaller(spec, row->work.shape);
    row->best_twin = TASKS_MAX;
    if (spec->prepare) spec->prepare(kernel_set_best(), &row->work.shape, row->work.buf);
    add_lanes(row, plan);
    if (plan->twins) add_twins(row);
    const enum status status = check_variants(row, plan->sampling.seed);
    if (status != STATUS_OK) return status;
    for (size_t i = 0; i < row->variants; i++) {
        struct variant *v = &row->variant[i];
        if (v->state != STATE_TIMED) continue;
        task[tasks++] = (struct task){.name = v->name,
                                      .body = body,
                                      .ctx = v,
                                      .threads = row->threads,
                                      .enter = v->ftz ? enter_ftz : NULL,
                                      .leave = v->ftz ? leave_ftz : NULL};
    }
    sampler_open(sampler, task, tasks, &plan->sampling, samples);
    return STATUS_OK;
}

static void find_best_twin(struct row *row)
{
    double best = INFINITY;
    for (size_t i = 0; i < row->variants; i++) {
        const struct variant *v = &row->variant[i];
        if (v->isa != ISA_COUNT || v->state != STATE_TIMED) continue;
        const double median = stats_median(v->samples.ns, row->rounds);
        if (median >= best) continue;
        best = median;
        row->best_twin = i;
    }
}

void row_conclude(struct row *row, const struct sampler *sampler)
{
    row->rounds = sampler->round;
    for (size_t t = 0; t < sampler->tasks; t++)
        ((struct variant *)sampler->task[t].ctx)->samples = sampler->out[t];
    if (row->rounds == 0) return;
    find_best_twin(row);
    if (row->best_twin == TASKS_MAX) return;
    const double *twin = row->variant[row->best_twin].samples.ns;
    for (size_t i = 0; i < row->variants; i++) {
        struct variant *v = &row->variant[i];
        if (v->state == STATE_TIMED) v->vs_onednn = stats_ratio(v->samples.ns, twin, row->rounds);
    }
}

void row_close(struct row *row)
{
    for (size_t i = 0; i < row->variants; i++) {
        twin_close(row->variant[i].run);
        row->variant[i].run = NULL;
    }
    workload_close(&row->work);
}
