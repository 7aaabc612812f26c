#include "contest.h"

#include <stdlib.h>

static enum status judge(struct contest *t)
{
    const struct pairs *p = &t->pairs;
    const struct verdict_rules rules = {.least = t->least, .paired = true};
    struct noise noise;
    t->judged = calloc(p->rows * LANES_MOST + 1, sizeof *t->judged);
    struct verdict_row *rows = calloc(p->rows * LANES_MOST + 1, sizeof *rows);
    for (size_t i = 0; t->judged && rows && i < p->rows; i++) {
        const struct pair_row *row = &p->row[i];
        const size_t before = t->count;
        t->wrong += row->wrong[0] != '\0';
        for (size_t l = 0; l < row->lanes; l++) {
            const struct lane_pairs *lane = &row->lane[l];
            if (lane->pairs < 2) continue;
            rows[t->count] =
                (struct verdict_row){.new = lane->log_ratio, .news = lane->pairs, .group = i};
            t->judged[t->count++] = (struct judged){.row = row, .lane = lane};
        }
        t->unmeasured += t->count == before && !row->wrong[0];
    }
    const bool good =
        t->judged && rows && (t->count == 0 || verdict_judge(rows, t->count, &rules, &noise));
    for (size_t i = 0; good && i < t->count; i++) {
        t->judged[i].verdict = rows[i];
        t->verdicts[rows[i].verdict]++;
        t->open += rows[i].verdict == CHANGE_INCONCLUSIVE && rows[i].hi > t->least;
    }
    free(rows);
    if (!good) t->count = 0;
    return good ? STATUS_OK : fail(STATUS_OS, "no memory to judge %zu rows", p->rows);
}

enum status contest_run(struct contest *t)
{
    const enum status measured = pairs_run(&t->pairs), judged = judge(t);
    return measured != STATUS_OK ? measured : judged;
}

void contest_close(struct contest *t)
{
    pairs_close(&t->pairs);
    free(t->judged);
}

enum status contest_exit(const struct contest *t)
{
    if (t->wrong) return STATUS_WRONG;
    if (t->verdicts[CHANGE_REGRESSED]) return STATUS_REGRESSION;
    return t->open || t->unmeasured ? STATUS_INCONCLUSIVE : STATUS_OK;
}
