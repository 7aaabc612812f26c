#include "studies/distillation/asked.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "studies/distillation/own.h"

enum {
    KEY_ONLY = 512,
    KEY_SAVE_EVERY,
    KEY_MODEL,
    KEY_D,
    KEY_N,
    KEY_C,
    KEY_P,
    KEY_STUDENT_P,
    KEY_RHO,
    KEY_TAU,
    KEY_LR,
    KEY_STUDENT_LR,
    KEY_EPOCHS,
    KEY_STUDENT_EPOCHS,
    KEY_BATCH,
    KEY_DECAY,
    KEY_DRAWS,
    KEY_SHUFFLE,
    KEY_HARD
};

const char *const experiment_names[] = {"logistic", "temperature", "classes", "mlp", "plane",
                                        "addition", "attention",   "triples", NULL};

struct asked distillation_asked = {.save_every = 30.0, .own.model = MODELS};

static const struct argp_option rows[] = {
    {"only", KEY_ONLY, "LIST", 0,
     "of its experiments: logistic, temperature, classes, mlp, plane, addition, attention, triples",
     0},
    {"save-every", KEY_SAVE_EVERY, "SECONDS", 0,
     "how often the state of a training is saved beside the rows (30)", 0},
    {0, 0, 0, 0, "A sweep of your own, in place of the experiments and their claims:", 3},
    {"model", KEY_MODEL, "logistic|linear|mlp|plane|addition|attention|triples", 0,
     "what is memorized", 0},
    {"d", KEY_D, "LIST", 0, "inputs; of addition, attention and triples: numbers below it", 0},
    {"n", KEY_N, "LIST", 0, "samples that the teacher memorizes", 0},
    {"c", KEY_C, "LIST", 0, "classes", 0},
    {"p", KEY_P, "LIST", 0, "hidden units of the teacher; of attention a multiple of 16", 0},
    {"student-p", KEY_STUDENT_P, "LIST", 0, "of the student (the teacher's)", 0},
    {"rho", KEY_RHO, "LIST", 0, "share of the samples that the student sees, 0.01 to 0.99", 0},
    {"tau", KEY_TAU, "LIST", 0, "temperatures of the soft labels, 0.001 to 1e6", 0},
    {"lr", KEY_LR, "X", 0, "learning rate of the teacher, 1e-8 to 10", 0},
    {"student-lr", KEY_STUDENT_LR, "X", 0, "of the student (the teacher's)", 0},
    {"epochs", KEY_EPOCHS, "N", 0, "of the teacher", 0},
    {"student-epochs", KEY_STUDENT_EPOCHS, "N", 0, "of the student (the teacher's)", 0},
    {"batch", KEY_BATCH, "N", 0, "samples a step (all)", 0},
    {"decay", KEY_DECAY, "X", 0, "weight decay of both, 0 to 10 (0; of addition and attention 1)",
     0},
    {"draws", KEY_DRAWS, "N", 0, "seeds (3)", 0},
    {"shuffle", KEY_SHUFFLE, "no|yes|both", 0, "inputs within classes (both)", 0},
    {"hard", KEY_HARD, NULL, 0, "students of true labels", 0},
    {0}};

/* Every option but --only, --save-every and --model is of the user's own sweep. */
static const char *option_of(int key)
{
    for (size_t i = 0; rows[i].name || rows[i].doc; i++)
        if (rows[i].key == key) return rows[i].name;
    return NULL;
}

static enum status parse_real(const char *option, const char *text, double least, double most,
                              double *to)
{
    char *end;
    *to = strtod(text, &end);
    if (end != text && *end == '\0' && *to >= least && *to <= most) return STATUS_OK;
    return fail(STATUS_USAGE, "--%s %s: a number from %g to %g", option, text, least, most);
}

/* Comma-separated. */
static enum status parse_reals(const char *option, const char *text, double least, double most,
                               struct reals *to)
{
    char *copy = strdup(text), *save = NULL;
    enum status status = copy ? STATUS_OK : fail(STATUS_OS, "no memory for --%s", option);
    to->count = 0;
    for (char *part = copy ? strtok_r(copy, ",", &save) : NULL; part && status == STATUS_OK;
         part = strtok_r(NULL, ",", &save)) {
        if (to->count == LIST_MOST)
            status = fail(STATUS_USAGE, "--%s: more than %d numbers", option, LIST_MOST);
        else
            status = parse_real(option, part, least, most, &to->at[to->count++]);
    }
    if (status == STATUS_OK && to->count == 0)
        status = fail(STATUS_USAGE, "--%s '%s': no number", option, text);
    free(copy);
    return status;
}

/* Of whole numbers. */
static enum status parse_wholes(const char *option, const char *text, double least, double most,
                                struct reals *to)
{
    const enum status status = parse_reals(option, text, least, most, to);
    for (size_t i = 0; i < to->count && status == STATUS_OK; i++)
        if (to->at[i] != floor(to->at[i]))
            return fail(STATUS_USAGE, "--%s %s: whole numbers from %g to %g", option, text, least,
                        most);
    return status;
}

static enum status parse_size(const char *option, const char *text, uint64_t most, size_t *to)
{
    char name[32];
    uint64_t value = 0;
    snprintf(name, sizeof name, "--%s", option);
    const enum status status = parse_count(name, text, 1, most, &value);
    *to = (size_t)value;
    return status;
}

/* The index of a name in a list that ends with NULL; SIZE_MAX where it is not there. */
static size_t index_of(const char *const names[], size_t count, const char *text)
{
    for (size_t i = 0; i < count && names[i]; i++)
        if (strcmp(names[i], text) == 0) return i;
    return SIZE_MAX;
}

static enum status parse_only(const char *text, unsigned *to)
{
    char *copy = strdup(text), *save = NULL;
    enum status status = copy ? STATUS_OK : fail(STATUS_OS, "no memory for --only");
    *to = 0;
    for (char *part = copy ? strtok_r(copy, ",", &save) : NULL; part && status == STATUS_OK;
         part = strtok_r(NULL, ",", &save)) {
        const size_t i = index_of(experiment_names, 32, part);
        if (i == SIZE_MAX)
            status = fail(STATUS_USAGE,
                          "--only %s: of logistic, temperature, classes, mlp, plane, addition, "
                          "attention, triples",
                          part);
        else
            *to |= 1u << i;
    }
    if (status == STATUS_OK && *to == 0)
        status = fail(STATUS_USAGE, "--only '%s': no experiment", text);
    free(copy);
    return status;
}

static enum status parse_model(const char *text, enum model *to)
{
    const size_t i = index_of(model_names, MODELS, text);
    if (i == SIZE_MAX)
        return fail(STATUS_USAGE,
                    "--model %s: logistic, linear, mlp, plane, addition, attention or triples",
                    text);
    *to = (enum model)i;
    return STATUS_OK;
}

static enum status parse_shuffle(const char *text, enum shuffling *to)
{
    static const char *const names[] = {"no", "yes", "both"};
    const size_t i = index_of(names, 3, text);
    if (i == SIZE_MAX) return fail(STATUS_USAGE, "--shuffle %s: no, yes or both", text);
    *to = (enum shuffling)i;
    return STATUS_OK;
}

static enum status parse_own(int key, const char *arg, struct own_sweep *o)
{
    const char *option = option_of(key);
    switch (key) {
    case KEY_D:
        return parse_wholes(option, arg, 2, 1e5, &o->d);
    case KEY_N:
        return parse_wholes(option, arg, 2, 1e7, &o->n);
    case KEY_C:
        return parse_wholes(option, arg, 2, 1e5, &o->c);
    case KEY_P:
        return parse_wholes(option, arg, 1, 1e5, &o->p);
    case KEY_STUDENT_P:
        return parse_wholes(option, arg, 1, 1e5, &o->student_p);
    case KEY_RHO:
        return parse_reals(option, arg, 0.01, 0.99, &o->rho);
    case KEY_TAU:
        return parse_reals(option, arg, 1e-3, 1e6, &o->tau);
    case KEY_LR:
        return parse_real(option, arg, 1e-8, 10.0, &o->lr);
    case KEY_STUDENT_LR:
        return parse_real(option, arg, 1e-8, 10.0, &o->student_lr);
    case KEY_DECAY:
        return parse_real(option, arg, 0.0, 10.0, &o->decay);
    case KEY_EPOCHS:
        return parse_size(option, arg, 100000000, &o->epochs);
    case KEY_STUDENT_EPOCHS:
        return parse_size(option, arg, 100000000, &o->student_epochs);
    case KEY_BATCH:
        return parse_size(option, arg, 10000000, &o->batch);
    case KEY_DRAWS:
        return parse_size(option, arg, 10000, &o->draws);
    case KEY_SHUFFLE:
        return parse_shuffle(arg, &o->shuffle);
    default:
        o->hard = true;
        return STATUS_OK;
    }
}

/* What the rows hang on, for their head. */
static void note(struct asked *o, int key, const char *arg)
{
    const size_t used = strlen(o->text);
    snprintf(o->text + used, sizeof o->text - used, "%s--%s%s%s", used ? " " : "", option_of(key),
             arg ? " " : "", arg ? arg : "");
}

static const char *first, *first_own; /* option that was given; of the user's own sweep */

const char *distillation_given(void)
{
    return first;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct asked *o = &distillation_asked;
    enum status status = STATUS_OK;
    switch (key) {
    case KEY_ONLY:
        status = parse_only(arg, &o->experiments);
        break;
    case KEY_SAVE_EVERY:
        status = parse_real("save-every", arg, 0.0, 1e6, &o->save_every);
        break;
    case KEY_MODEL:
        status = parse_model(arg, &o->own.model);
        break;
    case ARGP_KEY_INIT:
        o->own.decay = NAN;
        o->own.shuffle = SHUFFLE_BOTH;
        return 0;
    case ARGP_KEY_END:
        if (first_own && o->own.model == MODELS)
            argp_error(state, "--%s is of a sweep of your own: it goes with --model", first_own);
        if (o->experiments && o->own.model != MODELS)
            argp_error(state, "--only and --model: one or the other");
        if (o->own.model != MODELS && own_check(&o->own) != STATUS_OK)
            argp_error(state, "%s", status_text());
        return 0;
    default:
        if (key < KEY_D || key > KEY_HARD) return ARGP_ERR_UNKNOWN;
        status = parse_own(key, arg, &o->own);
        if (!first_own) first_own = option_of(key);
    }
    if (status != STATUS_OK) argp_error(state, "%s", status_text());
    if (!first) first = option_of(key);
    if (key != KEY_SAVE_EVERY) note(o, key, arg);
    return 0;
}

const struct argp distillation_argp = {rows, parse, NULL, NULL, NULL, NULL, NULL};
