/* budget: seconds shared out among the rows of a pass, so that a run ends when it said it would, whatever its grid.
 *
 * A pass visits rows, each once; others follow it. Everything counts: set-up, oracle, checks, samples. A row's cost is
 * guessed before the run and the guesses are scaled by what the rows so far have really taken.
 *
 * While the time is enough for MIN_ROUNDS in all visits of every row, what remains is spread so that all visits get
 * equally many rounds more, those of a further pass included where there may be one. Where it is not, a row gets the
 * least if it is to be paid first, or needs no more than an even share of all visits; the others get their part of
 * what all visits need, when that of rows to be paid first is set aside. One whose part does not pay for its set-up
 * and half of MIN_ROUNDS is left out, which leaves more for the others.
 */
#ifndef BENCH_BUDGET_H
#define BENCH_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

struct cost {
    double fixed; /* seconds of set-up and checks in this visit */
    double again; /* in each later one, where the oracle need not be asked */
    double round; /* of one sample of every variant */
    bool first;   /* to be paid for even where that leaves nothing for rows that are not */
};

struct budget {
    double until, reserve; /* of the monotonic clock; for what comes after the rows */
    double min_rounds, rounds;
    double later;            /* visits of each row after this one */
    double further;          /* 1 where there may be more than that, if time allows */
    struct cost left, first; /* guesses for rows that are not done; for those to be paid first */
    double rows_left, firsts_left, rows_done, firsts_done;
    struct cost guessed, seen;    /* of rows that are done; seen.round is all that sampling took */
    struct cost owed, owed_first; /* to rows that are done, in each later visit: seconds as seen */
};

struct share {
    double seconds; /* 0: the row is to be left out */
    bool tight;     /* not enough for min_rounds */
};

/* What a visit has taken. */
struct done {
    double fixed, sampled; /* seconds: without its rounds; of all of them */
    size_t rounds;
    struct cost next; /* what the next one will take: again and round */
};

/* What a run has, and how it is spent. */
struct terms {
    double until, reserve;
    size_t min_rounds, rounds; /* at least and at most in a visit */
    size_t later;              /* visits that are to follow for each row */
    bool further;              /* and more, if time allows */
};

/* One pass. */
void budget_start(struct budget *b, const struct terms *terms);
/* A row to come. */
void budget_add(struct budget *b, struct cost guess);
/* Never more than the time that is left: a run is late by no more than its last row takes beyond its share. */
struct share budget_share(const struct budget *b, double now, struct cost guess);
/* A row was done, or left out (NULL, or no round): `guess` is left no more. */
void budget_done(struct budget *b, struct cost guess, const struct done *done);
/* A row that is left will cost so many seconds: experience in place of a guess. Returns what its
 * guess is then. */
struct cost budget_learn(struct budget *b, struct cost guess, struct cost seconds);
/* Seconds that this visit of such a row will take at the least, as far as is known. */
double budget_least(const struct budget *b, struct cost guess);
/* Seconds until all visits will be done. */
double budget_eta(const struct budget *b, double now);

#endif
