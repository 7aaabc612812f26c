/* Figure 4b: multinomial regression of c classes. What a teacher can memorize falls with log c, what a student needs
 * does not hang on c: d samples, of which each soft label gives c - 1 equations. */
#include "studies/distillation/school.h"

enum { KINDS = 3, LOADS = 7 };
static const struct {
    size_t c;
    double load[LOADS]; /* n/d */
    const char *held, *shuffled, *teacher, *label;
} kind[KINDS] = {{2,
                  {1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0},
                  "classes-held-2",
                  "classes-shuffled-2",
                  "classes-teacher-2",
                  "c = 2"},
                 {10,
                  {1.0, 1.6, 2.0, 2.4, 3.2, 4.0, 4.4},
                  "classes-held-10",
                  "classes-shuffled-10",
                  "classes-teacher-10",
                  "10"},
                 {50,
                  {1.0, 1.5, 2.0, 2.5, 4.0, 8.0, 12.0},
                  "classes-held-50",
                  "classes-shuffled-50",
                  "classes-teacher-50",
                  "50"}};
enum { TEN = 1 }; /* of the claims, whose loads are 1.6 at 1, 2.4 to 4 at 3 to 5, 4.4 at 6 */

static struct student cell(const struct school *school, size_t k, size_t i, bool shuffle)
{
    const size_t d = school_pick(school, 20, 100, 1000);
    const struct training how = {
        .epochs = school_pick(school, 200, 5000, 5000), .lr = 1e-3, .beta2 = 0.999};
    struct student s = {
        .teacher = {{LINEAR, d, (size_t)lround(kind[k].load[i] * (double)d), kind[k].c, 0}, how},
        .how = how,
        .rho = 0.55,
        .tau = 10.0,
        .shuffle = shuffle};
    s.how.lr = 1e-4;
    s.how.epochs *= 2;
    return s;
}

static void claim(const struct school *school, const struct interval teacher[LOADS],
                  const struct interval held[LOADS], size_t draws)
{
    double least = 1.0;
    for (size_t i = 3; i <= 5; i++) least = school_least(least, held[i].at);
    school_claim(school, "D6", teacher[5], draws);
    school_claim(school, "D6-b", teacher[6], draws);
    school_claim_value(school, "D6-c", least, 3 * draws);
    school_claim(school, "D6-d", held[1], draws);
}

static void draw(const struct school *school, const char *name, const char *title,
                 const struct figure_curve curves[KINDS])
{
    school_figure(school, name,
                  &(struct figure){.title = title,
                                   .x = {.label = "samples over inputs, n/d", .log = true},
                                   .y = {.label = "share right", .lo = 0.0, .hi = 1.0},
                                   .curves = curves,
                                   .count = KINDS});
}

void school_classes(struct school *school)
{
    const size_t draws = school_pick(school, 1, 3, 5);
    struct figure_curve held_curve[KINDS], mixed_curve[KINDS], teacher_curve[KINDS];
    for (size_t k = 0; k < KINDS; k++) {
        struct interval teacher[LOADS], held[LOADS], mixed[LOADS];
        for (size_t i = 0; i < LOADS; i++) {
            const struct student s = cell(school, k, i, false), other = cell(school, k, i, true);
            teacher[i] = school_mean(school, &s, draws, TEACHER);
            held[i] = school_mean(school, &s, draws, HELD_OUT);
            mixed[i] = school_mean(school, &other, draws, TRAIN);
        }
        if (k == TEN) claim(school, teacher, held, draws);
        const struct school_series series[] = {
            {kind[k].held, "n/d", "share right", kind[k].load, held, LOADS},
            {kind[k].shuffled, "n/d", "share right", kind[k].load, mixed, LOADS},
            {kind[k].teacher, "n/d", "share right", kind[k].load, teacher, LOADS}};
        for (size_t i = 0; i < sizeof series / sizeof *series; i++)
            school_series(school, &series[i]);
        held_curve[k] = (struct figure_curve){kind[k].held, kind[k].label, SVG_LINE, k + 1};
        mixed_curve[k] = (struct figure_curve){kind[k].shuffled, kind[k].label, SVG_LINE, k + 1};
        teacher_curve[k] = (struct figure_curve){kind[k].teacher, kind[k].label, SVG_LINE, k + 1};
    }
    draw(school, "classes-held", "Held-out labels by number of classes", held_curve);
    draw(school, "classes-shuffled", "What students of shuffled soft labels can memorize",
         mixed_curve);
    draw(school, "classes-teacher", "What teachers can memorize", teacher_curve);
}
