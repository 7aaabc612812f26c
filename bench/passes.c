#include "passes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "forks.h"
#include "worker/child.h"
#include "worker/record.h"

/* A pass in the making. */
struct pass {
    struct passes *run;
    size_t number, count, visits;
    size_t *row; /* indices, in the order of the visits */
    struct budget budget;
    struct child child;
};

static void add_note(struct row *row, const char *text)
{
    const size_t used = strlen(row->note);
    snprintf(row->note + used, sizeof row->note - used, "%s%s", used ? "; " : "", text);
}

static size_t most_forks(const struct passes *p)
{
    return p->arguments->forks;
}

static size_t least_forks(const struct passes *p)
{
    return most_forks(p) < LEAST_FORKS ? most_forks(p) : LEAST_FORKS;
}

static size_t min_rounds(const struct passes *p)
{
    if (p->arguments->sweep) return SWEEP_LEAST;
    return most_forks(p) > 1 ? VISIT_ROUNDS : MIN_ROUNDS;
}

static size_t most_rounds(const struct passes *p)
{
    return p->arguments->sweep ? SWEEP_MOST : MOST_ROUNDS;
}

/* ---- which rows, in which order */

static bool is_due(const struct passes *p, const struct row *row, size_t pass)
{
    if (row->out || row->forks >= most_forks(p)) return false;
    if (pass < least_forks(p)) return row->forks <= pass && (pass == 0 || row->forks > 0);
    return row->forks > 0 && forks_half_width(row) > p->arguments->target;
}

static void shuffle(size_t *x, size_t n, uint64_t random)
{
    for (size_t i = n; i > 1; i--) {
        random = random * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
        const size_t j = (size_t)((random >> 33) % i), kept = x[i - 1];
        x[i - 1] = x[j];
        x[j] = kept;
    }
}

static const struct rows *sorted; /* qsort has no context */

static int wider(const void *a, const void *b)
{
    const double x = forks_half_width(&sorted->at[*(const size_t *)a]);
    const double y = forks_half_width(&sorted->at[*(const size_t *)b]);
    return (x < y) - (x > y);
}

/* Of the rows beyond the first passes, where there is no time for all: the widest. */
static void keep_widest(struct pass *pass, double seconds)
{
    struct rows *rows = pass->run->rows;
    double need = 0.0;
    size_t kept = 0;
    sorted = rows;
    qsort(pass->row, pass->count, sizeof *pass->row, wider);
    for (size_t i = 0; i < pass->count; i++) {
        const double least = budget_least(&pass->budget, rows->cost[pass->row[i]]);
        if (need + least > seconds) continue;
        need += least;
        pass->row[kept++] = pass->row[i];
    }
    pass->count = kept;
}

/* In the first pass other scales come after the row whose fastest form of oneDNN they take. */
static void plan(struct pass *pass)
{
    struct passes *p = pass->run;
    const struct rows *rows = p->rows;
    const size_t number = pass->number, least = least_forks(p);
    const struct terms terms = {.until = p->until,
                                .reserve = p->reserve,
                                .min_rounds = min_rounds(p),
                                .rounds = most_rounds(p),
                                .later = number < least ? least - 1 - number : 0,
                                .further = number + 1 < most_forks(p)};
    const double now = clock_seconds();
    size_t heads = 0;
    pass->count = pass->visits = 0;
    for (int like = 0; like < 2; like++) {
        for (size_t i = 0; i < rows->count; i++)
            if ((rows->at[i].like != NULL) == like && is_due(p, &rows->at[i], number))
                pass->row[pass->count++] = i;
        if (!like) heads = pass->count;
    }
    budget_start(&pass->budget, &terms);
    if (number >= least) keep_widest(pass, p->until - p->reserve - now);
    for (size_t i = 0; i < pass->count; i++) budget_add(&pass->budget, rows->cost[pass->row[i]]);
    const uint64_t seed = p->arguments->options.seed + 0x9e3779b97f4a7c15u * (number + 1);
    if (number > 0) heads = pass->count;
    shuffle(pass->row, heads, seed);
    shuffle(pass->row + heads, pass->count - heads, seed);
}

/* ---- one visit */

static json_t *sample_request(const struct pass *pass, size_t i, double seconds, bool tight)
{
    const struct arguments *a = pass->run->arguments;
    const uint64_t seed = a->options.seed + 1000003u * i + pass->number;
    /* So precise in one process that what is left of its noise is small beside the target. */
    return json_pack("{s:{s:[I, I], s:f, s:b, s:f, s:I}}", "sample", "rounds",
                     (json_int_t)min_rounds(pass->run), (json_int_t)most_rounds(pass->run),
                     "seconds", seconds, "tight", (int)tight, "target", 0.2 * a->target, "seed",
                     (json_int_t)(seed & INT64_MAX)); /* as wide as an integer of JSON */
}

static double number(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

/* What record_take() takes, a new reference; NULL where the worker could not do it (*status), or was killed by us. */
static json_t *ask(struct pass *pass, size_t i, struct share share, enum status *status)
{
    const double from = clock_seconds(), until = from + share.seconds;
    struct child *child = &pass->child;
    json_t *open = record_open_request(&pass->run->rows->at[i]), *sampled = NULL, *closed = NULL;
    json_t *opened = child_ask(child, open, "opened", status);
    if (opened)
        sampled = child_ask(child, sample_request(pass, i, until - clock_seconds(), share.tight),
                            "sampled", status);
    if (sampled) closed = child_ask(child, json_pack("{s:b}", "close", 1), "closed", status);
    if (closed)
        return json_pack("{s:o, s:o, s:o, s:f}", "opened", opened, "sampled", sampled, "closed",
                         closed, "seconds", clock_seconds() - from);
    json_decref(opened);
    json_decref(sampled);
    if (*status != STATUS_OK || pass->run->stop()) return NULL;
    return json_pack("{s:s, s:s}", "died", child->died, "variant", child->variant);
}

static void say(const char *what, const char *text)
{
    fprintf(stderr, "%shinge bench: %s: %s\n", isatty(STDERR_FILENO) ? "\r\033[K" : "", what, text);
}

static void say_wrong(struct passes *p, const char *text)
{
    p->status = STATUS_WRONG;
    say("WRONG, not timed", text);
}

/* That ends the row's visits, so it is said once. A plug-in's crash is a wrong result: its author is to hear of it. */
static void say_crashed(struct passes *p, const struct row *row)
{
    char text[320];
    bool plugin = false;
    for (size_t i = 0; i < row->variants; i++)
        plugin |= row->variant[i].isa == ISA_PLUGIN && row->variant[i].state == STATE_CRASHED;
    snprintf(text, sizeof text, "%.191s %.96s", row->name, row->crash);
    if (plugin)
        say_wrong(p, text);
    else if (row->crash[0])
        say("not timed", text);
}

/* What it took, and what it teaches of visits to come. */
static void learn(struct pass *pass, size_t i, const json_t *visit)
{
    struct rows *rows = pass->run->rows;
    struct row *row = &rows->at[i];
    const json_t *sampled = json_object_get(visit, "sampled");
    const double spent = number(sampled, "seconds"), fixed = number(visit, "seconds") - spent;
    const struct done done = {fixed, spent, (size_t)number(sampled, "rounds"), rows_again(row)};
    budget_done(&pass->budget, rows->cost[i], &done);
    pass->visits += done.rounds > 0;
    if (!done.rounds) return;
    rows->cost[i] = done.next;
    for (size_t j = 0; pass->number == 0 && j < rows->count; j++)
        if (rows->at[j].like == row && rows->at[j].forks == 0 && !rows->at[j].out)
            rows->cost[j] = budget_learn(&pass->budget, rows->cost[j], rows_like(row, fixed));
}

/* A row that could not be opened, or whose answers cannot be read, is not tried again. */
static void give_up(struct pass *pass, struct row *row, enum status status)
{
    struct passes *p = pass->run;
    if (p->status == STATUS_OK) p->status = status;
    row->out = true;
    add_note(row, status_text());
}

/* Not STATUS_OK where no worker can be started. */
static enum status visit(struct pass *pass, size_t i)
{
    struct passes *p = pass->run;
    struct row *row = &p->rows->at[i];
    const struct share share = budget_share(&pass->budget, clock_seconds(), p->rows->cost[i]);
    const bool had_wrong = row->wrong[0] != '\0';
    enum status status = STATUS_OK;
    json_t *visit = NULL;
    /* A later process is not worth its set-up for fewer rounds. */
    if (share.seconds > 0.0 && !(share.tight && row->forks)) {
        if (!pass->child.pid) status = child_start(&pass->child, "/proc/self/exe", p->argv);
        if (status != STATUS_OK) return status;
        visit = ask(pass, i, share, &status);
    }
    if (visit) status = record_take(row, visit);
    if (status != STATUS_OK) give_up(pass, row, status);
    if (visit && status == STATUS_OK)
        journal_add(p->journal, row, visit, clock_seconds() - p->begun);
    if (visit && !row->out)
        learn(pass, i, visit);
    else
        budget_done(&pass->budget, p->rows->cost[i], NULL);
    if (row->wrong[0] && !had_wrong) say_wrong(p, row->wrong);
    if (visit) say_crashed(p, row);
    json_decref(visit);
    return STATUS_OK;
}

static void progress(const struct pass *pass, size_t done)
{
    if (!isatty(STDERR_FILENO)) return;
    const double eta = budget_eta(&pass->budget, clock_seconds());
    fprintf(stderr, "\r\033[Kprocess %zu, %zu/%zu, %.0f:%02.0f left: %.50s", pass->number + 1,
            done + 1, pass->count, (double)(long)(eta / 60.0), (double)((long)eta % 60),
            pass->run->rows->at[pass->row[done]].name);
}

/* ---- the run */

/* Not yet opened, or with something in it that has a time. */
static bool is_open_ended(const struct row *row)
{
    for (size_t i = 0; i < row->variants; i++)
        if (row->variant[i].state == STATE_TIMED) return true;
    return row->variants == 0;
}

static void note_shortage(const struct passes *p, struct row *row)
{
    char text[80];
    if (!row->forks && !row->out && is_open_ended(row))
        add_note(row, p->stop() ? "left out: interrupted"
                                : "left out: more than its part of the budget");
    if (row->forks == 1 && row->rounds < MIN_ROUNDS) {
        snprintf(text, sizeof text, "%zu rounds: too few for an interval", row->rounds);
        add_note(row, text);
    }
    if (row->forks && row->forks < least_forks(p) && !row->crash[0]) {
        snprintf(text, sizeof text, "%zu of %zu processes: %s", row->forks, least_forks(p),
                 p->stop() ? "interrupted" : "short of time");
        add_note(row, text);
    }
}

enum status passes_run(struct passes *p)
{
    struct pass pass = {.run = p, .row = calloc(p->rows->count, sizeof *pass.row)};
    enum status status = STATUS_OK;
    if (!pass.row) return fail(STATUS_OS, "no memory for %zu rows", p->rows->count);
    for (; pass.number < most_forks(p) && status == STATUS_OK && !p->stop(); pass.number++) {
        plan(&pass);
        for (size_t i = 0; i < pass.count && status == STATUS_OK && !p->stop(); i++) {
            progress(&pass, i);
            status = visit(&pass, pass.row[i]);
        }
        if (p->stop())
            child_kill(&pass.child);
        else
            child_end(&pass.child);
        if (!pass.visits && pass.number + 1 >= least_forks(p)) break;
    }
    if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
    for (size_t i = 0; i < p->rows->count; i++) note_shortage(p, &p->rows->at[i]);
    free(pass.row);
    return status;
}
