#include "budget.h"

#include <math.h>

/* So many guessed seconds must have been seen before experience outweighs the guess. */
static const double PRIOR_SECONDS = 0.5;

void budget_start(struct budget *b, double now, double seconds, size_t min_rounds, size_t rounds)
{
    *b = (struct budget){.until = now + seconds,
                         .reserve = 0.01 * seconds,
                         .min_rounds = (double)min_rounds,
                         .rounds = (double)rounds};
}

static void add(struct budget *b, struct cost c, double sign)
{
    b->left.fixed += sign * c.fixed;
    b->left.round += sign * c.round;
    b->rows_left += sign;
    if (!c.first) return;
    b->first.fixed += sign * c.fixed;
    b->first.round += sign * c.round;
}

void budget_add(struct budget *b, struct cost guess)
{
    add(b, guess, 1.0);
}

/* Seconds that a guessed second has turned out to be. */
static struct cost scale(const struct budget *b)
{
    return (struct cost){(b->seen.fixed + PRIOR_SECONDS) / (b->guessed.fixed + PRIOR_SECONDS),
                         (b->seen.round + PRIOR_SECONDS) / (b->guessed.round + PRIOR_SECONDS),
                         false};
}

static double least(const struct budget *b, struct cost c)
{
    const struct cost s = scale(b);
    return s.fixed * c.fixed + b->min_rounds * s.round * c.round;
}

static double more(const struct budget *b, struct cost c)
{
    return (b->rounds - b->min_rounds) * scale(b).round * c.round;
}

struct share budget_share(const struct budget *b, double now, struct cost guess)
{
    const double time = b->until - b->reserve - now, need = least(b, b->left);
    const struct cost s = scale(b);
    const double mine = least(b, guess);
    if (time <= 0.0) return (struct share){0.0, true};
    if (time >= need) {
        const double extra = (time - need) * guess.round / b->left.round, most = more(b, guess);
        return (struct share){mine + (extra < most ? extra : most), false};
    }
    if (guess.first && time >= least(b, b->first)) return (struct share){mine, false};
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
    b->guessed.round += guess.round * (double)rounds;
    b->seen.fixed += seen.fixed;
    b->seen.round += seen.round;
}

struct cost budget_learn(struct budget *b, struct cost guess, struct cost seconds)
{
    const struct cost s = scale(b);
    const struct cost better = {seconds.fixed / s.fixed, seconds.round / s.round, guess.first};
    add(b, guess, -1.0);
    add(b, better, 1.0);
    return better;
}

double budget_eta(const struct budget *b, double now)
{
    const double time = b->until - b->reserve - now, all = least(b, b->left) + more(b, b->left);
    return time < all ? (time > 0.0 ? time : 0.0) : all;
}
