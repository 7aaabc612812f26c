/* Figures 2 and 8: addition modulo p by a transformer of one layer, its teacher stopped before and after it understands.
 * Before, it leaks the sums that it memorized and no others; after, a few soft labels tell its student all sums. */
#include "studies/distillation/school.h"

enum { STAGES = 3, SHARES = 9, TAUS = 3, HOT = TAUS - 1 };
static const double share[SHARES] = {0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9};
static const double tau[TAUS] = {0.1, 1.0, 10.0};

/* How much of the grid a size has: stages of the teacher, and shares from `first` on. */
struct grid {
    size_t stages, epochs[STAGES], first, draws;
};

static struct grid grid_of(const struct school *school)
{
    static const struct grid grid[STUDY_SIZES] = {
        {2, {60, 120}, 7, 1}, {2, {2500, 10000}, 4, 2}, {3, {2500, 5000, 10000}, 0, 3}};
    return grid[school->size];
}

static struct student cell(const struct school *school, size_t epochs, double rho,
                           double temperature)
{
    const size_t p = school_pick(school, 11, 59, 113);
    const struct training how = {.p = school_pick(school, 32, 256, 512),
                                 .epochs = epochs,
                                 .lr = 1e-3,
                                 .decay = 1.0,
                                 .beta2 = 0.98,
                                 .warmup = 10};
    struct student s = {.teacher = {{ATTENTION, p, (size_t)(0.3 * (double)(p * p)), p, 0}, how},
                        .how = how,
                        .rho = rho,
                        .tau = temperature};
    s.how.epochs = school_pick(school, 120, 2500, 40000);
    return s;
}

/* Of pairs that were memorized and held out, less those that nobody saw, draw by draw. */
static struct interval leak(struct school *school, struct student s, size_t draws)
{
    enum { MOST = 8 };
    double x[MOST];
    for (size_t i = 0; i < draws && i < MOST; i++) {
        s.teacher.task.seed = school_seed(school, i);
        const double *outcome = school_outcome(school, &s);
        x[i] = outcome[HELD_OUT] - outcome[FRESH];
    }
    return stats_mean(x, draws);
}

/* The first teacher memorizes, the last understands. */
static void claim(struct school *school, const struct grid *g)
{
    const size_t early = g->epochs[0], first = school_pick(school, 30, 1000, 1000),
                 late = g->epochs[g->stages - 1], draws = g->draws;
    struct student s = cell(school, early, 0.7, tau[HOT]), t = cell(school, late, 0.3, tau[HOT]);
    school_claim(school, "D12", school_mean(school, &s, draws, TEACHER), draws);
    school_claim(school, "D12-b", school_mean(school, &s, draws, TEACHER_FRESH), draws);
    school_claim(school, "D12-c", leak(school, s, draws), draws);
    school_claim(school, "D12-d", school_mean(school, &s, draws, FRESH), draws);
    s.teacher.how.epochs = first;
    school_claim(school, "D12-f", school_mean(school, &s, draws, TEACHER_FRESH), draws);
    school_claim(school, "D12-g", leak(school, s, draws), draws);
    s.teacher.how.epochs = early;
    s.shuffle = true;
    school_claim(school, "D12-e", school_mean(school, &s, draws, HELD_OUT), draws);
    school_claim(school, "D13", school_mean(school, &t, draws, TEACHER_FRESH), draws);
    school_claim(school, "D13-b", school_mean(school, &t, draws, FRESH), draws);
    t.hard = true;
    school_claim(school, "D13-c", school_mean(school, &t, draws, FRESH), draws);
}

/* Over the shares, of students as s; named and drawn by k. */
static struct figure_curve curve(struct school *school, const struct grid *g, struct student s,
                                 enum outcome_field field, struct figure_curve as)
{
    struct interval y[SHARES];
    for (size_t j = g->first; j < SHARES; j++) {
        s.rho = share[j];
        y[j] = school_mean(school, &s, g->draws, field);
    }
    school_series(school,
                  &(struct school_series){as.series, "share seen, rho", "share right",
                                          share + g->first, y + g->first, SHARES - g->first});
    return as;
}

static void draw(struct school *school, const struct grid *g, size_t stage)
{
    static const char *const names[STAGES][TAUS + 2] = {
        {"attention-01", "attention-1", "attention-10", "attention-fresh", "attention-shuffled"},
        {"attention-2-01", "attention-2-1", "attention-2-10", "attention-2-fresh",
         "attention-2-shuffled"},
        {"attention-3-01", "attention-3-1", "attention-3-10", "attention-3-fresh",
         "attention-3-shuffled"}};
    static const char *const labels[] = {"tau = 0.1", "1", "10", "10, pairs nobody saw",
                                         "10, shuffled"};
    static const char *const figures[STAGES] = {"attention", "attention-2", "attention-3"};
    struct figure_curve curves[TAUS + 2];
    char title[96];
    struct student s = cell(school, g->epochs[stage], 0.0, tau[HOT]);
    for (size_t k = 0; k < TAUS + 2; k++) {
        const bool reference = k >= TAUS;
        s.tau = tau[reference ? HOT : k];
        s.shuffle = k == TAUS + 1;
        curves[k] = curve(school, g, s, k == TAUS ? FRESH : HELD_OUT,
                          (struct figure_curve){names[stage][k], labels[k],
                                                reference ? SVG_REFERENCE : SVG_LINE, k + 1});
    }
    snprintf(title, sizeof title, "Transformer, teacher of %zu steps: held-out sums",
             g->epochs[stage]);
    school_figure(school, figures[stage],
                  &(struct figure){.title = title, .curves = curves, .count = TAUS + 2});
}

/* Figure 2 A: what a teacher has right of what it memorized, and of the rest, when it is stopped. */
static void draw_teachers(struct school *school, const struct grid *g)
{
    double steps[STAGES];
    struct interval own[STAGES], fresh[STAGES];
    for (size_t i = 0; i < g->stages; i++) {
        const struct student s = cell(school, g->epochs[i], 0.7, tau[HOT]);
        steps[i] = (double)g->epochs[i];
        own[i] = school_mean(school, &s, g->draws, TEACHER);
        fresh[i] = school_mean(school, &s, g->draws, TEACHER_FRESH);
    }
    school_series(school, &(struct school_series){"attention-teacher", "steps", "share right",
                                                  steps, own, g->stages});
    school_series(school, &(struct school_series){"attention-teacher-fresh", "steps", "share right",
                                                  steps, fresh, g->stages});
    school_figure(school, "attention-teachers",
                  &(struct figure){.title = "Transformer: what its teachers have right",
                                   .curves =
                                       (const struct figure_curve[]){
                                           {"attention-teacher", "memorized", SVG_LINE, 1},
                                           {"attention-teacher-fresh", "never seen", SVG_LINE, 2}},
                                   .count = 2});
}

void school_attention(struct school *school)
{
    const struct grid g = grid_of(school);
    claim(school, &g);
    draw_teachers(school, &g);
    for (size_t i = 0; i < g.stages; i++) draw(school, &g, i);
}
