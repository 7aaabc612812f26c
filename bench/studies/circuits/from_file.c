/* A circuit, a netlist or a Turing machine from a file, tried like an application: on all inputs where they are
 * few, else on drawn ones. Its judge computes by what the file says, gate by gate, without a network. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "studies/circuits/asked.h"
#include "studies/circuits/circuit_text.h"
#include "studies/circuits/netlist.h"
#include "studies/circuits/stages.h"
#include "studies/circuits/text_file.h"
#include "studies/circuits/turing.h"

enum { CASES = 1024 };

/* The app's data. */
struct source {
    bool is_netlist;
    struct netlist netlist;
    int64_t *value;            /* of each gate of the circuit, for its judge */
    uint64_t *word, *in, *out; /* for the netlist's */
    enum status status;        /* of the first case that the judge refused */
};

/* ---- inputs */

/* How many different inputs there are; CASES + 1 where there are more. */
static size_t all_inputs(const struct circuit *c)
{
    size_t all = 1;
    for (size_t i = 0; i < c->inputs.count && all <= CASES; i++) {
        const struct range r = circuit_at(c, ((const uint32_t *)c->inputs.at)[i])->range;
        all = r.hi - r.lo < CASES ? all * (size_t)(r.hi - r.lo + 1) : CASES + 1;
    }
    return all;
}

static void draw(const struct app *a, size_t i, int64_t *in)
{
    const struct circuit *c = &a->circuit;
    const bool all = all_inputs(c) <= CASES;
    for (size_t k = 0; k < c->inputs.count; k++) {
        const struct range r = circuit_at(c, ((const uint32_t *)c->inputs.at)[k])->range;
        const size_t values = (size_t)(r.hi - r.lo + 1);
        in[k] = all ? r.lo + (int64_t)(i % values) : app_random(a, i, k, r.lo, r.hi);
        if (all) i /= values;
    }
}

/* ---- judges */

static void judge_netlist(const struct app *a, const int64_t *in, int64_t *want)
{
    const struct source *s = a->data;
    for (size_t k = 0; k < s->netlist.inputs.count; k++) s->in[k] = (uint64_t)in[k];
    netlist_value(&s->netlist, s->in, s->out, s->word);
    for (size_t k = 0; k < s->netlist.outputs.count; k++) want[k] = (int64_t)(s->out[k] & 1u);
}

static void judge_circuit(const struct app *a, const int64_t *in, int64_t *want)
{
    struct source *s = a->data;
    const enum status status = circuit_value(&a->circuit, in, want, s->value);
    if (s->status == STATUS_OK) s->status = status;
}

static void close_source(struct app *a)
{
    struct source *s = a->data;
    if (!s) return;
    if (s->is_netlist) netlist_close(&s->netlist);
    free(s->value);
    free(s->word);
    free(s->in);
    free(s->out);
}

static const struct app_kind file_circuit = {
    .name = "circuit", .draw = draw, .judge = judge_circuit, .close = close_source};
static const struct app_kind file_netlist = {
    .name = "netlist", .draw = draw, .judge = judge_netlist, .close = close_source};

/* ---- files */

static enum status room_for_judge(struct app *a, struct source *s)
{
    s->value = calloc(a->circuit.gates.count + 1, sizeof *s->value);
    s->word = calloc(s->netlist.nodes.count + 1, sizeof *s->word);
    s->in = calloc(a->circuit.inputs.count + 1, sizeof *s->in);
    s->out = calloc(a->circuit.outputs.count + 1, sizeof *s->out);
    if (s->value && s->word && s->in && s->out) return STATUS_OK;
    return fail(STATUS_OS, "no memory for a circuit of %zu gates", a->circuit.gates.count);
}

static enum status read_netlist(struct app *a, struct source *s, const char *path)
{
    const enum status status = netlist_read(&s->netlist, path);
    if (status != STATUS_OK) return status;
    s->is_netlist = true;
    netlist_circuit(&s->netlist, &a->circuit);
    return circuit_ready(&a->circuit);
}

static enum status read_text(struct app *a, const char *path)
{
    char *text;
    size_t size;
    enum status status = text_file_read(path, &text, &size);
    if (status == STATUS_OK) status = text_file_check(path, text, size);
    if (status == STATUS_OK) status = circuit_parse(&a->circuit, text);
    free(text);
    return status;
}

static enum status read_circuit(struct app *a, const char *path)
{
    struct source *s = app_data(a, 1, sizeof *s);
    if (!s) return a->circuit.status;
    a->kind = netlist_is(path) ? &file_netlist : &file_circuit;
    const enum status status = netlist_is(path) ? read_netlist(a, s, path) : read_text(a, path);
    if (status != STATUS_OK) return status;
    const size_t all = all_inputs(&a->circuit);
    a->cases = all < CASES ? all : CASES;
    return room_for_judge(a, s);
}

static enum status read_machine(struct app *a, const char *path)
{
    struct turing *m = app_data(a, 1, sizeof *m);
    if (!m) return a->circuit.status;
    a->kind = &app_machine;
    const enum status status = turing_read(m, path);
    if (status != STATUS_OK) return status;
    turing_circuit(m, &a->circuit);
    a->cases = 64;
    return circuit_ready(&a->circuit);
}

/* ---- the command */

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void say(const struct app *a, const struct trial *t)
{
    const struct circuit *c = &a->circuit;
    const struct source *s = a->kind == &app_machine ? NULL : a->data;
    printf("%zu gates, %zu inputs, %zu outputs, %zu cases%s\n", c->gates.count, c->inputs.count,
           c->outputs.count, a->cases, s && a->cases == all_inputs(c) ? ": all there are" : "");
    if (s && s->is_netlist && s->netlist.latches)
        printf("%zu register%s cut: what it holds is an input, what it takes an output\n",
               s->netlist.latches, s->netlist.latches > 1 ? "s" : "");
    printf("%zu outputs compared, %zu wrong\n\n", trial_compared(t), trial_wrong(t));
}

static enum status try_app(struct study_run *run, const struct app *a, const char *path)
{
    struct trial *t = malloc(sizeof *t);
    const char *label = file_name(path);
    const struct trial_plan plan = {.threads = study_threads(run),
                                    .flops = 2e9,
                                    .bytes = 7e8,
                                    .rounds = study_size(run) == STUDY_SMOKE ? 1 : 5,
                                    .stop = stage_stop,
                                    .ctx = run};
    if (!t) return fail(STATUS_OS, "no memory to try %s", path);
    enum status status = trial_run(t, a, &plan);
    const struct source *s = a->kind == &app_machine ? NULL : a->data;
    if (status == STATUS_OK && s) status = s->status;
    if (status == STATUS_OK) {
        say(a, t);
        trial_tables(run, 1, &label, t);
        if (trial_wrong(t))
            status = fail(STATUS_WRONG, "%s: %zu outputs are wrong", path, trial_wrong(t));
    }
    free(t);
    return status;
}

enum status stage_file(struct study_run *run)
{
    const char *machine = circuits_asked.machine;
    const char *path = machine ? machine : circuits_asked.circuit;
    struct app a = {.kind = &file_circuit, .seed = study_seed(run)};
    circuit_open(&a.circuit, path);
    enum status status = machine ? read_machine(&a, path) : read_circuit(&a, path);
    if (status == STATUS_OK) status = try_app(run, &a, path);
    app_close(&a);
    return status;
}
