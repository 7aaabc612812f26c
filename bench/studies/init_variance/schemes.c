/* The paper's second experiment: Kaiming against Xavier under ReLU, with what else there is, on the same data and batches,
 * for the same number of steps, in pairs of the same seed.
 */
#include <stdlib.h>

#include "studies/init_variance/grid.h"

struct scheme {
    const char *name, *label;
    struct init init;
    bool
        feature_speed; /* a read-out of sqrt(layers) / width, and rates by which each layer lowers the loss alike */
};
enum {
    KAIMING,
    KAIMING_UNIFORM,
    XAVIER,
    XAVIER_UNIFORM,
    LECUN,
    ORTHOGONAL,
    FIXED,
    FIXED_WIDE,
    FEATURE_SPEED,
    SCHEMES
};
static const struct scheme schemes[SCHEMES] = {
    [KAIMING] = {"kaiming", "Kaiming", {INIT_HE, false, 0.0}, false},
    [KAIMING_UNIFORM] = {"kaiming-uniform", "Kaiming, uniform", {INIT_HE, true, 0.0}, false},
    [XAVIER] = {"xavier", "Xavier", {INIT_XAVIER, false, 0.0}, false},
    [XAVIER_UNIFORM] = {"xavier-uniform", "Xavier, uniform", {INIT_XAVIER, true, 0.0}, false},
    [LECUN] = {"lecun", "LeCun", {INIT_LECUN, false, 0.0}, false},
    [ORTHOGONAL] = {"orthogonal", "orthogonal", {INIT_ORTHOGONAL, false, M_SQRT2}, false},
    [FIXED] = {"fixed-002", "fixed, 0.02", {INIT_FIXED, false, 0.02}, false},
    [FIXED_WIDE] = {"fixed-01", "fixed, 0.1", {INIT_FIXED, false, 0.1}, false},
    [FEATURE_SPEED] = {"feature-speed", "feature speed", {INIT_HE, false, 0.0}, true},
};

struct contest {
    const char *name, *label;
    enum split_name set;
    size_t rows, width[2], layers; /* width[1] 0: `layers` of width[0] */
    bool adam;
    double lr;
    size_t batch, passes;
    double reach; /* the running loss that is to be reached */
    size_t draws; /* of the default size */
};
enum { WINE_FLAT, WINE_DEEP, WINE_ADAM, DIGITS_DEEP, MNIST_FLAT, MNIST_DEEP, CONTESTS };
static const struct contest contests[CONTESTS] = {
    {"wine-64-32", "wine 64-32", SPLIT_WINE, 0, {64, 32}, 2, false, 0.01, 16, 200, 0.2, 10},
    {"wine-5x64", "wine 5 x 64", SPLIT_WINE, 0, {64, 0}, 5, false, 0.01, 16, 200, 0.2, 10},
    {"wine-adam", "wine 64-32, Adam", SPLIT_WINE, 0, {64, 32}, 2, true, 1e-3, 16, 100, 0.2, 10},
    {"digits-8x64", "digits 8 x 64", SPLIT_DIGITS, 0, {64, 0}, 8, false, 0.01, 16, 20, 0.5, 5},
    {"mnist-256-128",
     "MNIST 256-128",
     SPLIT_MNIST,
     12000,
     {256, 128},
     2,
     false,
     0.01,
     128,
     5,
     0.5,
     5},
    {"mnist-8x128", "MNIST 8 x 128", SPLIT_MNIST, 12000, {128, 0}, 8, false, 0.01, 128, 5, 0.5, 5},
};

/* What came of one scheme in one contest, draw by draw. */
struct field {
    size_t draws, steps, a_pass;
    const struct descent *at[SCHEMES][DRAWS_MOST];
    double loss[SCHEMES][DRAWS_MOST], accuracy[SCHEMES][DRAWS_MOST], early[SCHEMES][DRAWS_MOST];
    double reached[SCHEMES][DRAWS_MOST]; /* the last step where it was not */
    double missed[SCHEMES];              /* draws that did not reach the loss */
};

static struct mlp_plan plan_of(const struct course *c, const struct contest *k,
                               const struct scheme *s)
{
    struct mlp_plan p = {.set = k->set,
                         .rows = k->rows,
                         .layers = k->layers,
                         .init = s->init,
                         .equal = s->feature_speed && !k->adam,
                         .adam = k->adam,
                         .lr = k->lr,
                         .batch = k->batch,
                         .passes = course_pick(c, 5, k->passes, k->passes),
                         .reach = k->reach,
                         .records = RECORDS_CURVE};
    for (size_t l = 0; l < k->layers; l++) p.hidden[l] = k->width[k->width[1] ? l : 0];
    const double last = (double)p.hidden[k->layers - 1], layers = (double)k->layers + 1.0;
    if (s->feature_speed) p.readout = sqrt(layers) / last / sqrt(2.0 / last);
    return p;
}

static struct field *field_open(struct course *c, const struct contest *k)
{
    struct field *f = calloc(1, sizeof *f);
    if (!f) out_of_memory();
    f->draws = course_draws(c, 2, k->draws, 2 * k->draws);
    for (size_t s = 0; s < SCHEMES; s++) {
        const struct mlp_plan plan = plan_of(c, k, &schemes[s]);
        for (size_t i = 0; i < f->draws; i++) {
            const struct descent *d = course_mlp(c, &plan, i);
            const double reached = descent_end(d, 0, SEEN_REACHED);
            f->at[s][i] = d;
            f->steps = d->steps;
            f->a_pass = d->steps / plan.passes;
            f->loss[s][i] = descent_end(d, 0, SEEN_LOSS);
            f->accuracy[s][i] = descent_end(d, 0, SEEN_ACCURACY);
            f->early[s][i] = descent_at(d, d->steps / 5, 0, SEEN_ACCURACY);
            f->reached[s][i] = isnan(reached) && d->done ? (double)d->steps : reached;
            f->missed[s] += isnan(reached) && d->done;
        }
    }
    return f;
}

/* ---- pairs of the same seed */

static struct interval ratio(const struct field *f, const double x[SCHEMES][DRAWS_MOST],
                             size_t over, size_t under)
{
    double by[DRAWS_MOST];
    for (size_t i = 0; i < f->draws; i++) by[i] = x[over][i] / x[under][i];
    return stats_forks(by, f->draws);
}

static struct interval difference(const struct field *f, const double x[SCHEMES][DRAWS_MOST],
                                  size_t of, size_t less)
{
    double by[DRAWS_MOST];
    for (size_t i = 0; i < f->draws; i++) by[i] = x[of][i] - x[less][i];
    return stats_mean(by, f->draws);
}

static void claim(const struct course *c, struct field *const field[CONTESTS])
{
    static const char *const needs_mnist[] = {"P2-5", "P2-5b"};
    const struct {
        const char *id;
        size_t contest;
    } steps[] = {{"P2-5c", WINE_DEEP}, {"P2-5d", WINE_FLAT}, {"P2-6", WINE_ADAM}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const struct field *f = field[steps[i].contest];
        course_claim(c, steps[i].id, ratio(f, f->reached, XAVIER, KAIMING), f->draws);
    }
    const struct field *digits = field[DIGITS_DEEP], *mnist = field[MNIST_DEEP];
    course_claim(c, "P2-5e", ratio(digits, digits->loss, XAVIER, KAIMING), digits->draws);
    if (!mnist) {
        course_lacks_mnist(c, needs_mnist, 2);
        return;
    }
    course_claim(c, "P2-5", difference(mnist, mnist->accuracy, KAIMING, XAVIER), mnist->draws);
    course_claim(c, "P2-5b", difference(mnist, mnist->early, KAIMING, XAVIER), mnist->draws);
}

/* ---- tables: one a contest; figures: the loss along the steps */

static void tabulate(const struct course *c, const struct contest *k, const struct field *f)
{
    enum { COLUMNS = 10 };
    static const char *const columns[COLUMNS] = {"loss",  "lo",    "hi", "spread", "right",
                                                 "steps", "ratio", "lo", "hi",     "missed"};
    double cells[SCHEMES * COLUMNS];
    const char *labels[SCHEMES];
    char name[48], title[128];
    for (size_t s = 0; s < SCHEMES; s++) {
        const struct interval loss = stats_mean(f->loss[s], f->draws);
        const struct interval by = ratio(f, f->reached, s, KAIMING);
        const double row[COLUMNS] = {loss.at,
                                     loss.lo,
                                     loss.hi,
                                     f->draws > 1 ? stats_deviation(f->loss[s], f->draws) : NAN,
                                     stats_mean(f->accuracy[s], f->draws).at,
                                     stats_forks(f->reached[s], f->draws).at,
                                     by.at,
                                     by.lo,
                                     by.hi,
                                     f->missed[s]};
        for (size_t i = 0; i < COLUMNS; i++) cells[s * COLUMNS + i] = row[i];
        labels[s] = schemes[s].label;
    }
    snprintf(name, sizeof name, "schemes-%s", k->name);
    snprintf(title, sizeof title, "%s, %zu draws; steps to a running loss of %g, over Kaiming's",
             k->label, f->draws, k->reach);
    course_table(
        c, &(struct study_table){name, title, "scheme", columns, COLUMNS, labels, cells, SCHEMES});
}

static void draw(const struct course *c, const struct contest *k, const struct field *f)
{
    struct figure_curve curve[SCHEMES];
    char name[SCHEMES][64], figure[48], title[96];
    size_t curves = 0;
    for (size_t s = 0; s < SCHEMES; s++) {
        const struct descent *first = f->at[s][0];
        double x[RECORDS_MOST], y[RECORDS_MOST * DRAWS_MOST];
        for (size_t r = 0; r < first->records; r++) {
            x[r] = (double)first->step[r];
            for (size_t i = 0; i < f->draws; i++)
                y[r * f->draws + i] = descent_row(f->at[s][i], r, 0)[SEEN_LOSS];
        }
        snprintf(name[s], sizeof name[s], "%s-%s", k->name, schemes[s].name);
        course_series(c, &(struct course_series){name[s], "step", "training loss", x, y,
                                                 first->records, f->draws});
        /* Uniform weights do what normal ones do: they are in the table and the file. */
        if (schemes[s].init.uniform) continue;
        curve[curves] = (struct figure_curve){name[s], schemes[s].label, SVG_LINE, curves + 1};
        curves++;
    }
    snprintf(figure, sizeof figure, "schemes-%s", k->name);
    snprintf(title, sizeof title, "Training loss by initialization: %s", k->label);
    course_figure(c, figure,
                  &(struct figure){title,
                                   {.label = "step"},
                                   {.label = "loss, mean over a pass", .log = true},
                                   curve,
                                   curves});
}

enum status course_schemes(struct course *c)
{
    struct field *field[CONTESTS] = {NULL};
    for (size_t i = 0; i < CONTESTS; i++)
        if (course_has(c, contests[i].set)) field[i] = field_open(c, &contests[i]);
    claim(c, field);
    for (size_t i = 0; i < CONTESTS; i++) {
        if (!field[i]) continue;
        tabulate(c, &contests[i], field[i]);
        draw(c, &contests[i], field[i]);
        free(field[i]);
    }
    return STATUS_OK;
}
