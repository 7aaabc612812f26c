/* The parts of the study init-variance: its data, its stable band, and what it sees of one training. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/data.h"
#include "studies/init_variance/descent.h"
#include "studies/init_variance/stable.h"

static int failures;

static void is(const char *what, bool truth)
{
    if (truth) return;
    fprintf(stderr, "not so: %s\n", what);
    failures++;
}

static void near(const char *what, double got, double want, double allowed)
{
    if (fabs(got - want) <= allowed) return;
    fprintf(stderr, "%s: got %.9g, want %.9g, allowed %.3g\n", what, got, want, allowed);
    failures++;
}

/* ---- data */

static struct split open_split(enum split_name name, const char *mnist)
{
    struct split s;
    if (split_open(&s, name, mnist) == STATUS_OK) return s;
    fprintf(stderr, "%s\n", status_text());
    exit(2);
}

static void committed_sets(void)
{
    static const struct {
        enum split_name name;
        size_t rows, tests;
        double chance;
    } want[] = {{SPLIT_WINE, 142, 36, 14.0 / 36.0}, {SPLIT_DIGITS, 1437, 360, 0.0}};
    for (size_t i = 0; i < 2; i++) {
        struct split s = open_split(want[i].name, NULL);
        is("as many rows and tests as is said",
           s.rows == want[i].rows && s.tests == want[i].tests &&
               s.inputs == split_inputs(want[i].name) && s.classes == split_classes(want[i].name));
        const size_t all = s.rows + s.tests;
        for (size_t j = 0; j < s.inputs && want[i].name == SPLIT_WINE; j++) {
            double sum = 0.0, square = 0.0;
            for (size_t r = 0; r < all; r++) {
                const double x = (double)s.x[r * s.inputs + j];
                sum += x;
                square += x * x;
            }
            near("the mean of a quantity of the wines", sum / (double)all, 0.0, 1e-6);
            near("its mean square", square / (double)all, 1.0, 1e-6);
        }
        for (size_t r = 0; r < all; r++)
            is("a class", s.label[r] >= 0 && (size_t)s.label[r] < s.classes);
        if (want[i].chance > 0.0) near("chance", split_chance(&s), want[i].chance, 1e-12);
        split_close(&s);
    }
}

/* An IDX file of so many images of side x side, or with side 0 labels. */
static void write_idx(const char *folder, const char *name, unsigned rows, unsigned side)
{
    char path[256];
    const unsigned char head[16] = {0,
                                    0,
                                    8,
                                    side ? 3 : 1,
                                    0,
                                    0,
                                    (unsigned char)(rows >> 8),
                                    (unsigned char)rows,
                                    0,
                                    0,
                                    0,
                                    (unsigned char)side,
                                    0,
                                    0,
                                    0,
                                    (unsigned char)side};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file) abort();
    fwrite(head, 1, side ? 16 : 8, file);
    for (unsigned r = 0; r < rows; r++)
        for (unsigned i = 0; i < (side ? side * side : 1); i++)
            fputc((int)(side ? (r * 7 + i) % 256 : r % 10), file);
    fclose(file);
}

static void write_mnist(const char *folder, unsigned train_side, unsigned test_side)
{
    write_idx(folder, "train-images-idx3-ubyte", 50, train_side);
    write_idx(folder, "train-labels-idx1-ubyte", 50, 0);
    write_idx(folder, "t10k-images-idx3-ubyte", 20, test_side);
    write_idx(folder, "t10k-labels-idx1-ubyte", 20, 0);
}

static void mnist(void)
{
    char folder[] = "/tmp/hinge-mnist-XXXXXX", path[300];
    struct split s;
    if (!mkdtemp(folder)) abort();
    is("no files", split_open(&s, SPLIT_MNIST, folder) == STATUS_NO_INPUT &&
                       strstr(status_text(), "train-images-idx3-ubyte"));
    write_mnist(folder, 28, 28);
    struct data train, test;
    if (data_open_mnist(&train, &test, folder) != STATUS_OK) abort();
    is("both sets", train.rows == 50 && test.rows == 20 && train.cols == 784 && test.cols == 784);
    double sum = 0.0;
    for (size_t i = 0; i < train.rows * train.cols; i++) sum += (double)train.x[i];
    near("the training set's mean", sum / (double)(train.rows * train.cols), 0.0, 1e-6);
    /* The first images are the same in both: so are shift and factor. */
    is("the tests are scaled like the training set",
       memcmp(train.x, test.x, train.cols * sizeof *train.x) == 0 && test.label[13] == 3);
    data_close(&train);
    data_close(&test);
    is("too few images", split_open(&s, SPLIT_MNIST, folder) == STATUS_DATA &&
                             strstr(status_text(), "50 and 20 images of 784 pixels"));
    write_mnist(folder, 28, 20);
    is("sets of two sizes", split_open(&s, SPLIT_MNIST, folder) == STATUS_DATA &&
                                strstr(status_text(), "784 pixels in train, of 400"));
    write_mnist(folder, 20, 20);
    is("images of another size",
       split_open(&s, SPLIT_MNIST, folder) == STATUS_DATA &&
           strstr(status_text(), "of 400 pixels; expected are 60000 and 10000 of 784"));
    static const char *const names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                        "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* ---- the band */

static void bands(void)
{
    enum { N = 6 };
    const double scale[N] = {1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2}, chance = 0.1;
    const bool all[N] = {true, true, true, true, true, true};
    const bool cut[N] = {true, true, true, true, false, false};
    /* 0.9 of the way from 0.1 to 1 is 0.91. */
    const double inner[N] = {0.1, 0.55, 0.95, 1.0, 0.82, 0.1};
    struct stable s = stable_band(scale, inner, all, N, chance);
    near("the lower edge", log10(s.lower), -1.0 - (0.95 - 0.91) / (0.95 - 0.55), 1e-12);
    near("the upper edge", log10(s.upper), (1.0 - 0.91) / (1.0 - 0.82), 1e-12);
    is("closed, best at 1", !s.open_below && !s.open_above && s.best == 1.0);
    s = stable_band(scale, inner, cut, N, chance);
    near("a loss that is not finite counts as chance", log10(s.upper), (1.0 - 0.91) / 0.9, 1e-12);
    const double open[N] = {0.95, 0.95, 0.95, 1.0, 0.95, 0.95};
    s = stable_band(scale, open, all, N, chance);
    is("open on both sides",
       s.open_below && s.open_above && s.lower == scale[0] && s.upper == scale[N - 1]);
    const double two[N] = {0.95, 0.1, 1.0, 0.1, 0.95, 0.1};
    s = stable_band(scale, two, all, N, chance);
    is("the stretch around the best alone", s.lower > scale[1] && s.upper < scale[3]);
    const double none[N] = {0.1, 0.2, 0.5, 0.3, 0.2, 0.1};
    is("nothing was trained", isnan(stable_band(scale, none, all, N, chance).lower));
    const double hole[N] = {0.1, NAN, 1.0, 0.3, 0.2, 0.1};
    is("not all was measured", isnan(stable_band(scale, hole, all, N, chance).best));
    const bool never[N] = {false};
    is("no loss is finite", isnan(stable_band(scale, open, never, N, chance).upper));
}

/* ---- a training */

static struct mlp_plan wine_plan(double scale, enum records records)
{
    return (struct mlp_plan){.set = SPLIT_WINE,
                             .hidden = {64, 32},
                             .layers = 2,
                             .init = {INIT_FIXED, false, scale},
                             .lr = 0.05,
                             .batch = 16,
                             .passes = 20,
                             .reach = 0.5,
                             .records = records,
                             .seed = 7};
}

static struct descent descended(const struct mlp_plan *plan, const struct split *s)
{
    struct descent d;
    if (descent_of_mlp(&d, plan) == STATUS_OK &&
        mlp_descend(&d, s, kernel_set_best(), NULL) == STATUS_OK)
        return d;
    fprintf(stderr, "%s\n", status_text());
    exit(2);
}

static void records(const struct split *s)
{
    static const size_t curve[] = {0, 9, 18, 36, 72, 108, 144, 180}, layers[] = {0, 10, 100, 180};
    const struct mlp_plan plan = wine_plan(0.2, RECORDS_LAYERS);
    struct mlp_plan other = wine_plan(0.2, RECORDS_CURVE);
    struct descent d = descended(&plan, s), again = descended(&plan, s);
    struct descent e = descended(&other, s);
    is("steps", d.steps == 180);
    is("records of layers", d.records == 4 && !memcmp(d.step, layers, sizeof layers));
    is("records of a curve", e.records == 8 && !memcmp(e.step, curve, sizeof curve) && !e.layers);
    const size_t count = d.records * (d.layers + 1) * SEEN_FIELDS;
    is("the same words again",
       d.layers == 3 && !memcmp(d.seen, again.seen, count * sizeof *d.seen));
    is("records do not change the training",
       descent_end(&d, 0, SEEN_LOSS) == descent_end(&e, 0, SEEN_LOSS));
    is("it learns", descent_end(&d, 0, SEEN_LOSS) < 0.2 && descent_end(&d, 0, SEEN_ACCURACY) > 0.9);
    const double reached = descent_end(&d, 0, SEEN_REACHED);
    is("the loss was reached on the way", reached > 9.0 && reached < 180.0);
    is("and not before", isnan(descent_at(&d, 10, 0, SEEN_REACHED)) || reached <= 10.0);
    is("no record at another step", isnan(descent_at(&d, 11, 0, SEEN_LOSS)));
    /* 13 x 64 weights. */
    near("deviation of fresh weights", descent_at(&d, 0, 1, SEEN_WEIGHT), 0.2,
         4.0 * 0.2 / sqrt(2 * 13.0 * 64));
    is("no outputs are dead", isnan(descent_end(&d, 3, SEEN_DEAD)));
    other.seed++;
    struct descent f = descended(&other, s);
    is("another seed, another training",
       descent_end(&f, 0, SEEN_LOSS) != descent_end(&e, 0, SEEN_LOSS));
    descent_close(&d);
    descent_close(&again);
    descent_close(&e);
    descent_close(&f);
}

/* What goes through two layers of a common scale grows with its square in each, gradients of the first with the scale
 * of the layers above. */
static void propagation(const struct split *s)
{
    struct mlp_plan small = wine_plan(1e-3, RECORDS_LAYERS),
                    large = wine_plan(2e-3, RECORDS_LAYERS);
    small.passes = large.passes = 0;
    struct descent a = descended(&small, s), b = descended(&large, s);
    is("fresh weights alone", a.steps == 0 && a.records == 1);
    near("variance behind layer 1", descent_end(&b, 1, SEEN_ACT) / descent_end(&a, 1, SEEN_ACT),
         4.0, 1e-3);
    near("behind layer 2", descent_end(&b, 2, SEEN_ACT) / descent_end(&a, 2, SEEN_ACT), 16.0, 1e-3);
    near("the first gradient", descent_end(&b, 1, SEEN_GRAD) / descent_end(&a, 1, SEEN_GRAD), 4.0,
         1e-3);
    near("the last", descent_end(&b, 3, SEEN_GRAD) / descent_end(&a, 3, SEEN_GRAD), 4.0, 1e-3);
    descent_close(&a);
    descent_close(&b);
}

static void divergence(const struct split *s)
{
    struct mlp_plan plan = wine_plan(10.0, RECORDS_LAYERS);
    plan.lr = 1e30;
    struct descent d = descended(&plan, s);
    is("the loss stopped being finite",
       isinf(descent_end(&d, 0, SEEN_LOSS)) && descent_end(&d, 0, SEEN_NONFINITE) == 1.0);
    is("before the first step it was",
       isfinite(descent_at(&d, 0, 0, SEEN_LOSS)) && descent_at(&d, 0, 0, SEEN_NONFINITE) == 0.0);
    is("all records are filled",
       !isnan(descent_end(&d, 3, SEEN_NONFINITE)) && descent_end(&d, 3, SEEN_NONFINITE) > 0.0);
    descent_close(&d);
    /* All dead from the first layer on: nothing but biases of the outputs learns. */
    plan = wine_plan(0.0, RECORDS_LAYERS);
    plan.init.gain = 1e-30;
    d = descended(&plan, s);
    is("products that underflow", descent_at(&d, 0, 2, SEEN_DEAD) == 1.0 &&
                                      descent_at(&d, 0, 2, SEEN_ACT) == 0.0 &&
                                      descent_at(&d, 0, 1, SEEN_GRAD) == 0.0);
    descent_close(&d);
}

/* With rates of its own each layer lowers the loss alike: from weights so small that the read-out is all that one rate
 * moves, one step of all layers is seen in the first layer too. */
static void equal_rates(const struct split *s)
{
    struct mlp_plan one = wine_plan(0.05, RECORDS_LAYERS), each = one;
    each.equal = true;
    one.passes = each.passes = 2;
    struct descent a = descended(&one, s), b = descended(&each, s);
    const double first_one =
        fabs(descent_at(&a, 10, 1, SEEN_WEIGHT) - descent_at(&a, 0, 1, SEEN_WEIGHT));
    const double first_each =
        fabs(descent_at(&b, 10, 1, SEEN_WEIGHT) - descent_at(&b, 0, 1, SEEN_WEIGHT));
    is("the first layer moves further", first_each > 4.0 * first_one);
    is("from the same weights", descent_at(&a, 0, 0, SEEN_LOSS) == descent_at(&b, 0, 0, SEEN_LOSS));
    struct mlp_plan readout = one;
    readout.readout = 3.0;
    struct descent c = descended(&readout, s);
    near("a read-out of three times the deviation",
         descent_at(&c, 0, 3, SEEN_WEIGHT) / descent_at(&a, 0, 3, SEEN_WEIGHT), 3.0, 1e-6);
    is("the others as they were",
       descent_at(&c, 0, 2, SEEN_WEIGHT) == descent_at(&a, 0, 2, SEEN_WEIGHT));
    descent_close(&a);
    descent_close(&b);
    descent_close(&c);
}

int main(void)
{
    committed_sets();
    mnist();
    bands();
    struct split wine = open_split(SPLIT_WINE, NULL);
    records(&wine);
    propagation(&wine);
    divergence(&wine);
    equal_rates(&wine);
    split_close(&wine);
    return failures > 0;
}
