#include "pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "measure/stats.h"
#include "visit.h"

/* The length of a visit lets the run make so many pairs. */
enum { PAIRS_PLANNED = 12 };

/* ---- the two processes */

static enum status start(struct side *side)
{
    const enum status status = child_start(&side->child, side->program, side->argv);
    if (status != STATUS_OK) return status;
    const json_t *hello = side->child.hello;
    const struct {
        const char *key;
        char *to;
    } field[] = {{"commit", side->commit}, {"compiler", side->compiler}, {"onednn", side->onednn}};
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        const char *text = json_string_value(json_object_get(hello, field[i].key));
        snprintf(field[i].to, sizeof side->commit, "%s", text ? text : "unknown");
    }
    return STATUS_OK;
}

/* Which of the two is first is drawn: the first may find the caches and the machine otherwise. */
static enum status start_both(struct pairs *p)
{
    const size_t first = pair_draw(p) % SIDES;
    enum status status = start(&p->side[first]);
    if (status == STATUS_OK) status = start(&p->side[SIDES - 1 - first]);
    return status;
}

static void end_both(struct pairs *p)
{
    for (size_t s = 0; s < SIDES; s++) child_end(&p->side[s].child);
}

/* ---- rows */

static bool has_case(const json_t *cases, const char *name, int threads)
{
    size_t i;
    const json_t *x;
    json_array_foreach((json_t *)(uintptr_t)cases, i, x)
    {
        const char *other = json_string_value(json_object_get(x, "name"));
        if (other && strcmp(other, name) == 0 &&
            json_integer_value(json_object_get(x, "threads")) == threads)
            return true;
    }
    return false;
}

static enum status match_rows(struct pairs *p)
{
    const json_t *cases[SIDES];
    for (size_t s = 0; s < SIDES; s++) cases[s] = json_object_get(p->side[s].child.hello, "cases");
    p->row = calloc(json_array_size(cases[NEW]) + 1, sizeof *p->row);
    if (!p->row) return fail(STATUS_OS, "no memory for %zu rows", json_array_size(cases[NEW]));
    for (size_t i = 0; i < json_array_size(cases[NEW]); i++) {
        const json_t *x = json_array_get(cases[NEW], i);
        const char *name = json_string_value(json_object_get(x, "name"));
        const int threads = (int)json_integer_value(json_object_get(x, "threads"));
        if (!name || strlen(name) >= sizeof p->row->name) continue;
        if (!has_case(cases[OLD], name, threads)) {
            p->only[NEW]++;
            continue;
        }
        struct pair_row *row = &p->row[p->rows++];
        strcpy(row->name, name);
        row->threads = threads;
    }
    p->only[OLD] = json_array_size(cases[OLD]) - p->rows;
    if (p->rows) return STATUS_OK;
    return fail(STATUS_USAGE, "no row that both builds have: %zu only in %s, %zu only in %s",
                p->only[OLD], p->side[OLD].label, p->only[NEW], p->side[NEW].label);
}

enum status pairs_open(struct pairs *p)
{
    enum status status = start_both(p);
    if (status == STATUS_OK) status = match_rows(p);
    end_both(p);
    return status;
}

void pairs_close(struct pairs *p)
{
    end_both(p);
    for (size_t i = 0; i < p->rows; i++)
        for (size_t s = 0; s < SIDES; s++) json_decref(p->row[i].words[s]);
    free(p->row);
}

/* ---- all pairs */

static double half_width(const struct lane_pairs *lane)
{
    const struct interval x = stats_mean(lane->log_ratio, lane->pairs);
    return 0.5 * (x.hi - x.lo);
}

static void settle(const struct pairs *p, struct pair_row *row)
{
    enum { LEAST = 6 };
    row->done = true;
    for (size_t l = 0; l < row->lanes; l++) {
        const struct lane_pairs *lane = &row->lane[l];
        const bool precise = lane->pairs >= LEAST && half_width(lane) <= p->target;
        row->done &= precise || lane->pairs == PAIRS_MOST;
    }
}

/* Rows that need more and for whose next visit there is time, in random order; returns how many. */
static size_t choose(struct pairs *p, size_t order[])
{
    const double now = clock_seconds();
    size_t n = 0;
    for (size_t i = 0; i < p->rows; i++)
        if (!p->row[i].out && !p->row[i].done && now + p->row[i].seconds < p->until) order[n++] = i;
    for (size_t i = n; i > 1; i--) {
        const size_t j = pair_draw(p) % i, kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
    return n;
}

/* One pair of processes over the rows, as long as there is time for the next. A process that dies takes its row out
 * and ends the pair. */
static enum status one_pair(struct pairs *p, const size_t order[], size_t n, double visit_seconds)
{
    enum status status = start_both(p);
    bool alive = status == STATUS_OK;
    p->pairs++;
    for (size_t i = 0; alive && i < n && !p->stop(); i++) {
        struct pair_row *row = &p->row[order[i]];
        if (clock_seconds() + row->seconds > p->until) continue;
        p->progress(p, row);
        alive = pair_visit(p, row, visit_seconds);
        settle(p, row);
    }
    end_both(p);
    return status;
}

enum status pairs_run(struct pairs *p)
{
    size_t *order = calloc(p->rows + 1, sizeof *order);
    if (!order) return fail(STATUS_OS, "no memory for %zu rows", p->rows);
    p->until = clock_seconds() + p->seconds;
    enum status status = STATUS_OK;
    size_t n;
    while (status == STATUS_OK && !p->stop() && (n = choose(p, order)) > 0)
        status = one_pair(p, order, n, p->seconds / (double)(PAIRS_PLANNED * p->rows));
    free(order);
    return status;
}
