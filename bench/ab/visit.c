#include "visit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "measure/stats.h"

/* It takes at least so many blocks, for a median, and at most so many. */
enum { BLOCKS_LEAST = 3, BLOCKS_MOST = 32 };

uint64_t pair_draw(struct pairs *p)
{
    p->seed = p->seed * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
    return p->seed >> 33;
}

/* The answer under `key`, a new reference. NULL, and the row is out, where there is none: it could not be met, or
 * the process has ended. */
static json_t *ask(struct pairs *p, struct pair_row *row, enum side_of s, json_t *request,
                   const char *key)
{
    struct side *side = &p->side[s];
    enum status failed;
    json_t *answer = child_ask(&side->child, request, key, &failed);
    if (answer) return answer;
    row->out = true;
    if (failed != STATUS_OK)
        snprintf(row->note, sizeof row->note, "%.60s: %.120s", side->label, status_text());
    else
        snprintf(row->note, sizeof row->note, "%.60s: its process ended by %s", side->label,
                 side->child.died);
    return NULL;
}

/* Of each lane. */
static json_t *read_words(struct pairs *p, struct pair_row *row, enum side_of s, json_t *opened)
{
    json_t *words = json_object(), *x;
    size_t i;
    json_array_foreach(json_object_get(opened, "variants"), i, x)
    {
        const char *state = json_string_value(json_object_get(x, "state"));
        if (state && strcmp(state, "wrong") == 0) {
            const char *why = json_string_value(json_object_get(opened, "wrong"));
            char *to = s == NEW ? row->wrong : row->note;
            snprintf(to, s == NEW ? sizeof row->wrong : sizeof row->note, "%.60s: %.120s",
                     p->side[s].label, why ? why : "a wrong output");
            row->out = true;
        }
        const char *name = json_string_value(json_object_get(x, "name"));
        if (name) json_object_set(words, name, json_object_get(x, "words"));
    }
    return words;
}

static bool open_row(struct pairs *p, struct pair_row *row, enum side_of s)
{
    json_t *request = json_pack("{s:s, s:i, s:b, s:f}", "open", row->name, "threads", row->threads,
                                "alone", 1, "plant", s == NEW ? row->plant : 0.0);
    if (row->words[s]) json_object_set(request, "words", row->words[s]);
    json_t *opened = ask(p, row, s, request, "opened");
    if (!opened) return false;
    json_t *words = read_words(p, row, s, opened);
    json_decref(row->words[s]);
    row->words[s] = words;
    json_decref(opened);
    return true;
}

/* Lanes that both have, at the first visit. */
static void match_lanes(struct pair_row *row)
{
    const char *name;
    json_t *words;
    json_object_foreach(row->words[NEW], name, words)
    {
        const json_t *others = json_object_get(row->words[OLD], name);
        if (!others || row->lanes == LANES_MOST || strlen(name) >= sizeof row->lane->name) continue;
        strcpy(row->lane[row->lanes++].name, name);
        row->other_words |= !json_equal(words, others);
    }
    if (row->lanes || row->out) return;
    row->out = true;
    snprintf(row->note, sizeof row->note, "no lane that both builds have");
}

/* One sample of each lane: two rounds, since the first finds the caches as the other process left them. */
static bool sample(struct pairs *p, struct pair_row *row, enum side_of s, double ns[LANES_MOST],
                   bool *disturbed)
{
    json_t *request =
        json_pack("{s:{s:[i, i], s:f, s:b, s:f, s:I}}", "sample", "rounds", 2, 2, "seconds", 1e9,
                  "tight", 0, "target", 0.0, "seed", (json_int_t)pair_draw(p));
    json_t *sampled = ask(p, row, s, request, "sampled"), *x;
    size_t i, found = 0;
    json_array_foreach(json_object_get(sampled, "variants"), i, x)
    {
        const char *name = json_string_value(json_object_get(x, "name"));
        const double at = json_number_value(json_array_get(json_object_get(x, "ns"), 1));
        for (size_t l = 0; name && at > 0.0 && l < row->lanes; l++)
            if (strcmp(name, row->lane[l].name) == 0) {
                ns[l] = at;
                *disturbed |= json_integer_value(json_object_get(x, "disturbed")) > 0;
                found++;
            }
    }
    json_decref(sampled);
    return sampled && found == row->lanes;
}

struct block {
    double log_ns[SIDES][LANES_MOST]; /* the mean of two samples */
    bool disturbed;                   /* a sample was, each time that it was taken again */
};

static bool take_block(struct pairs *p, struct pair_row *row, struct block *block)
{
    const size_t outer = pair_draw(p) % SIDES;
    const size_t order[] = {outer, 1 - outer, 1 - outer, outer};
    *block = (struct block){0};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        double ns[LANES_MOST];
        if (!sample(p, row, (enum side_of)order[i], ns, &block->disturbed)) return false;
        for (size_t l = 0; l < row->lanes; l++) block->log_ns[order[i]][l] += 0.5 * log(ns[l]);
    }
    return true;
}

static void keep(struct pair_row *row, const struct block *block, size_t blocks)
{
    for (size_t l = 0; l < row->lanes; l++) {
        struct lane_pairs *lane = &row->lane[l];
        double ratio[BLOCKS_MOST], ns[SIDES][BLOCKS_MOST];
        for (size_t b = 0; b < blocks; b++) {
            for (size_t s = 0; s < SIDES; s++) ns[s][b] = block[b].log_ns[s][l];
            ratio[b] = ns[NEW][b] - ns[OLD][b];
        }
        lane->log_ratio[lane->pairs] = stats_median(ratio, blocks);
        for (size_t s = 0; s < SIDES; s++)
            lane->log_ns[s][lane->pairs] = stats_median(ns[s], blocks);
        lane->pairs++;
    }
}

static int by_disturbance(const void *a, const void *b)
{
    const struct block *x = a, *y = b;
    return (int)x->disturbed - (int)y->disturbed;
}

/* Of blocks that the machine left alone where there are enough for a median. */
static size_t choose_blocks(struct block block[], size_t blocks)
{
    size_t calm = 0;
    qsort(block, blocks, sizeof *block, by_disturbance);
    while (calm < blocks && !block[calm].disturbed) calm++;
    return calm >= BLOCKS_LEAST ? calm : blocks;
}

static void sample_blocks(struct pairs *p, struct pair_row *row, double seconds)
{
    struct block block[BLOCKS_MOST];
    size_t blocks = 0;
    const double until = clock_seconds() + seconds;
    while (blocks < BLOCKS_MOST && !row->out && !p->stop() &&
           (blocks < BLOCKS_LEAST || clock_seconds() < until))
        if (!take_block(p, row, &block[blocks++])) return;
    if (blocks >= BLOCKS_LEAST) keep(row, block, choose_blocks(block, blocks));
}

bool pair_visit(struct pairs *p, struct pair_row *row, double seconds)
{
    const double from = clock_seconds();
    const bool first = !row->words[NEW];
    bool open[SIDES];
    open[OLD] = open_row(p, row, OLD);
    open[NEW] = open[OLD] && open_row(p, row, NEW);
    if (open[NEW] && first) match_lanes(row);
    if (open[NEW]) sample_blocks(p, row, from + seconds - clock_seconds());
    for (size_t s = 0; s < SIDES; s++) {
        if (!open[s] || p->side[s].child.pid == 0) continue;
        json_t *closed = ask(p, row, (enum side_of)s, json_pack("{s:b}", "close", 1), "closed");
        const char *wrong = json_string_value(json_object_get(closed, "wrong"));
        if (wrong && !row->out) {
            row->out = true;
            snprintf(s == NEW ? row->wrong : row->note, sizeof row->note, "%.60s: %.120s",
                     p->side[s].label, wrong);
        }
        json_decref(closed);
    }
    row->seconds = clock_seconds() - from;
    return p->side[OLD].child.pid && p->side[NEW].child.pid;
}
