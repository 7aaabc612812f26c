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
                         .visits = (double)terms->visits};
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
    if (c.first) sum(&b->first, c, sign);
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

/* In each later visit of the rows that are left, and of those that are done. */
static double later(const struct budget *b)
{
    const struct cost s = scale(b);
    return s.again * b->left.again + b->owed.again +
           b->min_rounds * (s.round * b->left.round + b->owed.round);
}

static double more(const struct budget *b, struct cost c)
{
    return (b->rounds - b->min_rounds) * scale(b).round * c.round;
}

/* Seconds beyond the least, so that every visit to come has as many rounds. */
static double extra(const struct budget *b, double spare, struct cost guess)
{
    const double s = scale(b).round;
    const double all = b->visits * s * b->left.round + (b->visits - 1.0) * b->owed.round;
    return fmin(spare * s * guess.round / all, more(b, guess));
}

struct share budget_share(const struct budget *b, double now, struct cost guess)
{
    const double time = b->until - b->reserve - now, need = budget_least(b, b->left);
    const double spare = time - need - (b->visits - 1.0) * later(b);
    const struct cost s = scale(b);
    const double mine = budget_least(b, guess);
    if (time <= 0.0) return (struct share){0.0, true};
    if (spare >= 0.0) return (struct share){mine + extra(b, spare, guess), false};
    if (time >= need) return (struct share){mine, false};
    if (guess.first && time >= budget_least(b, b->first)) return (struct share){mine, false};
    const double even = time / b->rows_left, part = fmax(mine * time / need, even);
    if (even >= mine) return (struct share){mine, false};
    const bool pays = part >= s.fixed * guess.fixed + 0.5 * b->min_rounds * s.round * guess.round;
    return (struct share){pays ? part : 0.0, true};
}

void budget_done(struct budget *b, struct cost guess, struct cost seen, size_t rounds)
{
    add(b, guess, -1.0);
    if (rounds == 0) return;
    b->guessed.fixed += guess.fixed;
    b->guessed.again += guess.again;
    b->guessed.round += guess.round * (double)rounds;
    sum(&b->seen, seen, 1.0);
    b->owed.again += seen.again;
    b->owed.round += seen.round / (double)rounds;
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
    const double time = fmax(b->until - b->reserve - now, 0.0);
    const struct cost all = {.round = b->left.round * b->visits +
                                      b->owed.round / scale(b).round * (b->visits - 1.0)};
    return fmin(time, budget_least(b, b->left) + (b->visits - 1.0) * later(b) + more(b, all));
}
