#include <string.h>

#include "studies/distillation/asked.h"
#include "studies/distillation/own.h"
#include "studies/distillation/school.h"
#include "studies/record.h"

#define FIG2 "figure 2"
#define FIG3 "figure 3"
#define FIG4 "figure 4"
#define FIG5 "figure 5"
#define OURS "derived"
static const struct claim claims[] = {
    {"D1",
     "logistic: n_train >= 1.05 d: held-out labels matched, least of all loads",
     FIG3,
     {0.999, 1}},
    {"D1-b", "n_train <= 0.9 d, teacher perfect: held-out labels matched, most", FIG3, {0, 0.92}},
    {"D1-c",
     "shuffled: held-out accuracy 0.49 to 0.51 in every cell: farthest from 1/2",
     FIG3,
     {0, 0.01}},
    {"D1-d",
     "exploratory: the same in standard deviations of chance, bound set after a run",
     OURS,
     {0, 4}},
    {"D2", "logistic teacher, n/d <= 1.48: least accuracy", FIG3, {1, 1}},
    {"D2-b", "at n/d = 1.73", FIG3, {0.99, 1}},
    {"D2-c", "at n/d = 2.22, past Cover's capacity", FIG3, {0.79, 0.86}},
    {"D2-d", "at n/d = 3.44", FIG3, {0.71, 0.76}},
    {"D3", "n/d = 1, rho = 0.5, below the threshold: held-out accuracy", FIG3, {0.55, 0.65}},
    {"D3-b", "the same, shuffled", FIG3, {0.46, 0.54}},
    {"D4",
     "held-out logits: error below the threshold over that above it, n/d <= 1.9",
     FIG3,
     {1e8, INFINITY}},
    {"D5", "two classes, tau <= 1: held-out accuracy, farthest from 1/2", FIG4, {0, 0.1}},
    {"D5-b", "tau >= 31.6: held-out accuracy, least", FIG4, {0.99, 1}},
    {"D5-c", "shuffled: held-out accuracy, most over tau", FIG4, {0, 0.65}},
    {"D6", "ten classes, n = 4 d: the teacher's accuracy", FIG4, {1, 1}},
    {"D6-b", "n = 4.4 d: the teacher's accuracy", FIG4, {0, 0.9}},
    {"D6-c", "n = 2.4 d to 4 d, rho = 0.55: held-out accuracy, least", FIG4, {0.99, 1}},
    {"D6-d", "n = 1.6 d: held-out accuracy", FIG4, {0, 0.6}},
    {"D7", "MLP, n = 1000, 300 seen: held-out accuracy", FIG5, {0, 0.35}},
    {"D7-b", "600 and more seen: held-out accuracy, least", FIG5, {0.99, 1}},
    {"D7-c", "and agreement with the teacher on fresh inputs, least", FIG5, {0.85, 1}},
    {"D7-d", "accuracy on fresh inputs, whose labels are random, most", FIG5, {0, 0.03}},
    {"D8", "MLP, 700 of 1000 seen, tau = 1: held-out accuracy", FIG5, {0, 0.1}},
    {"D8-b", "tau >= 10: held-out accuracy, least", FIG5, {0.99, 1}},
    {"D8-c", "shuffled: held-out accuracy, most over tau", FIG5, {0, 0.06}},
    {"D9", "plane: held-out accuracy of soft labels less that of hard ones", "figure 1", {0.08, 1}},
    {"D9-b", "agreement with the teacher over the plane, soft less hard", "figure 1", {0, 1}},
    {"D9-c", "plane, shuffled: held-out accuracy (chance 1/3)", OURS, {0, 0.45}},
    {"D10", "addition: the teacher's accuracy on what it memorized", "figure 9", {0.999, 1}},
    {"D10-b", "and on pairs that it never saw", "figure 9", {0, 0.02}},
    {"D10-c", "rho = 0.7, tau = 10: held-out accuracy (chance 1/p)", "figure 9", {0.05, 1}},
    {"D10-d", "and on pairs that neither saw", "figure 9", {0, 0.02}},
    {"D10-e", "shuffled: held-out accuracy", OURS, {0, 0.05}},
    {"D12",
     "transformer on addition, 2500 steps: its accuracy on what it memorized",
     FIG2,
     {0.999, 1}},
    {"D12-b", "and on pairs that it never saw", FIG2, {0, 0.1}},
    {"D12-c",
     "rho = 0.7, tau = 10: held-out accuracy less that on pairs neither saw",
     FIG2,
     {0.05, 1}},
    {"D12-d", "and on pairs that neither saw", FIG2, {0, 0.1}},
    {"D12-e", "shuffled: held-out accuracy (chance 1/p)", OURS, {0, 0.05}},
    {"D12-f",
     "exploratory, chosen after a run: teacher of 1000 steps, pairs never seen",
     OURS,
     {0, 0.1}},
    {"D12-g", "and its student's held-out accuracy less that on such pairs", OURS, {0.05, 1}},
    {"D13",
     "transformer after 10000 steps: its accuracy on pairs that it never saw",
     FIG2,
     {0.99, 1}},
    {"D13-b", "rho = 0.3, tau = 10: its student's on pairs that neither saw", FIG2, {0.9, 1}},
    {"D13-c", "the same of true labels: on pairs that neither saw", OURS, {0, 0.1}},
    {"SUB",
     "random triples, MLP in place of GPT-2, rho = 0.8: held-out (chance 1/c)",
     OURS,
     {0.1, 1}},
    {"SUB-b", "the same, shuffled", OURS, {0, 0.03}},
};

/* Their names are in asked.c; the claims that each answers, by what stands before the dash. */
static const struct {
    school_experiment *run;
    const char *claims;
} experiments[] = {{school_logistic, "D1 D2 D3 D4"},
                   {school_temperature, "D5"},
                   {school_classes, "D6"},
                   {school_mlp, "D7 D8"},
                   {school_plane, "D9"},
                   {school_addition, "D10"},
                   {school_attention, "D12 D13"},
                   {school_triples, "SUB"}};
enum { EXPERIMENTS = sizeof experiments / sizeof *experiments };

static struct school school = {.ledger = {.fd = -1}}; /* kept for what is printed */

static bool is_own(void)
{
    return distillation_asked.own.model != MODELS;
}

static bool is_asked(size_t experiment)
{
    const unsigned asked = distillation_asked.experiments;
    return !is_own() && (!asked || asked >> experiment & 1u);
}

/* True where the experiment answers that claim. */
static bool answers(size_t experiment, const char *id)
{
    const size_t length = strcspn(id, "-");
    for (const char *at = experiments[experiment].claims; *at; at += strspn(at, " ")) {
        const size_t word = strcspn(at, " ");
        if (word == length && strncmp(at, id, length) == 0) return true;
        at += word;
    }
    return false;
}

static void leave_out(struct study_run *run, size_t experiment)
{
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        if (answers(experiment, claims[i].id))
            study_out_of_reach(run, claims[i].id,
                               is_own() ? "left out by --model" : "left out by --only");
}

static enum status run(struct study_run *run)
{
    const struct asked *o = &distillation_asked;
    school_experiment *asked[EXPERIMENTS + 1] = {NULL};
    char text[1100];
    size_t count = 0;
    if (is_own()) asked[count++] = own_sweep_run;
    for (size_t i = 0; i < EXPERIMENTS; i++)
        if (is_asked(i))
            asked[count++] = experiments[i].run;
        else
            leave_out(run, i);
    snprintf(text, sizeof text, "%s%s%s", study_size_name(study_size(run)), *o->text ? ", " : "",
             o->text);
    return school_run(&school, run, &(struct school_options){asked, text, o->save_every});
}

/* The last thing that a run does. */
static void print(FILE *out, const struct study_run *run)
{
    if (is_own() && school.recording && !study_share(run).count) own_print(out, &school);
    school_close(&school);
}

const struct study study_distillation = {
    .name = "distillation",
    .title = "How soft labels of memorized data tell what the student never saw",
    .source = "Behrens, Zdeborova, \"Dataset distillation for memorized data\", ICLR 2026, arXiv "
              "2506.14457",
    .claims = claims,
    .claim_count = sizeof claims / sizeof *claims,
    .seconds = {1, 420, 300000},
    .run = run,
    .given = distillation_given,
    .own = is_own,
    .keeps_rows = true,
    .print = print,
};
