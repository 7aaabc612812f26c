/* Figures 4a and 13: multinomial regression over the temperature. A cold soft label is a hard one, a hot one tells the
 * logits; how hot is too hot, the number of steps decides. */
#include "studies/distillation/school.h"

enum { TAUS = 7, LOADS = 5, CLASSES = 10, FEW_LOADS = 4 };
static const double tau[TAUS] = {0.316, 1.0, 3.16, 10.0, 31.6, 100.0, 1000.0};
static const double load[LOADS] = {1.2, 1.4, 1.6, 1.8, 2.0};    /* n/d, two classes */
static const double few_load[FEW_LOADS] = {1.0, 2.0, 3.0, 4.0}; /* n/d, ten classes */
static const double share = 0.8;
enum { AT = 2 }; /* the load of the claims */

static struct student cell(const struct school *school, size_t c, double alpha, double temperature,
                           bool shuffle)
{
    const size_t d = school_pick(school, 20, 100, 1000);
    const struct training how = {
        .epochs = school_pick(school, 200, 10000, 10000), .lr = 1e-3, .beta2 = 0.999};
    struct student s = {.teacher = {{LINEAR, d, (size_t)lround(alpha * (double)d), c, 0}, how},
                        .how = how,
                        .rho = share,
                        .tau = temperature,
                        .shuffle = shuffle};
    s.how.lr = 1e-4;
    return s;
}

static void claim(const struct school *school, const struct interval held[TAUS],
                  const struct interval shuffled[TAUS], size_t draws)
{
    double cold = 0.0, hot = 1.0, mixed = 0.0;
    for (size_t k = 0; k < TAUS; k++) {
        if (tau[k] <= 1.0) cold = school_most(cold, fabs(held[k].at - 0.5));
        if (tau[k] >= 31.6) hot = school_least(hot, held[k].at);
        mixed = school_most(mixed, shuffled[k].at);
    }
    school_claim_value(school, "D5", cold, 2 * draws);
    school_claim_value(school, "D5-b", hot, 3 * draws);
    school_claim_value(school, "D5-c", mixed, TAUS * draws);
}

static void curve(const struct school *school, const char *name, const struct interval held[TAUS])
{
    school_series(school,
                  &(struct school_series){name, "temperature", "share right", tau, held, TAUS});
}

static void two_classes(struct school *school)
{
    static const char *const name[LOADS] = {"temperature-12", "temperature-14", "temperature-16",
                                            "temperature-18", "temperature-20"};
    static const char *const label[LOADS] = {"n/d = 1.2", "1.4", "1.6", "1.8", "2.0"};
    const size_t draws = school_pick(school, 1, 5, 5);
    struct interval held[LOADS][TAUS], shuffled[LOADS][TAUS];
    struct figure_curve curves[LOADS + 1];
    for (size_t i = 0; i < LOADS; i++) {
        for (size_t k = 0; k < TAUS; k++) {
            const struct student s = cell(school, 2, load[i], tau[k], false);
            const struct student other = cell(school, 2, load[i], tau[k], true);
            held[i][k] = school_mean(school, &s, draws, HELD_OUT);
            shuffled[i][k] = school_mean(school, &other, draws, HELD_OUT);
        }
        curve(school, name[i], held[i]);
        curves[i] = (struct figure_curve){name[i], label[i], SVG_LINE, i + 1};
    }
    claim(school, held[AT], shuffled[AT], draws);
    curve(school, "temperature-shuffled", shuffled[AT]);
    curves[LOADS] =
        (struct figure_curve){"temperature-shuffled", "1.6, shuffled", SVG_REFERENCE, LOADS + 1};
    school_figure(school, "temperature",
                  &(struct figure){.title = "Two classes: held-out labels over the temperature",
                                   .x = {.label = "temperature", .log = true},
                                   .y = {.label = "share right", .lo = 0.3, .hi = 1.0},
                                   .curves = curves,
                                   .count = LOADS + 1});
}

static void ten_classes(struct school *school)
{
    static const char *const name[FEW_LOADS] = {"temperature-c10-1", "temperature-c10-2",
                                                "temperature-c10-3", "temperature-c10-4"};
    static const char *const label[FEW_LOADS] = {"n/d = 1", "2", "3", "4"};
    const size_t draws = school_pick(school, 1, 2, 5);
    struct figure_curve curves[FEW_LOADS];
    for (size_t i = 0; i < FEW_LOADS; i++) {
        struct interval held[TAUS];
        for (size_t k = 0; k < TAUS; k++) {
            const struct student s = cell(school, CLASSES, few_load[i], tau[k], false);
            held[k] = school_mean(school, &s, draws, HELD_OUT);
        }
        curve(school, name[i], held);
        curves[i] = (struct figure_curve){name[i], label[i], SVG_LINE, i + 1};
    }
    school_figure(school, "temperature-ten-classes",
                  &(struct figure){.title = "Ten classes: held-out labels over the temperature",
                                   .x = {.label = "temperature", .log = true},
                                   .y = {.label = "share right", .lo = 0.0, .hi = 1.0},
                                   .curves = curves,
                                   .count = FEW_LOADS});
}

void school_temperature(struct school *school)
{
    two_classes(school);
    ten_classes(school);
}
