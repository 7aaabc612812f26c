/* The contract of bench/budget.h on a clock of its own: grids of random costs are run as `hinge bench` runs
 * them, a row for its set-up and then as many rounds as its share has room for. Deterministic. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "budget.h"
#include "expect.h"

enum { ROWS = 40, LEAST = 6, MOST = 41, GRIDS = 2000 };
/* Sums of thousands of costs round: relative to the budget. */
static const double ROUNDING = 1e-9;

static uint64_t state = 20240229;

/* Log-uniform. */
static double between(double lo, double hi)
{
    state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
    return lo * pow(hi / lo, (double)(state >> 11) * 0x1p-53);
}

struct grid {
    size_t rows;
    double seconds;
    struct cost guess[ROWS], real[ROWS];
    size_t enough[ROWS]; /* rounds after which the row is precise */
    struct share share[ROWS];
    size_t rounds[ROWS];
    double end, late; /* what the last row took beyond its share */
};

static double costs(struct cost c, double rounds)
{
    return c.fixed + rounds * c.round;
}

static double row_costs(const struct grid *g, double rounds)
{
    double sum = 0.0;
    for (size_t i = 0; i < g->rows; i++) sum += costs(g->real[i], rounds);
    return sum;
}

/* A hundredth is kept for what comes after. */
static struct terms terms_from(double now, double seconds)
{
    return (struct terms){now + seconds, 0.01 * seconds, LEAST, MOST, 0, false};
}

static struct budget start(const struct grid *g)
{
    struct budget b;
    const struct terms terms = terms_from(0.0, g->seconds);
    budget_start(&b, &terms);
    for (size_t i = 0; i < g->rows; i++) budget_add(&b, g->guess[i]);
    return b;
}

/* Rounds as the sampler takes them: one at the least, LEAST unless the time is tight. */
static size_t rounds_in(const struct grid *g, size_t i, struct share share)
{
    const struct cost c = g->real[i];
    size_t n = share.tight ? 1 : LEAST;
    while (n < g->enough[i] && costs(c, (double)n + 1.0) <= share.seconds * (1.0 + ROUNDING)) n++;
    return n;
}

static void run(struct grid *g)
{
    struct budget b = start(g);
    double now = 0.0;
    g->late = 0.0;
    for (size_t i = 0; i < g->rows; i++) {
        const double left = fmax(b.until - b.reserve - now, 0.0), eta = budget_eta(&b, now);
        const struct share share = budget_share(&b, now, g->guess[i]);
        const double slack = ROUNDING * g->seconds;
        EXPECT(share.seconds >= 0.0 && share.seconds <= left + slack, "row %zu: %g of %g s", i,
               share.seconds, left);
        EXPECT(eta >= 0.0 && eta <= left, "row %zu: %g s to go of %g", i, eta, left);
        g->share[i] = share;
        g->rounds[i] = share.seconds > 0.0 ? rounds_in(g, i, share) : 0;
        const double rounds = (double)g->rounds[i];
        const struct done done = {g->real[i].fixed, rounds * g->real[i].round, g->rounds[i],
                                  g->real[i]};
        if (g->rounds[i]) {
            now += done.fixed + done.sampled;
            g->late = fmax(done.fixed + done.sampled - share.seconds, 0.0);
        }
        budget_done(&b, g->guess[i], &done);
    }
    g->end = now;
    EXPECT(budget_eta(&b, now) <= ROUNDING * g->seconds, "done, yet %g s to go",
           budget_eta(&b, now));
}

/* Guesses that are off by a common factor of up to `wrong` and by as much again each. */
static struct grid random_grid(double wrong)
{
    struct grid g = {.rows = (size_t)between(1.0, ROWS + 1.0)};
    const double common = between(1.0 / wrong, wrong);
    for (size_t i = 0; i < g.rows; i++) {
        g.guess[i] = (struct cost){
            .fixed = between(1e-4, 10.0), .round = between(1e-4, 1.0), .first = i < g.rows / 3};
        g.real[i] = g.guess[i];
        g.real[i].fixed *= common * between(1.0 / wrong, wrong);
        g.real[i].round *= common * between(1.0 / wrong, wrong);
        g.enough[i] = MOST;
    }
    g.seconds = row_costs(&g, LEAST) * between(1e-3, 1e2);
    return g;
}

static void test_never_late(void)
{
    size_t tight = 0, ample = 0;
    for (int t = 0; t < GRIDS; t++) {
        struct grid g = random_grid(t % 2 ? 10.0 : 1.0);
        run(&g);
        const double end = 0.99 * g.seconds;
        EXPECT(g.end <= end + g.late + ROUNDING * g.seconds, "grid %d: %g of %g s, %g late", t,
               g.end, end, g.late);
        if (t % 2) continue;
        EXPECT(g.end <= end * (1.0 + ROUNDING), "grid %d, guessed right: %g of %g s", t, g.end,
               end);
        tight += end < row_costs(&g, LEAST);
        ample += end >= row_costs(&g, MOST);
    }
    EXPECT(tight > 100 && ample > 100, "%zu tight grids, %zu ample ones: too few", tight, ample);
}

/* ---- several passes, as `hinge bench` has them: a row's later visits cost `again` in place of `fixed` */

enum { PASSES = 3 };

struct passes {
    struct grid g;
    size_t rounds[PASSES][ROWS]; /* 0: left out */
    size_t visits[ROWS];
    double end;
};

static void run_pass(struct passes *p, struct budget *b, size_t pass, double *now)
{
    struct grid *g = &p->g;
    for (size_t i = 0; i < g->rows; i++) {
        struct cost guess = g->guess[i], real = g->real[i];
        if (pass && !p->visits[i]) continue;
        if (pass) {
            guess = real; /* as the first visit has taught */
            guess.fixed = real.fixed = real.again;
        }
        const struct share share = budget_share(b, *now, guess);
        const bool skipped = share.seconds <= 0.0 || (pass && share.tight);
        size_t n = skipped ? 0 : share.tight ? 1 : LEAST;
        while (!skipped && n < MOST &&
               costs(real, (double)n + 1.0) <= share.seconds * (1.0 + ROUNDING))
            n++;
        const struct done done = {real.fixed, (double)n * real.round, n, real};
        if (n) *now += done.fixed + done.sampled;
        p->rounds[pass][i] = n;
        p->visits[i] += n > 0;
        budget_done(b, guess, &done);
    }
}

static void run_passes(struct passes *p)
{
    double now = 0.0;
    for (size_t pass = 0; pass < PASSES; pass++) {
        struct terms terms = terms_from(0.0, p->g.seconds);
        struct budget b;
        terms.later = PASSES - 1 - pass;
        budget_start(&b, &terms);
        for (size_t i = 0; i < p->g.rows; i++) {
            struct cost c = p->g.guess[i];
            if (pass) c = p->g.real[i];
            if (pass) c.fixed = c.again;
            if (!pass || p->visits[i]) budget_add(&b, c);
        }
        run_pass(p, &b, pass, &now);
    }
    p->end = now;
}

static struct passes random_passes(void)
{
    struct passes p = {.g = random_grid(1.0)};
    for (size_t i = 0; i < p.g.rows; i++) {
        p.g.guess[i].again = p.g.guess[i].fixed * between(0.1, 1.0);
        p.g.real[i] = p.g.guess[i];
    }
    return p;
}

/* Of the first visits and `later` ones. */
static double passes_cost(const struct passes *p, double later, double rounds)
{
    double sum = 0.0;
    for (size_t i = 0; i < p->g.rows; i++)
        sum += p->g.real[i].fixed + later * p->g.real[i].again +
               (1.0 + later) * rounds * p->g.real[i].round;
    return sum;
}

/* Where the time is enough, all rows have all visits, with as many rounds in each, but for what a row has no whole
 * round for, which goes to those that follow. */
static void test_passes_spread(void)
{
    for (int t = 0; t < GRIDS; t++) {
        struct passes p = random_passes();
        p.g.seconds = passes_cost(&p, PASSES - 1, LEAST) / 0.99 * between(1.0 + ROUNDING, 20.0);
        const double base = passes_cost(&p, PASSES - 1, 0.0);
        const double each = passes_cost(&p, PASSES - 1, 1.0) - base;
        const double all = fmin((0.99 * p.g.seconds - base) / each, MOST);
        run_passes(&p);
        for (size_t pass = 0; pass < PASSES; pass++)
            for (size_t i = 0; i < p.g.rows; i++)
                EXPECT((double)p.rounds[pass][i] >= floor(all * (1.0 - ROUNDING)),
                       "grid %d, pass %zu, row %zu: %zu rounds where all can have %g", t, pass, i,
                       p.rounds[pass][i], all);
        EXPECT(p.end <= 0.99 * p.g.seconds * (1.0 + ROUNDING), "grid %d: %g of %g s", t, p.end,
               p.g.seconds);
    }
}

/* Rows to be paid first have all their visits before others have one that is dear, and what is cheap has its own. */
static void test_passes_short(void)
{
    const struct cost head = {1.0, 0.5, 0.1, true}, giant = {20.0, 10.0, 1.0, false};
    const struct cost cheap = {0.01, 0.005, 0.001, false};
    const double heads = 2.0 * (1.0 + 2.0 * 0.5 + 3.0 * LEAST * 0.1);
    struct passes p = {.g = {.rows = 6, .seconds = (heads + 10.0) / 0.99}};
    const struct cost all[] = {head, head, giant, giant, cheap, cheap};
    for (size_t i = 0; i < p.g.rows; i++) p.g.guess[i] = p.g.real[i] = all[i];
    run_passes(&p);
    for (size_t i = 0; i < p.g.rows; i++)
        EXPECT(p.visits[i] == (all[i].fixed == giant.fixed ? 0 : PASSES), "row %zu: %zu visits", i,
               p.visits[i]);
    for (int t = 0; t < GRIDS; t++) {
        p = random_passes();
        p.g.seconds = passes_cost(&p, 0.0, LEAST) * between(0.01, 2.0);
        run_passes(&p);
        EXPECT(p.end <= 0.99 * p.g.seconds * (1.0 + ROUNDING), "grid %d: %g of %g s", t, p.end,
               p.g.seconds);
    }
}

/* Where the time is enough for LEAST rounds all have them, and all equally many more. */
static void test_spread(void)
{
    for (int t = 0; t < GRIDS; t++) {
        struct grid g = random_grid(1.0);
        g.seconds = row_costs(&g, LEAST) / 0.99 * between(1.0 + ROUNDING, 20.0);
        const double shared =
            (0.99 * g.seconds - row_costs(&g, 0.0)) / (row_costs(&g, 1.0) - row_costs(&g, 0.0));
        const double all = fmin(shared, MOST);
        run(&g);
        for (size_t i = 0; i < g.rows; i++) {
            EXPECT(!g.share[i].tight && g.rounds[i] >= LEAST, "grid %d, row %zu of %zu: %zu rounds",
                   t, i, g.rows, g.rounds[i]);
            /* What a row has no whole round for goes to those that follow. */
            EXPECT((double)g.rounds[i] >= floor(all * (1.0 - ROUNDING)) && g.rounds[i] <= MOST,
                   "grid %d, row %zu of %zu: %zu rounds where all can have %g", t, i, g.rows,
                   g.rounds[i], all);
        }
    }
}

static void test_given_back(void)
{
    enum { N = 4 };
    const struct cost c = {.fixed = 0.5, .round = 0.1};
    struct grid even = {.rows = N,
                        .seconds = N * costs(c, 20.0) / 0.99,
                        .guess = {c, c, c, c},
                        .real = {c, c, c, c},
                        .enough = {MOST, MOST, MOST, MOST}};
    struct grid early = even;
    early.enough[0] = LEAST; /* precise at once: 14 rounds for the three that follow */
    run(&even);
    run(&early);
    for (size_t i = 0; i < N; i++) EXPECT(even.rounds[i] == 20, "%zu rounds", even.rounds[i]);
    EXPECT(early.rounds[0] == LEAST, "%zu rounds", early.rounds[0]);
    for (size_t i = 1; i < N; i++)
        EXPECT(early.rounds[i] >= 24, "row %zu: %zu rounds", i, early.rounds[i]);
    EXPECT(early.end > even.end - c.round * N, "%g of %g s", early.end, even.end);
}

static void test_few_rows(void)
{
    struct grid none = {.seconds = 10.0};
    run(&none);
    EXPECT(none.end == 0.0, "%g", none.end);
    const struct cost c = {.fixed = 1.0, .round = 0.5};
    const struct {
        double seconds, share; /* of seconds that are there, beside the reserve */
        bool tight;
    } want[] = {{100.0, 1.0 + MOST * 0.5, false},
                {4.0, 4.0, false},
                {10.0, 10.0, false},
                {3.0, 3.0, true},
                {2.5, 2.5, true},
                {2.4, 0.0, true}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct budget b;
        const struct terms terms = terms_from(7.0, (want[i].seconds + ROUNDING) / 0.99);
        budget_start(&b, &terms);
        budget_add(&b, c);
        const struct share got = budget_share(&b, 7.0, c);
        EXPECT(fabs(got.seconds - want[i].share) < 2.0 * ROUNDING && got.tight == want[i].tight,
               "%g s: a share of %g, tight %d", want[i].seconds, got.seconds, got.tight);
    }
}

/* A row that alone costs more than the run is left out, and takes nothing from the others. */
static void test_too_costly(void)
{
    const struct cost small = {.fixed = 0.1, .round = 0.05}, giant = {.fixed = 50.0, .round = 10.0};
    struct grid g = {.rows = 3,
                     .seconds = 3.0,
                     .guess = {giant, small, small},
                     .real = {giant, small, small},
                     .enough = {MOST, MOST, MOST}};
    run(&g);
    EXPECT(g.rounds[0] == 0 && g.share[0].tight, "%zu rounds of what costs 110 s", g.rounds[0]);
    for (size_t i = 1; i < 3; i++)
        EXPECT(g.rounds[i] >= 26, "row %zu: %zu rounds in half of 2.97 s", i, g.rounds[i]);
    /* Those to be paid first get their least though nothing is left for the others. */
    const struct cost head = {.fixed = 1.0, .round = 0.3, .first = true};
    struct grid heads = {.rows = 3,
                         .seconds = 2.0 * costs(head, LEAST) / 0.99 + ROUNDING,
                         .guess = {head, head, giant},
                         .real = {head, head, giant},
                         .enough = {MOST, MOST, MOST}};
    run(&heads);
    EXPECT(heads.rounds[0] == LEAST && heads.rounds[1] == LEAST && heads.rounds[2] == 0,
           "%zu, %zu, %zu rounds", heads.rounds[0], heads.rounds[1], heads.rounds[2]);
    /* A part of the need would leave 2.1 s to each of these, which pays for nothing; an even share is 5. */
    const struct cost little = {.fixed = 1.0, .round = 1.0};
    struct grid many = {.rows = 10, .seconds = (50.0 + ROUNDING) / 0.99};
    for (size_t i = 0; i < many.rows; i++) {
        many.guess[i] = many.real[i] = i + 1 < many.rows ? little : giant;
        many.enough[i] = MOST;
    }
    run(&many);
    for (size_t i = 0; i + 1 < many.rows; i++)
        EXPECT(many.rounds[i] == 4, "row %zu: %zu rounds", i, many.rounds[i]);
}

/* The later, the smaller are shares and the time to go. */
static void test_monotone(void)
{
    for (int t = 0; t < GRIDS / 10; t++) {
        const struct grid g = random_grid(1.0);
        const struct budget b = start(&g);
        double eta = INFINITY, last[ROWS];
        for (size_t i = 0; i < g.rows; i++) last[i] = INFINITY;
        for (double now = 0.0; now <= g.seconds; now += g.seconds / 64.0) {
            EXPECT(budget_eta(&b, now) <= eta, "grid %d at %g s", t, now);
            eta = budget_eta(&b, now);
            for (size_t i = 0; i < g.rows; i++) {
                const double share = budget_share(&b, now, g.guess[i]).seconds;
                EXPECT(share <= last[i], "grid %d, row %zu at %g s: %g after %g", t, i, now, share,
                       last[i]);
                last[i] = share;
            }
        }
        EXPECT(budget_share(&b, g.seconds, g.guess[0]).seconds == 0.0, "a share of no time");
    }
}

/* Guesses that are all ten times too low, and one that is replaced by what it will really be. */
static void test_experience(void)
{
    const struct cost guess = {.fixed = 1.0, .round = 0.1}, real = {.fixed = 10.0, .round = 1.0};
    struct budget b;
    const struct terms terms = terms_from(0.0, 1e6);
    budget_start(&b, &terms);
    for (int i = 0; i < 3; i++) budget_add(&b, guess);
    const double naive = budget_share(&b, 0.0, guess).seconds;
    EXPECT(fabs(naive - costs(guess, MOST)) < 1e-9, "%g s", naive);
    const struct done done = {real.fixed, MOST * real.round, MOST, real};
    budget_done(&b, guess, &done);
    /* (10 + 0.5) / (1 + 0.5) for the set-up, (41 + 0.5) / (4.1 + 0.5) for rounds */
    const double wiser = budget_share(&b, 0.0, guess).seconds;
    EXPECT(fabs(wiser - (7.0 + MOST * 0.1 * 41.5 / 4.6)) < 1e-9, "%g s", wiser);
    const struct cost better = budget_learn(&b, guess, real);
    const double exact = budget_share(&b, 0.0, better).seconds;
    EXPECT(fabs(exact - costs(real, MOST)) < 1e-9, "%g s", exact);
    EXPECT(fabs(budget_eta(&b, 0.0) - exact - wiser) < 1e-9, "%g s to go", budget_eta(&b, 0.0));
}

int main(void)
{
    test_never_late();
    test_spread();
    test_given_back();
    test_few_rows();
    test_too_costly();
    test_monotone();
    test_experience();
    test_passes_spread();
    test_passes_short();
    printf("%d failures\n", failures);
    return failures != 0;
}
