#include "studies/distillation/own.h"

#include <string.h>

/* The sweep with what was not given filled in. */
static struct own_sweep filled(void)
{
    static const struct {
        double d, n, c, p, lr, decay;
        size_t epochs, student_epochs;
    } usual[MODELS] = {[LOGISTIC] = {200, 300, 2, 0, 1e-3, 0, 10000, 10000},
                       [LINEAR] = {100, 240, 10, 0, 1e-3, 0, 5000, 10000},
                       [MLP] = {100, 1000, 100, 50, 1e-3, 0, 4000, 10000},
                       [PLANE] = {2, 60, 3, 150, 1e-3, 0, 4000, 4000},
                       [ADDITION] = {59, 1044, 59, 100, 1e-3, 1, 3000, 5000},
                       [ATTENTION] = {59, 1044, 59, 512, 1e-3, 1, 2500, 5000},
                       [TRIPLES] = {100, 1000, 100, 200, 2e-3, 0.01, 200, 400}};
    struct own_sweep o = distillation_asked.own;
    const enum model m = o.model;
#define FILL(list, value)                                                                          \
    if (o.list.count == 0) o.list = (struct reals){{value}, 1}
    FILL(d, usual[m].d);
    FILL(n, usual[m].n);
    FILL(c, usual[m].c);
    FILL(p, usual[m].p);
    FILL(student_p, 0.0); /* the teacher's */
    FILL(rho, 0.7);
    FILL(tau, 10.0);
#undef FILL
    if (o.lr == 0.0) o.lr = usual[m].lr;
    if (o.student_lr == 0.0) o.student_lr = o.lr;
    if (isnan(o.decay)) o.decay = usual[m].decay;
    if (o.student_epochs == 0) o.student_epochs = o.epochs ? o.epochs : usual[m].student_epochs;
    if (o.epochs == 0) o.epochs = usual[m].epochs;
    if (o.draws == 0) o.draws = 3;
    return o;
}

/* The lists, rho's last: it changes from one combination to the next. */
enum { LISTS = 7 };
static const struct reals *list_of(const struct own_sweep *o, size_t i)
{
    const struct reals *const list[LISTS] = {&o->d,         &o->n,   &o->c,  &o->p,
                                             &o->student_p, &o->tau, &o->rho};
    return list[i];
}

static size_t combinations(const struct own_sweep *o)
{
    size_t count = o->shuffle == SHUFFLE_BOTH ? 2 : 1;
    for (size_t i = 0; i < LISTS; i++) count *= list_of(o, i)->count;
    return count;
}

/* Number k of them; those that are shuffled lie behind the others. */
static struct student combination(const struct own_sweep *o, size_t k)
{
    double at[LISTS];
    for (size_t i = LISTS; i-- > 0; k /= list_of(o, i)->count)
        at[i] = list_of(o, i)->at[k % list_of(o, i)->count];
    const bool adds = o->model == ADDITION || o->model == ATTENTION;
    const struct training how = {.p = (size_t)at[3],
                                 .epochs = o->epochs,
                                 .batch = o->batch,
                                 .lr = o->lr,
                                 .decay = o->decay,
                                 .beta2 = adds ? 0.98 : 0.999,
                                 .warmup = adds ? 10 : 0};
    struct student s = {
        .teacher = {{o->model, (size_t)at[0], (size_t)at[1], (size_t)at[2], 0}, how},
        .how = how,
        .rho = at[6],
        .tau = at[5],
        .shuffle = o->shuffle == SHUFFLE_YES || k > 0,
        .hard = o->hard};
    if (at[4] > 0.0) s.how.p = (size_t)at[4];
    s.how.epochs = o->student_epochs;
    s.how.lr = o->student_lr;
    return s;
}

static enum status check_one(const struct student *s)
{
    const struct task_plan *t = &s->teacher.task;
    const size_t classes = task_classes(t);
    const bool adds = task_adds(t);
    if (adds && t->n > t->d * t->d)
        return fail(STATUS_USAGE, "--n %zu: there are %zu pairs of numbers below --d %zu", t->n,
                    t->d * t->d, t->d);
    if (!adds && t->n < 2 * classes)
        return fail(STATUS_USAGE,
                    "--n %zu: less than two samples of each of the %zu classes of --c", t->n,
                    classes);
    for (int i = 0; i < 2 && t->model == ATTENTION; i++) {
        const size_t p = i ? s->how.p : s->teacher.how.p;
        if (p % ATTENTION_P)
            return fail(STATUS_USAGE, "--%s %zu: the model attention takes multiples of %d",
                        i ? "student-p" : "p", p, ATTENTION_P);
    }
    const double some = s->rho * (double)(adds ? t->n : t->n / classes) + 1e-9;
    if (some < 1.0)
        return fail(STATUS_USAGE, "--rho %g: nothing of the %zu samples of --n is seen", s->rho,
                    t->n);
    return STATUS_OK;
}

/* What a model has nothing of. */
static enum status check_model(const struct own_sweep *a)
{
#define OF(model) (1u << (model))
    const struct {
        const char *option;
        bool given;
        unsigned none; /* of these models */
        const char *why;
    } rule[] = {
        {"d", a->d.count, OF(PLANE), "has two inputs"},
        {"c", a->c.count, OF(LOGISTIC), "has two classes"},
        {"c", a->c.count, OF(ADDITION) | OF(ATTENTION), "has as many classes as numbers, --d"},
        {"p", a->p.count, OF(LOGISTIC) | OF(LINEAR), "has no hidden layer"},
        {"student-p", a->student_p.count, OF(LOGISTIC) | OF(LINEAR), "has no hidden layer"},
        {"tau", a->tau.count, OF(LOGISTIC), "has a student that solves for the logits"},
        {"hard", a->hard, OF(LOGISTIC), "has a student that solves for the logits"},
        {"student-lr", a->student_lr > 0.0, OF(LOGISTIC), "has a student that is not trained"},
        {"student-epochs", a->student_epochs > 0, OF(LOGISTIC),
         "has a student that is not trained"}};
#undef OF
    for (size_t i = 0; i < sizeof rule / sizeof *rule; i++)
        if (rule[i].given && rule[i].none >> a->model & 1u)
            return fail(STATUS_USAGE, "--%s: the model %s %s", rule[i].option,
                        model_names[a->model], rule[i].why);
    if (a->hard && a->tau.count)
        return fail(STATUS_USAGE, "--tau and --hard: true labels have no temperature");
    return STATUS_OK;
}

enum status own_check(const struct own_sweep *asked)
{
    enum { MOST = 100000 };
    const struct own_sweep o = filled();
    const enum status fits = check_model(asked);
    if (fits != STATUS_OK) return fits;
    double count = (double)o.draws * (o.shuffle == SHUFFLE_BOTH ? 2.0 : 1.0);
    for (size_t i = 0; i < LISTS; i++) count *= (double)list_of(&o, i)->count;
    if (count > MOST)
        return fail(STATUS_USAGE, "--model %s: %.0f students are asked for; at most %d",
                    model_names[o.model], count, MOST);
    for (size_t k = 0; k < combinations(&o); k++) {
        const struct student s = combination(&o, k);
        const enum status status = check_one(&s);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static void name_curve(char name[64], char label[96], const struct student *s, size_t number)
{
    snprintf(name, 64, "own-%zu", number);
    snprintf(label, 96, "d=%zu n=%zu c=%zu p=%zu,%zu tau=%g%s", s->teacher.task.d,
             s->teacher.task.n, task_classes(&s->teacher.task), s->teacher.how.p, s->how.p, s->tau,
             s->shuffle ? ", shuffled" : "");
}

void own_sweep_run(struct school *school)
{
    enum { CURVES = 12 }; /* in a figure */
    const struct own_sweep o = filled();
    const size_t count = combinations(&o), points = o.rho.count;
    struct figure_curve curves[CURVES];
    char names[CURVES][64], labels[CURVES][96];
    size_t drawn = 0;
    for (size_t k = 0; k < count; k += points) {
        struct interval held[POINTS];
        struct student s;
        for (size_t j = 0; j < points; j++) {
            s = combination(&o, k + j);
            held[j] = school_mean(school, &s, o.draws, HELD_OUT);
        }
        char name[64], label[96];
        name_curve(name, label, &s, k / points);
        school_series(school,
                      &(struct school_series){name, "share seen, rho", "held-out labels right",
                                              o.rho.at, held, points});
        if (drawn == CURVES) continue;
        memcpy(names[drawn], name, sizeof name);
        memcpy(labels[drawn], label, sizeof label);
        curves[drawn] = (struct figure_curve){names[drawn], labels[drawn], SVG_LINE, drawn + 1};
        drawn++;
    }
    school_figure(school, "own",
                  &(struct figure){.title = "Held-out labels of a sweep of one's own",
                                   .y = {.lo = 0.0, .hi = 1.0},
                                   .curves = curves,
                                   .count = drawn});
}

void own_print(FILE *out, struct school *school)
{
    const struct own_sweep o = filled();
    fprintf(out, "\n%s, means over %zu draw%s\n", model_names[o.model], o.draws,
            o.draws > 1 ? "s" : "");
    fprintf(out, "%6s %6s %5s %5s %5s %5s %7s %4s  %7s %7s %8s %7s %7s\n", "d", "n", "c", "p",
            "p_S", "rho", "tau", "shuf", "teacher", "train", "held-out", "match", "fresh");
    for (size_t k = 0; k < combinations(&o); k++) {
        static const enum outcome_field field[] = {TEACHER, TRAIN, HELD_OUT, MATCH, MATCH_FRESH};
        const struct student s = combination(&o, k);
        double of[5];
        for (int f = 0; f < 5; f++) of[f] = school_mean(school, &s, o.draws, field[f]).at;
        fprintf(out, "%6zu %6zu %5zu %5zu %5zu %5.2f %7g %4s  %7.3f %7.3f %8.3f %7.3f %7.3f\n",
                s.teacher.task.d, s.teacher.task.n, task_classes(&s.teacher.task), s.teacher.how.p,
                s.how.p, s.rho, s.tau, s.shuffle ? "yes" : "no", of[0], of[1], of[2], of[3], of[4]);
    }
    fprintf(out, "match, fresh: agreement with the teacher on held-out and on fresh inputs\n");
}
