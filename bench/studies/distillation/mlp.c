/* Figures 5 and 6: an MLP of one hidden layer. With few samples the student memorizes what it sees, with more it knows
 * a part of what it does not, with enough it is the teacher. */
#include "studies/distillation/school.h"

enum { SIZES = 4, SHARES = 7, TAUS = 6, WIDTHS = 3, WIDE_SHARES = 2, SEEN_700 = 5 };
static const double share[SHARES] = {0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9};
static const double tau[TAUS] = {0.3, 1.0, 3.0, 10.0, 20.0, 100.0};
enum { THOUSAND = 1 }; /* of the claims */

static size_t size_of(const struct school *school, size_t i)
{
    static const size_t n[SIZES] = {500, 1000, 1500, 2000};
    return school_pick(school, n[i] / 10, n[i], 100 * n[i]);
}

static struct student cell(const struct school *school, size_t n, double rho, double temperature)
{
    const size_t ten = school_pick(school, 1, 10, 100); /* a tenth of the inputs */
    const size_t c = school_pick(school, 10, 100, 100);
    const struct training how = {
        .p = 5 * ten, .epochs = school_pick(school, 100, 4000, 2000), .lr = 1e-3, .beta2 = 0.999};
    struct student s = {
        .teacher = {{MLP, 10 * ten, n, c, 0}, how}, .how = how, .rho = rho, .tau = temperature};
    s.how.epochs = school_pick(school, 200, 10000, 10000);
    if (school->size == STUDY_PAPER) s.how.lr = 1e-4;
    return s;
}

static size_t draws_of(const struct school *school)
{
    return school_pick(school, 1, 2, 1);
}

/* The phases as the paper tells them apart; NaN where something was not measured. */
static double phase_of(double teacher, double train, double held)
{
    if (isnan(teacher) || isnan(train) || isnan(held)) return NAN;
    if (teacher < 0.99) return 0.0;
    if (train < 0.99) return 1.0;
    return held >= 0.99 ? 3.0 : 2.0;
}

struct grid {
    struct interval held[SIZES][SHARES], agree[SIZES][SHARES], fresh[SIZES][SHARES],
        train[SIZES][SHARES], teacher[SIZES];
};

static void measure(struct school *school, struct grid *g)
{
    const size_t draws = draws_of(school);
    for (size_t i = 0; i < SIZES; i++)
        for (size_t j = 0; j < SHARES; j++) {
            const struct student s = cell(school, size_of(school, i), share[j], 20.0);
            g->teacher[i] = school_mean(school, &s, draws, TEACHER);
            g->train[i][j] = school_mean(school, &s, draws, TRAIN);
            g->held[i][j] = school_mean(school, &s, draws, HELD_OUT);
            g->agree[i][j] = school_mean(school, &s, draws, MATCH_FRESH);
            g->fresh[i][j] = school_mean(school, &s, draws, FRESH);
        }
}

static void claim_phases(const struct school *school, const struct grid *g)
{
    const size_t draws = draws_of(school), i = THOUSAND;
    double held = 1.0, agree = 1.0, fresh = 0.0;
    for (size_t j = 0; j < SHARES; j++) {
        fresh = school_most(fresh, g->fresh[i][j].at);
        if (share[j] < 0.6) continue;
        held = school_least(held, g->held[i][j].at);
        agree = school_least(agree, g->agree[i][j].at);
    }
    school_claim(school, "D7", g->held[i][1], draws);
    school_claim_value(school, "D7-b", held, 3 * draws);
    school_claim_value(school, "D7-c", agree, 3 * draws);
    school_claim_value(school, "D7-d", fresh, SHARES * draws);
}

static void draw_phases(const struct school *school, const struct grid *g)
{
    double n[SIZES], held[SHARES * SIZES], agree[SHARES * SIZES], phase[SHARES * SIZES];
    for (size_t i = 0; i < SIZES; i++) {
        n[i] = (double)size_of(school, i);
        for (size_t j = 0; j < SHARES; j++) {
            held[j * SIZES + i] = g->held[i][j].at;
            agree[j * SIZES + i] = g->agree[i][j].at;
            phase[j * SIZES + i] = phase_of(g->teacher[i].at, g->train[i][j].at, g->held[i][j].at);
        }
    }
    struct svg_heat heat = {.title = "MLP: held-out labels that leak",
                            .x = {.label = "samples of the teacher, n"},
                            .y = {.label = "share seen, rho"},
                            .z = {.label = "share right", .lo = 0.0, .hi = 1.0},
                            .at_x = n,
                            .at_y = share,
                            .at_z = held,
                            .columns = SIZES,
                            .rows = SHARES};
    school_heat(school, "mlp-held", &heat);
    heat.title = "MLP: agreement with the teacher on fresh inputs";
    heat.z.label = "share matched";
    heat.at_z = agree;
    school_heat(school, "mlp-agreement", &heat);
    heat.title = "MLP phases: 0 no teacher, 1 memory with gaps, 2 memory, 3 the teacher itself";
    heat.z = (struct svg_axis){.label = "phase", .lo = 0.0, .hi = 3.0};
    heat.at_z = phase;
    school_heat(school, "mlp-phases", &heat);
}

static void temperatures(struct school *school)
{
    const size_t draws = draws_of(school);
    struct interval held[TAUS], mixed[TAUS];
    double hot = 1.0, most = 0.0;
    for (size_t k = 0; k < TAUS; k++) {
        struct student s = cell(school, size_of(school, THOUSAND), share[SEEN_700], tau[k]);
        held[k] = school_mean(school, &s, draws, HELD_OUT);
        s.shuffle = true;
        mixed[k] = school_mean(school, &s, draws, HELD_OUT);
        most = school_most(most, mixed[k].at);
        if (tau[k] >= 10.0) hot = school_least(hot, held[k].at);
    }
    school_claim(school, "D8", held[1], draws);
    school_claim_value(school, "D8-b", hot, 3 * draws);
    school_claim_value(school, "D8-c", most, TAUS * draws);
    school_series(
        school, &(struct school_series){"mlp-tau", "temperature", "share right", tau, held, TAUS});
    school_series(school, &(struct school_series){"mlp-tau-shuffled", "temperature", "share right",
                                                  tau, mixed, TAUS});
    school_figure(
        school, "mlp-temperature",
        &(struct figure){
            .title = "MLP: held-out labels over the temperature",
            .x = {.log = true},
            .y = {.lo = 0.0, .hi = 1.0},
            .curves = (const struct figure_curve[]){{"mlp-tau", "soft labels", SVG_LINE, 1},
                                                    {"mlp-tau-shuffled", "shuffled", SVG_LINE, 2}},
            .count = 2});
}

/* Students narrower and wider than their teacher. */
static void widths(struct school *school)
{
    static const double of[WIDTHS] = {0.8, 1.0, 2.0};
    static const size_t at[WIDE_SHARES] = {3, SEEN_700};
    static const char *const name[WIDE_SHARES] = {"mlp-width-05", "mlp-width-07"};
    const size_t draws = draws_of(school);
    for (size_t j = 0; j < WIDE_SHARES; j++) {
        struct interval held[WIDTHS];
        for (size_t w = 0; w < WIDTHS; w++) {
            struct student s = cell(school, size_of(school, THOUSAND), share[at[j]], 20.0);
            s.how.p = (size_t)lround(of[w] * (double)s.how.p);
            held[w] = school_mean(school, &s, draws, HELD_OUT);
        }
        school_series(school, &(struct school_series){name[j], "student's width over the teacher's",
                                                      "share right", of, held, WIDTHS});
    }
    school_figure(school, "mlp-width",
                  &(struct figure){
                      .title = "MLP: held-out labels over the student's width",
                      .y = {.lo = 0.0, .hi = 1.0},
                      .curves = (const struct figure_curve[]){{name[0], "rho = 0.5", SVG_LINE, 1},
                                                              {name[1], "0.7", SVG_LINE, 2}},
                      .count = WIDE_SHARES});
}

void school_mlp(struct school *school)
{
    struct grid g;
    measure(school, &g);
    claim_phases(school, &g);
    draw_phases(school, &g);
    temperatures(school);
    widths(school);
}
