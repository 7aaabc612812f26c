#include "bisect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A contest without a result is made once more, with so many times the time. */
static const double MORE = 3.0;

struct slow {
    char (*name)[sizeof((struct pair_row *)0)->name];
    size_t count;
};

static bool is_slow(const struct slow *slow, const char *name)
{
    for (size_t i = 0; i < slow->count; i++)
        if (strcmp(slow->name[i], name) == 0) return true;
    return false;
}

/* Rows that are slower, by name. */
static bool take_slow(struct slow *slow, const struct contest *t)
{
    slow->name = calloc(t->count + 1, sizeof *slow->name);
    for (size_t i = 0; slow->name && i < t->count; i++)
        if (t->judged[i].verdict.verdict == CHANGE_REGRESSED &&
            !is_slow(slow, t->judged[i].row->name))
            strcpy(slow->name[slow->count++], t->judged[i].row->name);
    return slow->name != NULL;
}

struct bisection {
    const struct bisect *b;
    char good[CHECKOUT_PATH]; /* the program */
    struct slow slow;
};

/* On the slow rows alone, once they are known. */
static enum status try(struct bisection *x, const char *program, double more, struct contest *t)
{
    *t = (struct contest){0};
    enum status status = x->b->open(t, x->good, program, x->b->ctx);
    if (status != STATUS_OK) return status;
    t->pairs.seconds *= more;
    for (size_t i = 0; x->slow.count && i < t->pairs.rows; i++) {
        struct pair_row *row = &t->pairs.row[i];
        if (!is_slow(&x->slow, row->name)) row->out = true;
    }
    return contest_run(t);
}

enum side_of_step { IS_GOOD, IS_BAD, IS_UNKNOWN };

/* Bad where one of the slow rows is; good where all are known to be as fast. */
static enum side_of_step side(const struct contest *t)
{
    if (t->verdicts[CHANGE_REGRESSED] || t->wrong) return IS_BAD;
    return t->verdicts[CHANGE_INCONCLUSIVE] || !t->count ? IS_UNKNOWN : IS_GOOD;
}

static enum status test(struct bisection *x, const char commit[COMMIT_ROOM],
                        enum side_of_step *which)
{
    static const char *const said[] = {"as fast", "slower", "cannot be told"};
    char program[CHECKOUT_PATH], title[100];
    checkout_title(commit, title, sizeof title);
    *which = IS_UNKNOWN;
    if (checkout_build(commit, program) != STATUS_OK) {
        printf("%-14s %s: %s\n", "does not build", title, status_text());
        return STATUS_OK;
    }
    enum status status = STATUS_OK;
    for (double more = 1.0; status == STATUS_OK && *which == IS_UNKNOWN && more <= MORE;
         more *= MORE) {
        struct contest t;
        status = try(x, program, more, &t);
        if (status == STATUS_OK) *which = side(&t);
        contest_close(&t);
        if (x->b->stop()) break;
    }
    printf("%-14s %s\n", said[*which], title);
    fflush(stdout);
    return status;
}

/* commits[from] is the first that may be bad, commits[to] is bad. Those in between that cannot be told are left out:
 * where only such are left, the culprit is one of them or the one after. */
static enum status narrow(struct bisection *x, char (*commits)[COMMIT_ROOM], size_t to)
{
    size_t from = 0;
    bool *unknown = calloc(to + 1, sizeof *unknown);
    if (!unknown) return fail(STATUS_OS, "no memory for %zu commits", to);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && from < to) {
        /* Of those that can still be asked, from <= at < to, the one nearest to the middle. */
        const size_t middle = from + (to - from) / 2;
        size_t at = to;
        for (size_t i = from; i < to; i++) {
            const size_t mine = i > middle ? i - middle : middle - i;
            const size_t best = at > middle ? at - middle : middle - at;
            if (!unknown[i] && (at == to || mine < best)) at = i;
        }
        if (at == to) break;
        enum side_of_step which;
        status = test(x, commits[at], &which);
        if (which == IS_BAD) to = at;
        if (which == IS_GOOD) from = at + 1;
        if (which == IS_UNKNOWN) unknown[at] = true;
        if (x->b->stop()) break;
    }
    free(unknown);
    if (status != STATUS_OK) return status;
    puts(from == to ? "\nThe first commit that is slower:"
                    : "\nThe first commit that is slower is one of:");
    for (size_t i = from; i <= to; i++) {
        char title[200];
        checkout_title(commits[i], title, sizeof title);
        printf("  %s\n", title);
    }
    return STATUS_REGRESSION;
}

static enum status first_contest(struct bisection *x, const char bad[COMMIT_ROOM], bool *slower)
{
    char program[CHECKOUT_PATH];
    struct contest t = {0};
    enum status status = checkout_build(bad, program);
    if (status == STATUS_OK) status = try(x, program, 1.0, &t);
    *slower = status == STATUS_OK && t.verdicts[CHANGE_REGRESSED] > 0;
    if (*slower && !take_slow(&x->slow, &t)) status = fail(STATUS_OS, "no memory for row names");
    if (status == STATUS_OK && !*slower) {
        printf("%s is not slower than %s in any of %zu rows", x->b->bad, x->b->good, t.count);
        printf(t.verdicts[CHANGE_INCONCLUSIVE] ? "; of %zu nothing can be said\n" : "\n",
               t.verdicts[CHANGE_INCONCLUSIVE]);
        status = contest_exit(&t);
    }
    contest_close(&t);
    return status;
}

enum status bisect_run(const struct bisect *b)
{
    char good[COMMIT_ROOM], bad[COMMIT_ROOM], (*commits)[COMMIT_ROOM] = NULL;
    struct bisection x = {.b = b};
    size_t count = 0;
    bool slower = false;
    enum status status = checkout_find(b->good, good);
    if (status == STATUS_OK) status = checkout_find(b->bad, bad);
    if (status == STATUS_OK) status = checkout_between(good, bad, &commits, &count);
    if (status == STATUS_OK && count == 0)
        status = fail(STATUS_USAGE, "%s and %s are one commit", b->good, b->bad);
    if (status == STATUS_OK) status = checkout_build(good, x.good);
    if (status == STATUS_OK) status = first_contest(&x, bad, &slower);
    if (status == STATUS_OK && slower) {
        printf("%s is slower than %s in:\n", b->bad, b->good);
        for (size_t i = 0; i < x.slow.count; i++) printf("  %s\n", x.slow.name[i]);
        printf("%zu commits between them\n\n", count - 1);
        fflush(stdout);
        status = narrow(&x, commits, count - 1);
    }
    free(x.slow.name);
    free(commits);
    return status;
}
