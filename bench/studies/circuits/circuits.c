#include <math.h>

#include "studies/circuits/asked.h"
#include "studies/circuits/stages.h"

/* "derived" is ours, from the definitions in README.md: of the paper only the abstract could be read. */
#define DERIVED "derived"
#define ABSTRACT "abstract"
static const struct claim claims[] = {
    {"C1", "16 Boolean functions, full adder, MUX: wrong outputs", ABSTRACT, {0, 0}},
    {"C1b", "gates that take other than 1, 2 or 3 neurons, as derived", DERIVED, {0, 0}},
    {"C2", "mod 2^8 add and multiply, int8 add and multiply, all pairs: wrong", ABSTRACT, {0, 0}},
    {"C3", "mod 2^16 and 2^32 add and multiply, drawn pairs: wrong", ABSTRACT, {0, 0}},
    {"C4", "Floyd-Warshall: wrong distances", ABSTRACT, {0, 0}},
    {"C4b", "neurons beside 2 n (n - 1)^2", DERIVED, {0, 0}},
    {"C4c", "depth beside n, width beside 2 (n - 1)^2", DERIVED, {0, 0}},
    {"C4d", "exponent of neurons, n = 16 to 32", "abstract: cubic", {3.08, 3.10}},
    {"C4e", "of weights that are not 0", DERIVED, {3.17, 3.19}},
    {"C4f", "of neurons, the two largest n", "abstract: cubic", {3.0, 3.06}},
    {"C5", "Turing machines: wrong cells, heads, states", ABSTRACT, {0, 0}},
    {"C5b", "neurons over T S |G| (|Q| + 1): least, equal ones being one", DERIVED, {0.8, 1}},
    {"C5c", "pass-through neurons", DERIVED, {0, 0}},
    {"C5d", "the busy beaver of four states halts: ones on its tape", DERIVED, {13, 13}},
    {"C5e", "exponent of neurons in the steps", "abstract: about 2", {1.85, 2.1}},
    {"C6", "tables of exp, sin, log, tanh: wrong values", ABSTRACT, {0, 0}},
    {"C6b", "neurons over 2 N + 2: least, those of entries 0 left out", DERIVED, {0.99, 1}},
    {"C7",
     "all networks, lanes, routes and oneDNN: words that are not the program's",
     DERIVED,
     {0, 0}},
    {"C8", "control, mod 65521 in one layer, S = 2^33: share wrong in f32", DERIVED, {0.05, 1}},
    {"C8b", "controls: wrong in f64", DERIVED, {0, 0}},
    {"C8c", "control, mod 2039, S = 2^23: share wrong in f32", DERIVED, {0, 0}},
    {"C8d", "control, mod 4194301, S = 2^45: share wrong in f32", DERIVED, {0.05, 1}},
    {"C9", "largest log2 S of all networks", DERIVED, {0, 24}},
    {"C10", "product of 8-bit integers in one layer: neurons", DERIVED, {1020, 1020}},
    {"C10b", "the same 17 layers deep: neurons", DERIVED, {0, 120}},
    {"C10c", "products: wrong outputs", DERIVED, {0, 0}},
    {"C11", "Bernoulli(77/256): seeds that give 1", DERIVED, {77, 77}},
    {"C11b", "majority of 15 on all inputs: wrong", DERIVED, {0, 0}},
    {"C11c", "Bernoulli gate on all seeds: wrong", DERIVED, {0, 0}},
    {"C12", "other arithmetic, paths, sorting, dynamic programming: wrong", ABSTRACT, {0, 0}},
    {"RAND", "randomized test and its majority: wrong for their random bits", ABSTRACT, {0, 0}},
    {"ADLEMAN", "the same with fixed seeds: inputs with a false answer", DERIVED, {0, 0}},
    {"UA", "error that networks add to their circuits, table and Horner", ABSTRACT, {0, 0}},
    {"UAb", "sine by table: largest error in its last place", DERIVED, {0, 0.5001}},
    {"UAc", "sine by Horner's rule: the same", DERIVED, {0, 4}},
    {"UAd",
     "trained network of the table's size: its largest error over the table's",
     ABSTRACT,
     {10, INFINITY}},
    {"COST",
     "sparse layer: exponent of time in the weights, 16 to 256 a row",
     DERIVED,
     {0.8, 1.15}},
    {"SPEED",
     "Floyd-Warshall, n = 32, 256 graphs: full matrices' time over non-zeros'",
     DERIVED,
     {20, INFINITY}},
    {"LIMIT", "the same: time over the limit of flops or bytes", DERIVED, {0, 2}},
    {"MEM", "n = 64 by non-zeros: GiB that the process held at the most", DERIVED, {0, 1}},
};

static const struct {
    enum status (*run)(const struct stage *s);
    const char *what;
    double share[STUDY_SIZES]; /* of the whole run's time, about */
} stages[] = {{stage_control, "controls", {1, 1, 1}},
              {stage_growth, "growth", {1, 3, 20}},
              {stage_memory, "memory", {0, 2, 2}}, /* before anything larger: it reads the peak */
              {stage_applications, "applications", {5, 60, 200}},
              {stage_speed, "speed", {0, 10, 20}},
              {stage_density, "density", {1, 1, 1}},
              {stage_approximation, "approximation", {1, 10, 50}}};
enum { STAGES = sizeof stages / sizeof *stages };

bool stage_at(const struct stage *s, double part)
{
    study_progress(s->run, s->begin + part * s->span, 1.0, s->what);
    return study_interrupted(s->run);
}

bool stage_stop(void *run)
{
    return study_interrupted(run);
}

static enum status run(struct study_run *run)
{
    const enum study_size size = study_size(run);
    if (circuits_own()) return stage_file(run);
    double total = 0.0, done = 0.0;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < STAGES; i++) total += stages[i].share[size];
    for (size_t i = 0; i < STAGES && status == STATUS_OK; i++) {
        const double share = stages[i].share[size];
        if (study_interrupted(run)) break;
        status = stages[i].run(&(struct stage){.run = run,
                                               .size = size,
                                               .seed = study_seed(run) * STAGES + i,
                                               .what = stages[i].what,
                                               .begin = done / total,
                                               .span = share / total});
        done += share;
    }
    return status;
}

const struct study study_circuits = {
    .name = "circuits",
    .title = "Circuits run as ReLU networks, bit for bit",
    .source =
        "Kratsios, Zvigelsky, Hart, \"Quantifying the limits of AI reasoning\", arXiv 2508.18526",
    .claims = claims,
    .claim_count = sizeof claims / sizeof *claims,
    .seconds = {5, 60, 300},
    .run = run,
    .given = circuits_given,
    .own = circuits_own,
};
