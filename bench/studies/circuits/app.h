/* app: an application: a circuit of some size, the inputs that it is tried on, and a program of integers that knows
 * nothing of circuits and says what must come out. */
#ifndef CIRCUITS_APP_H
#define CIRCUITS_APP_H

#include "studies/circuits/circuit.h"

struct app {
    const struct app_kind *kind;
    size_t n;
    uint64_t seed;
    struct circuit circuit;
    size_t cases; /* to try; below `all` they are drawn, else each once */
    void *data;   /* the kind's own */
};

struct app_kind {
    const char *name; /* for the table and the series */
    const char *what; /* of its size n: "vertices"; NULL: it has one size */
    /* Builds the circuit, sets cases and data. The circuit is open and empty; its status says what went wrong. */
    void (*build)(struct app *a);
    /* Input number i, and its right output. */
    void (*draw)(const struct app *a, size_t i, int64_t *in);
    void (*judge)(const struct app *a, const int64_t *in, int64_t *want);
    /* What data holds, before it is freed; NULL: nothing more. */
    void (*close)(struct app *a);
};

enum status app_open(struct app *a, const struct app_kind *kind, size_t n, uint64_t seed);
void app_close(struct app *a);

/* From lo to hi, each as often as the others but for 2^-32; the same for the same seed, case and number. */
int64_t app_random(const struct app *a, size_t i, size_t number, int64_t lo, int64_t hi);
/* calloc() into data, which app_close() frees; NULL where memory is short, and the circuit's status says so. */
void *app_data(struct app *a, size_t count, size_t size);

/* boolean.c */
extern const struct app_kind app_boolean16, app_full_adder, app_mux, app_majority;
/* arithmetic.c */
extern const struct app_kind app_add, app_multiply, app_add_modulo, app_int8_add, app_int8_multiply,
    app_gated_product, app_layer_product;
/* functions.c */
extern const struct app_kind app_exp, app_sin, app_log, app_tanh, app_horner;
/* paths.c */
extern const struct app_kind app_floyd_warshall, app_min_plus, app_bellman_ford;
/* sequences.c */
extern const struct app_kind app_sort, app_edit_distance, app_knapsack;
/* machines.c; app_machine is of a struct turing that is in data already */
extern const struct app_kind app_bb2, app_bb3, app_bb4, app_increment, app_machine;
/* randomized.c */
extern const struct app_kind app_bernoulli, app_amplified, app_fixed_seeds;

#endif
