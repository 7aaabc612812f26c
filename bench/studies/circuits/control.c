/* Negative controls: networks beyond the exactness bound of f32 are compiled for f64, and must then be wrong in f32
 * and right in f64. And what single gates take. */
#include <math.h>
#include <stdlib.h>

#include "studies/circuits/compiler.h"
#include "studies/circuits/net_sparse.h"
#include "studies/circuits/stages.h"

/* ---- addition modulo m in one layer: s - m [s >= m], with the bit as a difference of two neurons that reach m */

enum { PAIRS = 20000 };

static void one_layer_add(struct circuit *c, int64_t m)
{
    const uint32_t x = circuit_input(c, 0, m - 1), y = circuit_input(c, 0, m - 1);
    const uint32_t s = circuit_2(c, GATE_SUM, x, y);
    const uint32_t turns = circuit_2(c, GATE_GE, s, circuit_const(c, m));
    circuit_output(c, circuit_2(c, GATE_SUM, s, circuit_linear(c, -m, turns, 0)));
}

/* How many of the pairs each precision gets wrong. */
struct counts {
    size_t f32, f64;
    double sum; /* log2 of S */
};

static enum status count_wrong(const struct stage *s, const struct relu_net *net, int64_t m,
                               struct counts *wrong)
{
    const struct app drawn = {.seed = s->seed, .n = (size_t)m};
    float *src = malloc(2 * PAIRS * sizeof *src), *got = malloc(PAIRS * sizeof *got);
    double *h = malloc(net_units(net) * sizeof *h);
    struct net_sparse run;
    enum status status = src && got && h ? net_sparse_open(&run, net, 0, study_threads(s->run))
                                         : fail(STATUS_OS, "no memory for %d pairs", PAIRS);
    if (status == STATUS_OK) {
        for (size_t i = 0; i < PAIRS; i++)
            for (size_t k = 0; k < 2; k++)
                src[k * PAIRS + i] = (float)app_random(&drawn, i, k, 0, m - 1);
        net_sparse_exec(&run, study_kernels(s->run), src, got, PAIRS);
        net_sparse_close(&run);
        for (size_t i = 0; i < PAIRS; i++) {
            const double in[] = {(double)src[i], (double)src[PAIRS + i]};
            const double want = (double)(((int64_t)in[0] + (int64_t)in[1]) % m);
            double out;
            relu_net_f64(net, in, &out, h);
            wrong->f32 += (double)got[i] != want;
            wrong->f64 += out != want;
        }
    }
    free(src);
    free(got);
    free(h);
    return status;
}

static enum status control(const struct stage *s, int64_t m, struct counts *wrong)
{
    struct circuit c;
    struct relu_net net;
    *wrong = (struct counts){0};
    circuit_open(&c, NULL);
    one_layer_add(&c, m);
    enum status status = compile(&net, &c, &(struct compile_plan){.format = &format_f64});
    if (status == STATUS_OK) {
        wrong->sum = log2(net.size.sum);
        status = count_wrong(s, &net, m, wrong);
        relu_net_close(&net);
    }
    circuit_close(&c);
    return status;
}

/* ---- gates */

static const struct {
    enum gate_kind kind;
    size_t operands, neurons;
} canonical[] = {{GATE_AND, 2, 1},  {GATE_OR, 2, 1},  {GATE_NAND, 2, 1}, {GATE_NOR, 2, 1},
                 {GATE_ANDN, 2, 1}, {GATE_XOR, 2, 2}, {GATE_XNOR, 2, 2}, {GATE_MUX, 3, 2},
                 {GATE_AND, 8, 1},  {GATE_OR, 8, 1},  {GATE_XOR, 8, 8}};

static enum status gate_neurons(const struct circuit *c, size_t *neurons)
{
    struct relu_net net;
    const enum status status = compile(&net, c, &(struct compile_plan){.skip = false});
    if (status != STATUS_OK) return status;
    *neurons = net_neurons(&net);
    relu_net_close(&net);
    return STATUS_OK;
}

/* A gate alone; adders are two gates that share. */
static enum status claim_gates(const struct stage *s)
{
    enum { ADDERS = 2, OPERANDS_MOST = 8 };
    size_t other = 0;
    const size_t gates = sizeof canonical / sizeof *canonical;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < gates + ADDERS && status == STATUS_OK; i++) {
        struct circuit c;
        uint32_t in[OPERANDS_MOST];
        size_t neurons = 0;
        const size_t adder = i < gates ? 0 : i - gates + 2; /* bits that it adds */
        const size_t operands = adder ? adder : canonical[i].operands;
        circuit_open(&c, NULL);
        for (size_t k = 0; k < operands; k++) in[k] = circuit_input(&c, 0, 1);
        circuit_output(&c, circuit_of(&c, adder ? GATE_XOR : canonical[i].kind, operands, in));
        if (adder) circuit_output(&c, circuit_with(&c, GATE_THRESHOLD, 2, operands, in));
        status = gate_neurons(&c, &neurons);
        other += neurons != (adder ? adder : canonical[i].neurons);
        circuit_close(&c);
    }
    if (status == STATUS_OK) study_claim_value(s->run, "C1b", (double)other, gates + ADDERS, NULL);
    return status;
}

/* ---- a Bernoulli gate over all its seeds */

static enum status claim_bernoulli(const struct stage *s)
{
    enum { BITS = 8 };
    struct app a;
    size_t ones = 0;
    const enum status status = app_open(&a, &app_bernoulli, BITS, s->seed);
    if (status != STATUS_OK) return status;
    for (size_t i = 0; i < a.cases; i++) {
        int64_t in[BITS], out;
        a.kind->draw(&a, i, in);
        a.kind->judge(&a, in, &out);
        ones += (size_t)out;
    }
    study_claim_value(s->run, "C11", (double)ones, a.cases, NULL);
    app_close(&a);
    return STATUS_OK;
}

enum status stage_control(const struct stage *s)
{
    /* The largest primes below 2^16 and 2^22; and 2039, whose sums are just within. */
    static const int64_t modulus[] = {2039, 65521, 4194301};
    enum { CONTROLS = sizeof modulus / sizeof *modulus };
    static const char *const f32[CONTROLS] = {"C8c", "C8", "C8d"};
    size_t f64 = 0;
    if (stage_at(s, 0.0)) return STATUS_OK;
    for (size_t i = 0; i < CONTROLS; i++) {
        struct counts wrong;
        const enum status status = control(s, modulus[i], &wrong);
        if (status != STATUS_OK) return status;
        study_claim_value(s->run, f32[i], (double)wrong.f32 / PAIRS, PAIRS, NULL);
        f64 += wrong.f64;
    }
    study_claim_value(s->run, "C8b", (double)f64, CONTROLS * PAIRS, NULL);
    const enum status status = claim_gates(s);
    return status == STATUS_OK ? claim_bernoulli(s) : status;
}
