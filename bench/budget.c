#include "budget.h"

#include <math.h>

/* So many guessed seconds must have been seen before experience outweighs the guess. */
static const double PRIOR_SECONDS = 0.5;

void budget_start(struct budget *b, const struct terms *terms)
{
    *b = (struct budget){.until = terms->until,
                         .reserve = terms->reserve,
                         .min_rounds = (double)terms->min_rounds,
                         .rounds = (double)terms->rounds,
                         .later = (double)terms->later,
                         .further = terms->further ? 1.0 : 0.0};
}

static void sum(struct cost *to, struct cost c, double sign)
{
    to->fixed += sign * c.fixed;
    to->again += sign * c.again;
    to->round += sign * c.round;
}

static void add(struct budget *b, struct cost c, double sign)
{
    sum(&b->left, c, sign);
    b->rows_left += sign;
    if (!c.first) return;
    sum(&b->first, c, sign);
    b->firsts_left += sign;
}

void budget_add(struct budget *b, struct cost guess)
{
    add(b, guess, 1.0);
}

/* Seconds that a guessed second has turned out to be. */
static struct cost scale(const struct budget *b)
{
    const double fixed = (b->seen.fixed + PRIOR_SECONDS) / (b->guessed.fixed + PRIOR_SECONDS);
    const double again = (b->seen.again + PRIOR_SECONDS) / (b->guessed.again + PRIOR_SECONDS);
    const double round = (b->seen.round + PRIOR_SECONDS) / (b->guessed.round + PRIOR_SECONDS);
    return (struct cost){.fixed = fixed, .again = again, .round = round};
}

double budget_least(const struct budget *b, struct cost c)
{
    const struct cost s = scale(b);
    return s.fixed * c.fixed + b->min_rounds * s.round * c.round;
}

/* In all later visits of rows that are left, and of those that are done. */
static double later(const struct budget *b, struct cost left, struct cost owed)
{
    const struct cost s = scale(b);
    return b->later * (s.again * left.again + owed.again +
                       b->min_rounds * (s.round * left.round + owed.round));
}

static double more(const struct budget *b, struct cost c)
{
    return (b->rounds - b->min_rounds) * scale(b).round * c.round;
}

/* Seconds beyond the least, so that every visit to come has as many rounds. */
static double extra(const struct budget *b, double spare, struct cost guess)
{
    const double s = scale(b).round, after = b->later + b->further;
    const double all = (1.0 + after) * s * b->left.round + after * b->owed.round;
    return fmin(spare * s * guess.round / all, more(b, guess));
}

/* What visits to come need, and how many they are. */
struct claim {
    double seconds, visits;
};

static struct claim all_claims(const struct budget *b)
{
    return (struct claim){budget_least(b, b->left) + later(b, b->left, b->owed),
                          b->rows_left + b->later * (b->rows_left + b->rows_done)};
}

static struct claim first_claims(const struct budget *b)
{
    return (struct claim){budget_least(b, b->first) + later(b, b->first, b->owed_first),
                          b->firsts_left + b->later * (b->firsts_left + b->firsts_done)};
}

struct share budget_share(const struct budget *b, double now, struct cost guess)
{
    const struct cost s = scale(b);
    const double mine = budget_least(b, guess);
    struct claim all = all_claims(b);
    double time = b->until - b->reserve - now;
    if (time <= 0.0) return (struct share){0.0, true};
    if (time >= all.seconds)
        return (struct share){mine + extra(b, time - all.seconds, guess), false};
    if (guess.first && time >= budget_least(b, b->first)) return (struct share){mine, false};
    if (mine <= time / all.visits) return (struct share){mine, false};
    if (!guess.first) {
        const struct claim first = first_claims(b);
        time -= first.seconds;
        all.seconds -= first.seconds;
        all.visits -= first.visits;
        if (time <= 0.0) return (struct share){0.0, true};
    }
    const double even = time / all.visits, part = fmax(mine * time / all.seconds, even);
    if (even >= mine) return (struct share){mine, false};
    const bool pays = part >= s.fixed * guess.fixed + 0.5 * b->min_rounds * s.round * guess.round;
    return (struct share){pays ? part : 0.0, true};
}

void budget_done(struct budget *b, struct cost guess, const struct done *done)
{
    add(b, guess, -1.0);
    if (!done || done->rounds == 0) return;
    b->guessed.fixed += guess.fixed;
    b->guessed.again += guess.again;
    b->guessed.round += guess.round * (double)done->rounds;
    sum(&b->seen,
        (struct cost){.fixed = done->fixed, .again = done->next.again, .round = done->sampled},
        1.0);
    sum(&b->owed, done->next, 1.0);
    b->rows_done += 1.0;
    if (!guess.first) return;
    sum(&b->owed_first, done->next, 1.0);
    b->firsts_done += 1.0;
}

struct cost budget_learn(struct budget *b, struct cost guess, struct cost seconds)
{
    const struct cost s = scale(b);
    const struct cost better = {seconds.fixed / s.fixed, seconds.again / s.again,
                                seconds.round / s.round, guess.first};
    add(b, guess, -1.0);
    add(b, better, 1.0);
    return better;
}

double budget_eta(const struct budget *b, double now)
{
    const double time = fmax(b->until - b->reserve - now, 0.0), after = b->later + b->further;
    const struct cost all = {.round = b->left.round * (1.0 + after) +
                                      b->owed.round / scale(b).round * after};
    return fmin(time, budget_least(b, b->left) + later(b, b->left, b->owed) + more(b, all));
}
