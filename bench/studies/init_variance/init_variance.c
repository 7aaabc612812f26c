#include <string.h>

#include "studies/init_variance/asked.h"
#include "studies/init_variance/course.h"

#define ABSTRACT "abstract"
#define OURS "derived"
static const struct claim claims[] = {
    {"P2-1", "MNIST: test accuracy, least over scales 0.01 to 0.1", ABSTRACT, {0.85, 1}},
    {"P2-1b", "scales to 0.00316: most", ABSTRACT, {0, 0.25}},
    {"P2-1c", "scales from 1 on: most", ABSTRACT, {0, 0.6}},
    {"P2-1d", "the best scale", ABSTRACT, {0.03, 0.1}},
    {"P2-2", "MNIST, scales to 0.001: loss, farthest from 2.301", OURS, {0, 0.002}},
    {"P2-2b", "and accuracy, farthest from 0.1135, the most frequent class", OURS, {0, 0.0005}},
    {"BAND-m", "MNIST: lower edge of the stable band", ABSTRACT, {0, 0.01}},
    {"BAND-m2", "and its upper edge", ABSTRACT, {0.1, INFINITY}},
    {"BAND-d", "digits: lower edge of the stable band", ABSTRACT, {0, 0.01}},
    {"BAND-d2", "and its upper edge", ABSTRACT, {0.1, INFINITY}},
    {"BAND-w", "wine: lower edge of the stable band", ABSTRACT, {0, 0.01}},
    {"BAND-w2", "and its upper edge", ABSTRACT, {0.1, INFINITY}},
    {"BAND-a", "digits, Adam: share of draws without a lower edge above 1e-4", OURS, {1, 1}},
    {"DEPTH", "plane: decades of the band, 8 layers less 1, most over widths", OURS, {-5, 0}},
    {"CRIT", "plane, 8 layers: the best scale over sqrt(2 / width)", OURS, {0.5, 2}},
    {"WIDTH", "plane, 8 layers: exponent of the lower edge in the width", OURS, {-0.65, -0.35}},
    {"WIDTH-b", "and of the upper edge", OURS, {-0.65, -0.35}},
    {"P2-3", "exponent of the first gradient in the scale, 3 layers", OURS, {1.98, 2.02}},
    {"P2-3b", "6 layers", OURS, {4.98, 5.02}},
    {"P2-4",
     "Kaiming: variance of a layer over layer 1's, farthest from 1, in deviations",
     OURS,
     {0, 3}},
    {"P2-4b", "Xavier: likewise from 2^-(l-1)", OURS, {0, 3}},
    {"P2-4c", "GELU: variance kept by weights of variance 2.3517 / inputs", OURS, {0.98, 1.02}},
    {"P2-5", "MNIST 8 x 128: accuracy, Kaiming less Xavier", ABSTRACT, {0.04, 1}},
    {"P2-5b", "and behind the first pass", ABSTRACT, {0.3, 1}},
    {"P2-5c",
     "wine 5 x 64: steps to a loss of 0.2, Xavier over Kaiming",
     ABSTRACT,
     {1.6, INFINITY}},
    {"P2-5d", "wine 64-32: the same", ABSTRACT, {1.25, INFINITY}},
    {"P2-5e", "digits 8 x 64: final loss, Xavier over Kaiming", ABSTRACT, {1, INFINITY}},
    {"P2-6", "control, wine 64-32 with Adam: steps, Xavier over Kaiming", OURS, {0.85, 1.05}},
    {"P2-7",
     "GPT: growth of V, layers 1 to 5 over 6 to 11, at step 500",
     ABSTRACT,
     {1.3, INFINITY}},
    {"P2-7b", "at step 1000", ABSTRACT, {1.3, INFINITY}},
    {"P2-7c", "GPT: least deviation of any Q, K or V at any step", ABSTRACT, {0.019, 0.036}},
    {"P2-7d", "and the greatest", ABSTRACT, {0.019, 0.036}},
    {"P2-7e", "GPT: most that one changes from step 1250 to 1500", ABSTRACT, {0, 0.04}},
    {"P2-7f", "GPT: training loss at the end, nats a byte", OURS, {0, 2.2}},
    {"P2-8",
     "GPT, step 200: growth of layer 0 less the next largest, Q and K, least",
     OURS,
     {0, INFINITY}},
    {"P2-9", "GPT: growth of Q, shallow over deep, at step 500", ABSTRACT, {1, INFINITY}},
    {"P2-9b", "GPT: growth of K, shallow over deep, at step 500", ABSTRACT, {1, INFINITY}},
};

/* In the order of init_variance_parts; the claims that each answers, by what stands before the dash and behind it. */
static const struct {
    course_experiment *run;
    const char *claims;
} parts[] = {
    {course_scales,
     "P2-1 P2-1b P2-1c P2-1d P2-2 P2-2b BAND-m BAND-m2 BAND-d BAND-d2 BAND-w BAND-w2 BAND-a"},
    {course_plane, "DEPTH CRIT WIDTH WIDTH-b"},
    {course_schemes, "P2-5 P2-5b P2-5c P2-5d P2-5e P2-6"},
    {course_laws, "P2-3 P2-3b P2-4 P2-4b P2-4c"},
    {course_transformer, "P2-7 P2-7b P2-7c P2-7d P2-7e P2-7f P2-8 P2-9 P2-9b"}};
enum { PARTS = sizeof parts / sizeof *parts };

static void leave_out(struct study_run *run, size_t part)
{
    for (const char *at = parts[part].claims; *at; at += strspn(at, " ")) {
        char id[16] = "";
        const size_t length = strcspn(at, " ");
        memcpy(id, at, length);
        study_out_of_reach(run, id, "left out by --parts");
        at += length;
    }
}

static enum status run(struct study_run *run)
{
    const struct init_variance_asked *o = &init_variance_asked;
    course_experiment *asked[PARTS + 1] = {NULL};
    struct course course = {.run = run,
                            .size = study_size(run),
                            .mnist = o->mnist,
                            .points = o->points,
                            .repeats = o->repeats};
    size_t count = 0;
    for (size_t i = 0; i < PARTS; i++)
        if (!o->parts || o->parts >> i & 1u)
            asked[count++] = parts[i].run;
        else
            leave_out(run, i);
    const enum status status = course_run(&course, asked, o->text);
    course_close(&course);
    return status;
}

const struct study study_init_variance = {
    .name = "init-variance",
    .title = "What the scale of initial weights does to a training, from an MLP to a GPT",
    .source = "Han, \"Weight initialization and variance dynamics ..\", 2025, arXiv 2510.09423",
    .claims = claims,
    .claim_count = sizeof claims / sizeof *claims,
    .seconds = {3, 400, 40000},
    .run = run,
    .given = init_variance_given,
    .keeps_rows = true,
};
