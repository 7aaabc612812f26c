/* Figure 3: logistic regression. A linear teacher of d weights is known from d of its logits: the student has them by
 * least squares. */
#include <math.h>

#include "studies/distillation/school.h"

enum { LOADS = 9, SHARES = 10, LEAK_DRAWS = 20 };
static const double load[LOADS] = {1.0, 1.24, 1.48, 1.73, 1.85, 1.97, 2.22, 2.71, 3.44};
static const double share[SHARES] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95};

static struct student cell(const struct school *school, double alpha, double rho, bool shuffle)
{
    const size_t d = school_pick(school, 20, 200, 1600);
    const struct training how = {
        .epochs = school_pick(school, 300, 10000, 10000), .lr = 1e-3, .beta2 = 0.999};
    return (struct student){
        .teacher = {{LOGISTIC, d, (size_t)lround(alpha * (double)d), 2, 0}, how},
        .rho = rho,
        .tau = 1.0,
        .shuffle = shuffle};
}

/* Means over draws of everything, by load and share. */
struct grid {
    struct interval teacher[LOADS], match[LOADS][SHARES], held[LOADS][SHARES],
        shuffled[LOADS][SHARES], error[LOADS][SHARES];
    double seen[LOADS][SHARES]; /* samples over d */
};

static void measure(struct school *school, struct grid *g, size_t draws)
{
    for (size_t i = 0; i < LOADS; i++)
        for (size_t j = 0; j < SHARES; j++) {
            const struct student s = cell(school, load[i], share[j], false);
            const struct student other = cell(school, load[i], share[j], true);
            g->teacher[i] = school_mean(school, &s, draws, TEACHER);
            g->match[i][j] = school_mean(school, &s, draws, MATCH);
            g->held[i][j] = school_mean(school, &s, draws, HELD_OUT);
            g->error[i][j] = school_mean(school, &s, draws, LOGIT_ERROR);
            g->seen[i][j] = school_mean(school, &s, draws, SEEN).at / (double)s.teacher.task.d;
            g->shuffled[i][j] = school_mean(school, &other, draws, HELD_OUT);
        }
}

/* Of a share of the samples held out in a cell's draws that are right by chance. */
static double deviation(size_t i, size_t j, size_t d, size_t draws)
{
    const double held = load[i] * (double)d * (1.0 - share[j]) * (double)draws;
    return 0.5 / sqrt(held);
}

static void claim_threshold(const struct school *school, const struct grid *g, size_t draws)
{
    const size_t d = cell(school, 1.0, 0.5, false).teacher.task.d;
    double above = 1.0, below = 0.0, error_above = 0.0, error_below = INFINITY;
    double apart = 0.0, deviations = 0.0;
    size_t cells_above = 0, cells_below = 0;
    for (size_t i = 0; i < LOADS; i++)
        for (size_t j = 0; j < SHARES; j++) {
            const bool identified = g->seen[i][j] >= 1.05, far = g->seen[i][j] <= 0.9;
            if (identified && load[i] >= 1.24) {
                above = school_least(above, g->match[i][j].at);
                cells_above++;
            }
            if (far && load[i] <= 1.73) {
                below = school_most(below, g->match[i][j].at);
                cells_below++;
            }
            if (load[i] <= 1.9 && identified)
                error_above = school_most(error_above, g->error[i][j].at);
            if (load[i] <= 1.9 && far) error_below = school_least(error_below, g->error[i][j].at);
            const double off = fabs(g->shuffled[i][j].at - 0.5);
            apart = school_most(apart, off);
            deviations = school_most(deviations, off / deviation(i, j, d, draws));
        }
    if (isnan(g->seen[0][0])) above = below = error_above = NAN;
    school_claim_value(school, "D1", above, cells_above);
    school_claim_value(school, "D1-b", below, cells_below);
    school_claim_value(school, "D1-c", apart, LOADS * SHARES);
    school_claim_value(school, "D1-d", deviations, LOADS * SHARES);
    school_claim_value(school, "D4", error_below / error_above, cells_above + cells_below);
}

static void claim_teacher(const struct school *school, const struct grid *g, size_t draws)
{
    double least = 1.0;
    for (size_t i = 0; i < LOADS && load[i] <= 1.48; i++)
        least = school_least(least, g->teacher[i].at);
    school_claim_value(school, "D2", least, 3 * draws);
    school_claim(school, "D2-b", g->teacher[3], draws);
    school_claim(school, "D2-c", g->teacher[6], draws);
    school_claim(school, "D2-d", g->teacher[8], draws);
}

static void draw_lines(const struct school *school, const struct grid *g)
{
    static const struct {
        size_t load;
        const char *held, *error, *label;
    } drawn[] = {{0, "logistic-held-1", "logistic-error-1", "n/d = 1"},
                 {1, "logistic-held-124", "logistic-error-124", "1.24"},
                 {3, "logistic-held-173", "logistic-error-173", "1.73"},
                 {6, "logistic-held-222", "logistic-error-222", "2.22"},
                 {8, "logistic-held-344", "logistic-error-344", "3.44"}};
    enum { DRAWN = sizeof drawn / sizeof *drawn };
    struct figure_curve held[DRAWN + 1], error[DRAWN];
    for (size_t k = 0; k < DRAWN; k++) {
        const size_t i = drawn[k].load;
        school_series(school,
                      &(struct school_series){drawn[k].held, "samples seen over d", "share matched",
                                              g->seen[i], g->match[i], SHARES});
        school_series(school, &(struct school_series){drawn[k].error, "samples seen over d",
                                                      "mean square error", g->seen[i], g->error[i],
                                                      SHARES});
        held[k] = (struct figure_curve){drawn[k].held, drawn[k].label, SVG_LINE, k + 1};
        error[k] = (struct figure_curve){drawn[k].error, drawn[k].label, SVG_LINE, k + 1};
    }
    school_series(school,
                  &(struct school_series){"logistic-shuffled", "samples seen over d", "share right",
                                          g->seen[3], g->shuffled[3], SHARES});
    held[DRAWN] =
        (struct figure_curve){"logistic-shuffled", "1.73, shuffled", SVG_REFERENCE, DRAWN + 1};
    school_figure(
        school, "logistic-threshold",
        &(struct figure){.title = "Logistic regression: held-out labels that match the teacher's",
                         .y = {.label = "share matched", .lo = 0.4, .hi = 1.0},
                         .curves = held,
                         .count = DRAWN + 1});
    school_figure(school, "logistic-error",
                  &(struct figure){.title = "Logistic regression: error of held-out logits",
                                   .y = {.label = "mean square error of logits", .log = true},
                                   .curves = error,
                                   .count = DRAWN});
}

static void draw_maps(const struct school *school, const struct grid *g)
{
    double held[SHARES * LOADS], shuffled[SHARES * LOADS];
    for (size_t i = 0; i < LOADS; i++)
        for (size_t j = 0; j < SHARES; j++) {
            held[j * LOADS + i] = g->held[i][j].at;
            shuffled[j * LOADS + i] = g->shuffled[i][j].at;
        }
    struct svg_heat heat = {.title = "Logistic regression: held-out labels that leak",
                            .x = {.label = "load n/d"},
                            .y = {.label = "share seen, rho"},
                            .z = {.label = "share right", .lo = 0.4, .hi = 1.0},
                            .at_x = load,
                            .at_y = share,
                            .at_z = held,
                            .columns = LOADS,
                            .rows = SHARES};
    school_heat(school, "logistic-phases", &heat);
    heat.title = "Logistic regression, soft labels shuffled within classes";
    heat.at_z = shuffled;
    school_heat(school, "logistic-shuffled-phases", &heat);
}

void school_logistic(struct school *school)
{
    const size_t draws = school_pick(school, 1, 5, 5),
                 many = school_pick(school, 2, LEAK_DRAWS, LEAK_DRAWS);
    const struct student half = cell(school, 1.0, 0.5, false), mixed = cell(school, 1.0, 0.5, true);
    struct grid g;
    measure(school, &g, draws);
    const struct interval leak = school_mean(school, &half, many, HELD_OUT);
    const struct interval control = school_mean(school, &mixed, many, HELD_OUT);
    claim_threshold(school, &g, draws);
    claim_teacher(school, &g, draws);
    school_claim(school, "D3", leak, many);
    school_claim(school, "D3-b", control, many);
    draw_lines(school, &g);
    draw_maps(school, &g);
}
