/* verdict: crafted rows with a known answer, and what it says of simulated noise: how often it is wrong about code that
 * did not change, and what it sees of a change that was planted. Deterministic. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "compare/verdict.h"

static int failures;

#define EXPECT(truth, ...)                                                                         \
    do {                                                                                           \
        if (truth) break;                                                                          \
        fprintf(stderr, "line %d: not so: %s: ", __LINE__, #truth);                                \
        fprintf(stderr, __VA_ARGS__);                                                              \
        fputc('\n', stderr);                                                                       \
        failures++;                                                                                \
    } while (0)

static uint64_t state;
static double uniform(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
    return ((double)(state >> 11) + 0.5) * 0x1p-53;
}
static double normal(void)
{
    return sqrt(-2.0 * log(uniform())) * cos(6.283185307179586 * uniform());
}
/* Student's t of 3 over its standard deviation: tails that a normal does not have. */
static double heavy(void)
{
    const double a = normal(), b = normal(), c = normal();
    return normal() / sqrt(a * a + b * b + c * c);
}

/* ---- worlds of noise */

enum { CASES = 50, LANES = 2, FORMS = 2, ROWS = CASES * (LANES + FORMS), MOST_FORKS = 20 };

struct world {
    const char *name;
    size_t forks, controls;   /* processes a side; cases with controls */
    double quietest, loudest; /* standard deviation of a row's processes, log-uniform over rows */
    double two_places,
        rows_tail; /* share of rows with two places 3 to 10 % apart; sd of a row's own drift, heavy */
    double drift, cases_drift; /* sd from run to run: of everything, of a case */
    bool heavy;                /* processes have tails */
    bool pairs;                /* both builds in one run, in turns */
};

struct row_truth {
    double sd, step, odds; /* step 0: one place */
    double planted;
};

static struct row_truth draw_truth(const struct world *w)
{
    struct row_truth t = {
        .sd = w->quietest * pow(w->loudest / w->quietest, uniform()), .step = 0.0, .planted = 0.0};
    if (uniform() < w->two_places) t.step = 0.03 + 0.07 * uniform();
    t.odds = 0.15 + 0.35 * uniform();
    return t;
}

/* The log median of one process. */
static double draw_process(const struct world *w, const struct row_truth *t)
{
    const double of_samples = 0.002 * heavy();
    if (t->step > 0.0) return of_samples + (uniform() < t->odds ? t->step : 0.0);
    return of_samples + t->sd * (w->heavy ? heavy() : normal());
}

struct run {
    struct verdict_row row[ROWS];
    bool planted[ROWS];
    double old[ROWS][MOST_FORKS], new[ROWS][MOST_FORKS];
    size_t rows;
    struct noise noise;
};

static void draw_row(struct run *run, const struct world *w, const struct row_truth *truth,
                     double shift)
{
    const size_t i = run->rows++;
    for (size_t f = 0; f < w->forks; f++) {
        run->old[i][f] = draw_process(w, truth);
        run->new[i][f] = draw_process(w, truth) + shift;
        if (w->pairs) run->new[i][f] -= run->old[i][f];
    }
    run->planted[i] = truth->planted > 0.0;
    run->row[i] = (struct verdict_row){.old = w->pairs ? NULL : run->old[i],
                                       .new = run->new[i],
                                       .olds = w->forks,
                                       .news = w->forks};
}

/* Two runs; the first lane of the first `plants` cases is slower by `planted` in the second. */
static void draw_run(struct run *run, const struct world *w, double planted, int plants)
{
    const double drift = w->drift * normal();
    run->rows = 0;
    for (int c = 0; c < CASES; c++) {
        const double of_case = w->cases_drift * sqrt(2.0) * normal();
        for (int k = 0; k < LANES + FORMS; k++) {
            if (k >= LANES && (size_t)c >= w->controls) continue;
            struct row_truth truth = draw_truth(w);
            if (k == 0 && c < plants) truth.planted = planted;
            const double own = w->rows_tail * heavy();
            draw_row(run, w, &truth, (w->pairs ? 0.0 : drift + of_case + own) + truth.planted);
            run->row[run->rows - 1].group = (size_t)c;
            run->row[run->rows - 1].control = k >= LANES;
        }
    }
}

struct score {
    double judged, called, held, alarms, plants, found, missed, unchanged;
};

static const struct verdict_rules one_percent = {.least = 0.00995033085316808}; /* log 1.01 */

static struct score simulate(const struct world *w, int runs, double planted)
{
    static struct run run;
    struct score s = {0};
    for (int t = 0; t < runs; t++) {
        bool alarm = false;
        draw_run(&run, w, planted, planted > 0.0 ? CASES / 5 : 0);
        EXPECT(verdict_judge(run.row, run.rows, &one_percent, &run.noise), "%s", w->name);
        for (size_t i = 0; i < run.rows; i++) {
            const struct verdict_row *r = &run.row[i];
            const double truth = run.planted[i] ? planted : 0.0;
            if (r->control) continue;
            s.judged++;
            s.held += r->lo <= truth && truth <= r->hi;
            if (run.planted[i]) {
                s.plants++;
                s.found += r->verdict == CHANGE_REGRESSED;
                s.missed += r->verdict == CHANGE_UNCHANGED;
            } else {
                s.called += r->verdict <= CHANGE_IMPROVED;
                s.unchanged += r->verdict == CHANGE_UNCHANGED;
                alarm |= r->verdict == CHANGE_REGRESSED;
            }
        }
        s.alarms += alarm;
    }
    printf("%-34s rows called %.2f %%, alarms in %.1f %% of runs, intervals hold %.1f %%, "
           "unchanged %.0f %%",
           w->name, 100.0 * s.called / (s.judged - s.plants), 100.0 * s.alarms / runs,
           100.0 * s.held / s.judged, 100.0 * s.unchanged / (s.judged - s.plants));
    if (planted > 0.0)
        printf("; of %.0f %%: found %.0f %%, called unchanged %.1f %%", 100.0 * planted,
               100.0 * s.found / s.plants, 100.0 * s.missed / s.plants);
    puts("");
    return s;
}

static const struct world worlds[] = {{.name = "5 processes of 0.5 to 5 %, drift",
                                       .forks = 5,
                                       .controls = CASES,
                                       .quietest = .005,
                                       .loudest = .05,
                                       .two_places = .2,
                                       .drift = .02,
                                       .cases_drift = .005},
                                      {.name = "3 processes, half have two places",
                                       .forks = 3,
                                       .controls = CASES,
                                       .quietest = .005,
                                       .loudest = .05,
                                       .two_places = .5,
                                       .drift = .02,
                                       .cases_drift = .005},
                                      {.name = "3 quiet ones, a few have two places",
                                       .forks = 3,
                                       .controls = CASES,
                                       .quietest = .001,
                                       .loudest = .005,
                                       .two_places = .05,
                                       .drift = .02,
                                       .cases_drift = .002},
                                      {.name = "5 of heavy tails",
                                       .forks = 5,
                                       .controls = CASES,
                                       .quietest = .005,
                                       .loudest = .05,
                                       .two_places = .1,
                                       .drift = .02,
                                       .cases_drift = .005,
                                       .heavy = true},
                                      {.name = "5, rows drift with heavy tails",
                                       .forks = 5,
                                       .controls = CASES,
                                       .quietest = .002,
                                       .loudest = .02,
                                       .two_places = .05,
                                       .rows_tail = .005,
                                       .drift = .02,
                                       .cases_drift = .002},
                                      {.name = "1 process",
                                       .forks = 1,
                                       .controls = CASES,
                                       .quietest = .005,
                                       .loudest = .05,
                                       .two_places = .2,
                                       .drift = .02,
                                       .cases_drift = .005},
                                      {.name = "5, few controls",
                                       .forks = 5,
                                       .controls = CALIBRATE_CASES,
                                       .quietest = .005,
                                       .loudest = .05,
                                       .two_places = .1,
                                       .drift = .02,
                                       .cases_drift = .005},
                                      {.name = "5, no controls",
                                       .forks = 5,
                                       .controls = 0,
                                       .quietest = .002,
                                       .loudest = .02,
                                       .two_places = .05,
                                       .drift = .02,
                                       .cases_drift = .005},
                                      {.name = "15 pairs in one run",
                                       .forks = 15,
                                       .controls = 0,
                                       .quietest = .005,
                                       .loudest = .05,
                                       .two_places = .2,
                                       .pairs = true}};

/* At most 1 % of the rows called, an alarm in at most one run of 20, intervals that hold what they say. */
static void same_code(void)
{
    enum { RUNS = 300 };
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
        const struct world *w = &worlds[i];
        state = 20240501 + i;
        const struct score s = simulate(w, RUNS, 0.0);
        EXPECT(s.called <= 0.01 * s.judged, "%s: %g of %g rows", w->name, s.called, s.judged);
        EXPECT(s.alarms <= 0.05 * RUNS, "%s: %g runs", w->name, s.alarms);
        EXPECT(s.held >= 0.94 * s.judged, "%s: %g of %g", w->name, s.held, s.judged);
    }
}

/* What a machine of so much noise shows of a planted change. Nothing that is there is called unchanged. */
static void planted(void)
{
    enum { RUNS = 60 };
    static const struct world quiet = {.name = "5 processes of 0.1 to 0.5 %, drift",
                                       .forks = 5,
                                       .controls = CASES,
                                       .quietest = .001,
                                       .loudest = .005,
                                       .drift = .02,
                                       .cases_drift = .002};
    static const struct world loud = {.name = "10 of 0.1 to 2 %, a tenth of two places",
                                      .forks = 10,
                                      .controls = CASES,
                                      .quietest = .001,
                                      .loudest = .02,
                                      .two_places = .1,
                                      .drift = .02,
                                      .cases_drift = .002};
    static const struct world pairs = {.name = "15 pairs of 0.5 to 2 %",
                                       .forks = 15,
                                       .quietest = .005,
                                       .loudest = .02,
                                       .pairs = true};
    const struct {
        const struct world *world;
        double planted, found;
    } power[] = {{&quiet, .05, .95}, {&quiet, .02, 0.0}, {&loud, .05, .9},
                 {&loud, .02, 0.0},  {&pairs, .05, .95}, {&pairs, .02, 0.0}};
    for (size_t i = 0; i < sizeof power / sizeof *power; i++) {
        state = 20240601 + i;
        const struct score s = simulate(power[i].world, RUNS, power[i].planted);
        EXPECT(s.found >= power[i].found * s.plants, "%s: %g of %g", power[i].world->name, s.found,
               s.plants);
        EXPECT(s.missed <= 0.01 * s.plants, "%s: %g of %g", power[i].world->name, s.missed,
               s.plants);
        EXPECT(s.called <= 0.01 * s.judged && s.alarms <= 0.1 * RUNS, "%s", power[i].world->name);
    }
}

/* ---- crafted rows: 8 quiet cases with a control each, all slower by 3 %, and what is asked of them */

enum { QUIET = 8, LOGS = 5 };

struct crafted {
    struct verdict_row row[2 * QUIET + 4];
    double logs[2 * QUIET + 4][2][LOGS];
    size_t rows;
    struct noise noise;
};

static struct verdict_row *add(struct crafted *c, size_t group, double change, bool control)
{
    static const double wobble[LOGS] = {-.002, -.001, 0.0, .001, .002};
    double(*logs)[LOGS] = c->logs[c->rows];
    for (int f = 0; f < LOGS; f++) {
        logs[0][f] = 5.0 + wobble[f];
        logs[1][f] = 5.0 + wobble[(f * 2 + 1) % LOGS] + change;
    }
    struct verdict_row *r = &c->row[c->rows++];
    *r = (struct verdict_row){.old = logs[0],
                              .new = logs[1],
                              .olds = LOGS,
                              .news = LOGS,
                              .group = group,
                              .control = control};
    return r;
}

static void craft(struct crafted *c, double drift)
{
    c->rows = 0;
    for (size_t g = 0; g < QUIET; g++) {
        add(c, g, drift + 1e-4 * (double)g, true);
        add(c, g, drift, false);
    }
}

static void judge(struct crafted *c)
{
    EXPECT(verdict_judge(c->row, c->rows, &one_percent, &c->noise), "no memory");
}

static void drift_is_the_machines(void)
{
    static struct crafted c;
    craft(&c, 0.03);
    struct verdict_row *slow = add(&c, 100, 0.03 + 0.05, false);
    struct verdict_row *fast = add(&c, 101, 0.03 - 0.05, false);
    struct verdict_row *small = add(&c, 102, 0.03 + 0.0101, false);
    judge(&c);
    EXPECT(fabs(c.noise.drift - 0.03035) < 1e-9 && c.noise.controls == QUIET && !c.noise.assumed,
           "drift %g of %zu", c.noise.drift, c.noise.controls);
    for (size_t i = 0; i < 2 * QUIET; i++)
        EXPECT(c.row[i].control || c.row[i].verdict == CHANGE_UNCHANGED, "row %zu %s", i,
               change_verdict_name(c.row[i].verdict));
    EXPECT(slow->verdict == CHANGE_REGRESSED && fabs(slow->at - 0.05) < 1e-3, "%g", slow->at);
    EXPECT(fast->verdict == CHANGE_IMPROVED && fabs(fast->raw + 0.02) < 1e-12, "%g", fast->raw);
    EXPECT(small->verdict == CHANGE_INCONCLUSIVE, "%s", change_verdict_name(small->verdict));
    EXPECT(slow->lo > 0.0 && slow->hi < 0.06 && slow->adjusted < 0.01 && slow->detectable < 0.05,
           "[%g, %g] p %g", slow->lo, slow->hi, slow->adjusted);
    EXPECT(slow->p_rank < 0.01 && small->p_rank < 0.01, "%g", slow->p_rank);
}

/* A row is not blamed for what its case's control did as well. */
static void twins(void)
{
    static struct crafted c;
    craft(&c, 0.0);
    add(&c, 100, 0.05, true);
    struct verdict_row *both = add(&c, 100, 0.05, false);
    struct verdict_row *alone = add(&c, 101, 0.05, false);
    judge(&c);
    EXPECT(both->verdict == CHANGE_INCONCLUSIVE && both->lo < 0.0 && both->hi > 0.05, "%s",
           change_verdict_name(both->verdict));
    /* One control of nine that moved by itself: rows may. */
    EXPECT(alone->lo < both->at && c.noise.forked.floor > 0.02, "floor %g", c.noise.forked.floor);
}

static void nothing_known(void)
{
    static struct crafted c;
    c.rows = 0;
    struct verdict_row *moved = add(&c, 0, 0.2, false), *little = add(&c, 1, 0.04, false);
    judge(&c);
    EXPECT(c.noise.assumed && moved->verdict == CHANGE_REGRESSED, "%s",
           change_verdict_name(moved->verdict));
    EXPECT(little->verdict == CHANGE_INCONCLUSIVE && little->lo < 0.0, "%s",
           change_verdict_name(little->verdict));
    /* One process a side, and nobody to tell what processes do. */
    moved->olds = moved->news = 1;
    judge(&c);
    EXPECT(moved->verdict == CHANGE_INCONCLUSIVE && isinf(moved->hi) && isinf(moved->detectable) &&
               moved->p == 1.0,
           "%s", change_verdict_name(moved->verdict));
    c.rows = 0;
    judge(&c);
    EXPECT(c.noise.controls == 0, "no rows");
}

/* Single processes are judged by what the controls' single processes did. */
static void one_process(void)
{
    static struct crafted c;
    craft(&c, 0.02);
    struct verdict_row *slow = add(&c, 100, 0.02 + 0.1, false);
    for (size_t i = 0; i < c.rows; i++) c.row[i].olds = c.row[i].news = 1;
    judge(&c);
    EXPECT(c.noise.bare.rows == QUIET && c.noise.forked.rows == 0, "%zu", c.noise.bare.rows);
    EXPECT(slow->verdict == CHANGE_REGRESSED && slow->hi - slow->lo < 0.05, "%s",
           change_verdict_name(slow->verdict));
}

/* Two runs of one build say what the machine does to rows that have no control. */
static void calibration_runs(void)
{
    static struct crafted c;
    craft(&c, 0.01);
    for (size_t i = 0; i < c.rows; i++) c.row[i].batch = 1;
    struct verdict_row *slow = add(&c, 100, 0.3, false), *same = add(&c, 101, 0.0, false);
    judge(&c);
    EXPECT(c.noise.runs == 1 && !c.noise.assumed && c.noise.drift == 0.0 && c.noise.controls == 0,
           "%zu runs", c.noise.runs);
    EXPECT(fabs(c.noise.drift_variance - 1e-4) < 1e-5, "%g", c.noise.drift_variance);
    EXPECT(slow->verdict == CHANGE_REGRESSED && same->verdict == CHANGE_INCONCLUSIVE, "%s, %s",
           change_verdict_name(slow->verdict), change_verdict_name(same->verdict));
}

int main(void)
{
    drift_is_the_machines();
    twins();
    nothing_known();
    one_process();
    calibration_runs();
    same_code();
    planted();
    printf("%d failures\n", failures);
    return failures ? 2 : 0;
}
