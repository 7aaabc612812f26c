/* Figures 2 and 9: addition modulo p by an MLP. A teacher that has memorized pairs without having understood addition
 * leaks the sums of pairs that its student never saw, and no others. */
#include "studies/distillation/school.h"

enum { SHARES = 4, TAUS = 3, AT = 2 }; /* AT: of the claims */
static const double share[SHARES] = {0.3, 0.5, 0.7, 0.9};
static const struct {
    double tau;
    const char *name, *label;
} heat[TAUS] = {
    {0.1, "addition-01", "tau = 0.1"}, {1.0, "addition-1", "1"}, {10.0, "addition-10", "10"}};

static struct student cell(const struct school *school, double rho, double tau)
{
    const size_t p = school_pick(school, 11, 59, 113);
    const struct training how = {.p = school_pick(school, 16, 100, 200),
                                 .epochs = school_pick(school, 100, 3000, 5000),
                                 .lr = 1e-3,
                                 .decay = 1.0,
                                 .beta2 = 0.98,
                                 .warmup = 10};
    struct student s = {.teacher = {{ADDITION, p, (size_t)(0.3 * (double)(p * p)), p, 0}, how},
                        .how = how,
                        .rho = rho,
                        .tau = tau};
    s.how.epochs = school_pick(school, 200, 5000, 40000);
    return s;
}

void school_addition(struct school *school)
{
    const size_t draws = school_pick(school, 1, 2, 3);
    struct figure_curve curves[TAUS + 2];
    struct interval fresh[SHARES], mixed[SHARES];
    struct student s = cell(school, share[AT], 10.0);
    school_claim(school, "D10", school_mean(school, &s, draws, TEACHER), draws);
    school_claim(school, "D10-b", school_mean(school, &s, draws, TEACHER_FRESH), draws);
    school_claim(school, "D10-c", school_mean(school, &s, draws, HELD_OUT), draws);
    school_claim(school, "D10-d", school_mean(school, &s, draws, FRESH), draws);
    for (size_t k = 0; k < TAUS; k++) {
        struct interval held[SHARES];
        for (size_t j = 0; j < SHARES; j++) {
            s = cell(school, share[j], heat[k].tau);
            held[j] = school_mean(school, &s, draws, HELD_OUT);
            fresh[j] = school_mean(school, &s, draws, FRESH);
        }
        school_series(school, &(struct school_series){heat[k].name, "share seen, rho",
                                                      "share right", share, held, SHARES});
        curves[k] = (struct figure_curve){heat[k].name, heat[k].label, SVG_LINE, k + 1};
    }
    for (size_t j = 0; j < SHARES; j++) {
        s = cell(school, share[j], 10.0);
        s.shuffle = true;
        mixed[j] = school_mean(school, &s, draws, HELD_OUT);
    }
    school_claim(school, "D10-e", mixed[AT], draws);
    school_series(school, &(struct school_series){"addition-fresh", "share seen, rho",
                                                  "share right", share, fresh, SHARES});
    school_series(school, &(struct school_series){"addition-shuffled", "share seen, rho",
                                                  "share right", share, mixed, SHARES});
    curves[TAUS] =
        (struct figure_curve){"addition-fresh", "10, pairs nobody saw", SVG_REFERENCE, TAUS + 1};
    curves[TAUS + 1] =
        (struct figure_curve){"addition-shuffled", "10, shuffled", SVG_REFERENCE, TAUS + 2};
    school_figure(school, "addition",
                  &(struct figure){.title = "Addition modulo p: held-out sums that leak",
                                   .curves = curves,
                                   .count = TAUS + 2});
}
