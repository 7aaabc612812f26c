#include "serve.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "base/clock.h"
#include "base/par.h"
#include "child.h"
#include "commit.h"
#include "gb.h"
#include "measure/machine.h"
#include "measure/pages.h"
#include "measure/splitmix.h"

/* The row under way, as Google Benchmark drives it. */
struct visit {
    struct server *server;
    const json_t *request; /* to open it */
    json_t *next; /* a request that came after its last round, for others to meet; or NULL */
    struct row row;
    struct stage *stage;
    struct opened opened;
    bool sampling; /* an answer to a request to sample is due */
    /* Of a sweep. */
    unsigned char placed[SAMPLES_MAX]; /* the placement of each round */
    unsigned char order[PLACEMENTS];   /* of the rounds of this group */
    bool held[PLACEMENTS];             /* to the words there, in this process */
};

/* While it waits, no thread of a team spins. */
static json_t *receive(struct server *server)
{
    par_release();
    return channel_receive(&server->channel);
}

static bool answer(struct server *server, const char *key, json_t *value)
{
    return channel_send(&server->channel, json_pack("{s:o}", key, value));
}

static bool answer_failed(struct server *server, enum status code)
{
    return answer(server, "failed",
                  json_pack("{s:i, s:s}", "code", (int)code, "text", status_text()));
}

static json_t *hello(const struct server *server)
{
    json_t *cases = json_array();
    for (size_t i = 0; i < server->rows->count; i++) {
        const struct row *row = &server->rows->at[i];
        json_array_append_new(cases,
                              json_pack("{s:s, s:i}", "name", row->name, "threads", row->threads));
    }
    return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:o}", "hello", "hinge-worker", "protocol",
                     CHILD_PROTOCOL, "version", HINGE_VERSION, "commit", HINGE_COMMIT, "compiler",
                     machine_compiler(), "onednn", twin_version(), "cases", cases);
}

/* ---- open */

static enum status find_row(const struct server *server, const json_t *request, struct row *row)
{
    const char *name = json_string_value(json_object_get(request, "open"));
    const json_int_t threads = json_integer_value(json_object_get(request, "threads"));
    const json_int_t copies = json_integer_value(json_object_get(request, "copies"));
    const double plant = json_number_value(json_object_get(request, "plant"));
    const struct row *found = rows_find(server->rows, name, threads);
    if (found) {
        *row = *found;
        if (copies > 0) row->work.copies = (size_t)copies;
        if (plant > 0.0 && plant <= 1.0) row->plant = plant;
        return STATUS_OK;
    }
    return fail(STATUS_USAGE, "%s on %d threads: no such row",
                name ? name : "a request without a name", (int)threads);
}

static enum status open_operands(const struct server *server, struct row *row, struct stage *stage)
{
    struct arena *memory = &stage->memory;
    const uint64_t seed = server->arguments->options.seed;
    enum status status = rows_fit(row, memory->size + stage->verify.arena.size);
    if (status == STATUS_OK) status = workload_open(&row->work, memory);
    if (status != STATUS_OK) return status;
    if (row->chain) return workload_set_inputs(&row->work, server->data, seed);
    workload_draw(&row->work, seed);
    return STATUS_OK;
}

/* Names of no form of ours are forms that this build does not have. */
static unsigned forms_of(const json_t *request)
{
    unsigned forms = 0;
    size_t i;
    const json_t *name;
    json_array_foreach(
        json_object_get(request, "forms"), i,
        name) for (int f = 0; f < FORM_COUNT;
                   f++) if (json_is_string(name) &&
                            strcmp(json_string_value(name), form_name((enum form)f)) == 0) forms |=
        FORM_BIT(f);
    return forms;
}

static size_t read_known(json_t *words, struct known known[TASKS_MAX])
{
    size_t n = 0;
    const char *name;
    json_t *hex;
    json_object_foreach(words, name, hex)
    {
        if (n == TASKS_MAX || !json_is_string(hex)) continue;
        snprintf(known[n].name, sizeof known[n].name, "%s", name);
        known[n++].words = strtoull(json_string_value(hex), NULL, 16);
    }
    return n;
}

static bool open_row(void *ctx)
{
    struct visit *v = ctx;
    const double from = clock_seconds();
    struct known known[TASKS_MAX];
    json_t *words = json_object_get(v->request, "words");
    enum status status = find_row(v->server, v->request, &v->row);
    const bool alone = json_is_true(json_object_get(v->request, "alone"));
    const struct row_plan plan = {.twins = !alone,
                                  .peers = !alone && v->server->arguments->peers,
                                  .ftz = !alone && v->row.chain && !v->row.flush,
                                  .forms = forms_of(v->request),
                                  .known = words ? known : NULL,
                                  .knowns = read_known(words, known)};
    if (status == STATUS_OK) status = open_operands(v->server, &v->row, v->stage);
    if (status == STATUS_OK) status = row_open(&v->row, v->stage, &plan, &v->opened);
    v->opened.seconds = clock_seconds() - from;
    if (status == STATUS_OK &&
        answer(v->server, "opened",
               answer_opened(&v->row, &v->opened, pages_huge(v->row.work.buf[0]))))
        return true;
    row_close(&v->row);
    if (status != STATUS_OK) answer_failed(v->server, status);
    return false;
}

/* ---- sample, close */

static bool start_sampling(struct visit *v, json_t *request)
{
    json_int_t least = 0, most = 0, seed = 0;
    double seconds = 0.0, target = 0.0;
    int tight = 0;
    if (json_unpack(request, "{s:[I, I], s:F, s:b, s:F, s:I}", "rounds", &least, &most, "seconds",
                    &seconds, "tight", &tight, "target", &target, "seed", &seed) != 0 ||
        least < 0 || most < 0)
        return false;
    const struct plan plan = {.budget_ns = 1e9 * (seconds - v->opened.again_seconds),
                              .min_rounds = (size_t)least,
                              .rounds = (size_t)most,
                              .tight = tight != 0,
                              .step = v->row.work.sweep ? PLACEMENTS : 0,
                              .target = target,
                              .seed = (uint64_t)seed};
    sampler_restart(&v->stage->sampler, &plan);
    return true;
}

/* The next request is met here, one to sample, or left for others. False where there is nothing more to sample. */
static bool next_request(struct visit *v)
{
    json_t *request = receive(v->server);
    json_t *sample = json_object_get(request, "sample");
    v->sampling = sample && start_sampling(v, sample);
    if (!sample) {
        v->next = request;
        return false;
    }
    json_decref(request);
    if (v->sampling) return true;
    fail(STATUS_USAGE, "a request to sample without its plan");
    return answer_failed(v->server, STATUS_USAGE);
}

/* Before each group of rounds. */
static void shuffle_placements(struct visit *v)
{
    uint64_t state = v->stage->sampler.plan.seed + v->stage->sampler.round;
    for (size_t i = 0; i < PLACEMENTS; i++) v->order[i] = (unsigned char)i;
    for (size_t i = PLACEMENTS; i > 1; i--) {
        const size_t j = splitmix_below(&state, i);
        const unsigned char kept = v->order[i - 1];
        v->order[i - 1] = v->order[j];
        v->order[j] = kept;
    }
}

/* Where the next round of a sweep is; false, and the answer is given, where that cannot be. */
static bool place_row(struct visit *v)
{
    struct sampler *s = &v->stage->sampler;
    const size_t at = s->round % PLACEMENTS;
    if (!v->row.work.sweep || !v->sampling) return true;
    if (at == 0) shuffle_placements(v);
    const unsigned char k = v->placed[s->round] = v->order[at];
    const double from = clock_seconds();
    const enum status status = row_place(&v->row, v->stage, k, !v->held[k]);
    v->held[k] = true;
    s->spent_ns += 1e9 * (clock_seconds() - from);
    if (status != STATUS_OK) answer_failed(v->server, status);
    return status == STATUS_OK;
}

static bool sample_row(void *ctx, double *seconds)
{
    struct visit *v = ctx;
    const struct sampler *s = &v->stage->sampler;
    const unsigned char *placed = v->row.work.sweep ? v->placed : NULL;
    for (;;) {
        if (!place_row(v)) return false;
        if (v->sampling && sampler_round(&v->stage->sampler)) break;
        if (v->sampling && !answer(v->server, "sampled", answer_sampled(s, placed))) return false;
        if (!next_request(v)) return false;
    }
    *seconds = 1e-9 * s->out[0].ns[s->out[0].count - 1];
    return true;
}

static void close_row(void *ctx)
{
    struct visit *v = ctx;
    const double from = clock_seconds();
    if (!json_object_get(v->next, "close")) {
        row_close(&v->row);
        return;
    }
    const enum status status =
        v->row.work.sweep ? row_place(&v->row, v->stage, 0, false) : STATUS_OK;
    if (status == STATUS_OK) row_check_again(v->stage);
    row_close(&v->row);
    if (status == STATUS_OK)
        answer(v->server, "closed", answer_closed(&v->row, clock_seconds() - from));
    else
        answer_failed(v->server, status);
    json_decref(v->next);
    v->next = NULL;
}

/* ---- all requests */

static void visit(struct server *server, struct stage *stage, json_t *request)
{
    static struct visit v;
    v = (struct visit){.server = server, .request = request, .stage = stage};
    const struct gb_case one = {json_string_value(json_object_get(request, "open")), &v, open_row,
                                close_row, sample_row};
    gb_run(&one, 1);
    if (!v.next) return;
    fail(STATUS_USAGE, "a row is open: sample or close it");
    answer_failed(server, STATUS_USAGE);
    json_decref(v.next);
}

enum status serve(struct server *server)
{
    /* Operands begin a huge page wherever there is one: their place in the caches is then no matter of chance. */
    enum { AT_LEAST = 2 << 20 };
    static struct stage stage;
    enum status status = arena_open(&stage.memory, AT_LEAST, "a worker");
    if (status != STATUS_OK || !channel_send(&server->channel, hello(server))) return status;
    json_t *request;
    while ((request = receive(server))) {
        if (json_is_string(json_object_get(request, "open"))) {
            visit(server, &stage, request);
        } else {
            fail(STATUS_USAGE, "no row is open: open one first");
            answer_failed(server, STATUS_USAGE);
        }
        json_decref(request);
    }
    stage_close(&stage);
    return STATUS_OK;
}
