/* Spectra against LAPACK's: edges of tridiagonal matrices, the moments and edges of the kernel from the backward pass to the
 * features, singular values of layer-to-layer Jacobians. */
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/perturbed_bfk.h"
#include "base/tridiagonal.h"
#include "chain_case.h"
#include "jacobian.h"
#include "kernel.h"

static const double U = 0x1p-53;
static int failures;

static void near(const char *what, double got, double want, double allowed)
{
    if (fabs(got - want) <= allowed) return;
    printf("%s: got %.17g, want %.17g, off by %.3g, allowed %.3g\n", what, got, want,
           fabs(got - want), allowed);
    failures++;
}

static uint64_t state = 20240229;
static double uniform(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
    return ((double)(state >> 11) + 0.5) * 0x1p-53;
}
static double normal(void)
{
    return sqrt(-2.0 * log(uniform())) * cos(6.283185307179586 * uniform());
}

/* ---- tridiagonal matrices */

/* |T|, as tridiagonal.h means it. */
static double norm_of(const struct tridiagonal *t)
{
    double norm = 0.0;
    for (size_t i = 0; i < t->n; i++)
        norm = fmax(norm, fabs(t->diagonal[i]) + (i ? fabs(t->beside[i - 1]) : 0.0) +
                              (i + 1 < t->n ? fabs(t->beside[i]) : 0.0));
    return norm;
}

static double residual_of(const struct tridiagonal *t, double edge, const double *x)
{
    double square = 0.0;
    for (size_t i = 0; i < t->n; i++) {
        double y = (t->diagonal[i] - edge) * x[i];
        if (i) y += t->beside[i - 1] * x[i - 1];
        if (i + 1 < t->n) y += t->beside[i] * x[i + 1];
        square = hypot(square, y);
    }
    return square;
}

static void check_tridiagonal(const char *what, const struct tridiagonal *t)
{
    const size_t n = t->n;
    double *d = malloc((4 * n + 1) * sizeof *d), *e = d + n, *x = e + n, *scratch = x + n;
    if (!d) abort();
    memcpy(d, t->diagonal, n * sizeof *d);
    if (n > 1) memcpy(e, t->beside, (n - 1) * sizeof *e);
    if (LAPACKE_dstev(LAPACK_COL_MAJOR, 'N', (lapack_int)n, d, e, NULL, 1) != 0) abort();
    /* dstev's own error: a modest function of n, taken to be n, times 2 U |T|. */
    const double norm = norm_of(t), allowed = (8.0 + 2.0 * (double)n) * U * norm;
    for (int greatest = 0; greatest < 2; greatest++) {
        const double edge = tridiagonal_edge(t, greatest);
        near(what, edge, greatest ? d[n - 1] : d[0], allowed);
        tridiagonal_vector(t, greatest, edge, x, scratch);
        double square = 0.0;
        for (size_t i = 0; i < n; i++) square += x[i] * x[i];
        near("length of an eigenvector", square, 1.0, (double)(n + 8) * U);
        near("residual of an eigenvector", residual_of(t, edge, x), 0.0, 512.0 * U * norm);
    }
    free(d);
}

static void tridiagonal_matrices(void)
{
    enum { MOST = 300 };
    static const size_t sizes[] = {1, 2, 3, 17, MOST};
    static const double scales[] = {1.0, 1e-300, 1e300};
    double d[MOST], e[MOST];
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t by = 0; by < sizeof scales / sizeof *scales; by++) {
            const struct tridiagonal t = {sizes[s], d, e};
            for (size_t i = 0; i < MOST; i++) {
                d[i] = scales[by] * normal();
                e[i] = scales[by] * normal();
            }
            check_tridiagonal("random", &t);
            for (size_t i = 0; i < MOST; i++) {
                d[i] = scales[by] * pow(0.9, (double)i) * (1.0 + uniform());
                e[i] = 0.4 * d[i] * (i % 7 == 3 ? 0.0 : 1.0);
            }
            check_tridiagonal("graded", &t);
            for (size_t i = 0; i < MOST; i++) d[i] = 2.0 * scales[by], e[i] = -scales[by];
            check_tridiagonal("constant", &t);
            const double angle = 3.14159265358979323846 / (double)(sizes[s] + 1);
            near("constant, closed form", tridiagonal_edge(&t, true) / scales[by],
                 2.0 + 2.0 * cos(angle), 64.0 * U);
            for (size_t i = 0; i < MOST; i++) e[i] = 0.0;
            check_tridiagonal("multiple of the identity", &t);
            for (size_t i = 0; i < MOST; i++) d[i] = 0.0;
            check_tridiagonal("zero", &t);
        }
    d[1] = NAN;
    near("NaN stays", isnan(tridiagonal_edge(&(struct tridiagonal){2, d, e}, false)), 1.0, 0.0);
}

/* ---- the kernel from the backward pass to the features */

/* A room's case with normal inputs, as `hinge check` would fill it. */
struct trial {
    const struct kernel_spec *spec;
    struct shape shape;
    struct operand op[OPERANDS_MAX];
    size_t count;
    void *buf[OPERANDS_MAX];
    double *want[OPERANDS_MAX], *slack[OPERANDS_MAX];
};

static void trial_open(struct trial *t, const char *room, const struct shape *s)
{
    const struct kernel_set *set = kernel_set_best();
    *t = (struct trial){.spec = kernel_spec(room), .shape = *s};
    t->count = t->spec->operands(s, t->op);
    for (size_t o = 0; o < t->count; o++) {
        const struct operand *op = &t->op[o];
        float *x = t->buf[o] = calloc(operand_extent(op) + 1, 1);
        if (!x) abort();
        for (size_t i = 0; i < operand_elements(op) && op->role == ROLE_IN; i++)
            x[i] = (float)normal() * (op->gain != 0.0f ? op->gain : 1.0f);
        if (!operand_written(op)) continue;
        t->want[o] = perturbed_doubles(operand_elements(op));
        t->slack[o] = perturbed_doubles(operand_elements(op));
    }
    t->spec->adjust(s, t->buf);
    t->spec->prepare(set, s, t->buf);
    t->spec->oracle(s, t->buf, t->want, t->slack);
    t->spec->call(set, s, t->buf, 2);
}

static void trial_close(struct trial *t)
{
    for (size_t o = 0; o < t->count; o++) {
        free(t->buf[o]);
        free(t->want[o]);
        free(t->slack[o]);
    }
}

/* Eigenvalues of the formed kernel, least first, to be freed. */
static double *spectrum_of(const struct shape *s, const float *w, const float *acts,
                           const float *gram)
{
    struct chain_case *y = chain_case(s, NULL, NULL, NULL);
    const struct perturbed_chain model = {&y->chain, w, NULL};
    struct perturbed_bfk b;
    perturbed_bfk_open(&b, &model, acts, gram);
    const lapack_int n = (lapack_int)b.dim;
    double *values = perturbed_doubles(b.dim);
    if (LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'N', 'L', n, b.k, n, values) != 0) abort();
    perturbed_bfk_close(&b);
    free(y);
    return values;
}

static void check_edges(const struct shape *s)
{
    struct trial t;
    trial_open(&t, "bfk_edges", s);
    const size_t dim = s->m * s->n;
    double *values =
        spectrum_of(s, t.buf[BFK_EDGES_W], t.buf[BFK_EDGES_ACTS], t.buf[BFK_EDGES_GRAM]);
    const double *got = t.buf[BFK_EDGES_EDGES], *want = t.want[BFK_EDGES_EDGES],
                 *slack = t.slack[BFK_EDGES_EDGES];
    const double norm = fmax(fabs(values[0]), fabs(values[dim - 1])),
                 own = 2.0 * (double)dim * U * norm;
    printf("edges m %zu n %zu depth %zu steps %zu: %.9g %.9g, LAPACK %.9g %.9g, residuals %.2g "
           "%.2g, allowed "
           "%.2g %.2g\n",
           s->m, s->n, s->depth, s->heads, got[0], got[1], values[0], values[dim - 1], got[2],
           got[3], slack[0], slack[1]);
    if (s->heads >= dim) {
        near("oracle's least edge", want[BFK_EDGE_LEAST], values[0], own);
        near("oracle's greatest edge", want[BFK_EDGE_GREATEST], values[dim - 1], own);
        near("least edge", got[BFK_EDGE_LEAST], values[0], slack[BFK_EDGE_LEAST] + own);
        near("greatest edge", got[BFK_EDGE_GREATEST], values[dim - 1],
             slack[BFK_EDGE_GREATEST] + own);
    }
    for (int f = BFK_EDGE_LEAST; f <= BFK_EDGE_GREATEST; f++) {
        double closest = INFINITY;
        for (size_t i = 0; i < dim; i++) closest = fmin(closest, fabs(values[i] - got[f]));
        near("an eigenvalue within the residual", closest, 0.0,
             got[f + BFK_EDGE_LEAST_RESIDUAL] + slack[f + BFK_EDGE_LEAST_RESIDUAL] + own);
    }
    near("not below the spectrum", fmin(got[BFK_EDGE_LEAST] - values[0], 0.0), 0.0,
         slack[BFK_EDGE_LEAST] + own);
    near("not above the spectrum", fmax(got[BFK_EDGE_GREATEST] - values[dim - 1], 0.0), 0.0,
         slack[BFK_EDGE_GREATEST] + own);
    free(values);
    trial_close(&t);
}

static void check_moments(const struct shape *s)
{
    struct trial t;
    trial_open(&t, "bfk_moments", s);
    const size_t dim = s->m * s->n;
    double *values =
        spectrum_of(s, t.buf[BFK_MOMENTS_W], t.buf[BFK_MOMENTS_ACTS], t.buf[BFK_MOMENTS_GRAM]);
    const double *got = t.buf[BFK_MOMENTS_MOMENTS], *slack = t.slack[BFK_MOMENTS_MOMENTS];
    double one = 0.0, two = 0.0;
    for (size_t i = 0; i < dim; i++) {
        one += values[i] / (double)dim;
        two += values[i] * values[i] / (double)dim;
    }
    const double norm = fmax(fabs(values[0]), fabs(values[dim - 1])),
                 own = 2.0 * (double)dim * U * norm;
    printf("moments m %zu n %zu depth %zu probes %zu: %.9g %.9g +- %.2g %.2g, LAPACK %.9g %.9g\n",
           s->m, s->n, s->depth, s->heads, got[0], got[1], got[2], got[3], one, two);
    /* Six standard errors: with that many probes about six normal deviations. */
    near("first moment", got[BFK_MOMENT1], one,
         slack[BFK_MOMENT1] + own + 6.0 * got[BFK_MOMENT1_ERROR]);
    near("second moment", got[BFK_MOMENT2], two,
         slack[BFK_MOMENT2] + 2.0 * own * norm + 6.0 * got[BFK_MOMENT2_ERROR]);
    free(values);
    trial_close(&t);
}

static void kernels_of_chains(void)
{
    static const struct shape shapes[] = {
        {.m = 1, .n = 40, .k = 20, .depth = 6},
        {.m = 3, .n = 12, .k = 9, .depth = 5, .flags = CHAIN_FLAG_SKIP},
        {.m = 2, .n = 21, .k = 8, .depth = 7, .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_TWO},
        {.m = 4, .n = 10, .k = 10, .depth = 4, .flags = CHAIN_FLAG_LINEAR},
        {.m = 3, .n = 8, .k = 5, .depth = 1}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct shape s = shapes[i];
        check_moments(&s);
        s.heads = 64;
        check_moments(&s);
        s.heads = 6;
        check_edges(&s);
        s.heads = s.m * s.n;
        check_edges(&s);
    }
}

/* ---- layer-to-layer Jacobians */

enum { WIDTH = 24, DEPTH = 8 };

/* Columns of n x n, orthonormal: Gram and Schmidt, twice. */
static void orthogonal(float *w, size_t n)
{
    double q[WIDTH][WIDTH];
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < n; i++) q[j][i] = normal();
        for (size_t pass = 0; pass < 2; pass++)
            for (size_t o = 0; o <= j; o++) {
                double dot = 0.0;
                for (size_t i = 0; i < n; i++) dot += q[o][i] * q[j][i];
                for (size_t i = 0; i < n; i++)
                    q[j][i] = o < j ? q[j][i] - dot * q[o][i] : q[j][i] / sqrt(dot);
            }
        for (size_t i = 0; i < n; i++) w[i * n + j] = (float)q[j][i];
    }
}

/* All weights packed as chain_case() reads them; to be freed. */
static float *packed_of(const struct shape *s, const float *w)
{
    const struct operand op = chain_case_packed(s, false);
    float *packed = calloc(operand_extent(&op) + 1, 1);
    if (!packed) abort();
    chain_case_prepare(kernel_set_best(), s, packed, NULL, w);
    return packed;
}

static void orthogonal_chain(void)
{
    const struct shape s = {
        .m = 1, .n = WIDTH, .k = WIDTH, .depth = DEPTH, .flags = CHAIN_FLAG_LINEAR};
    float w[DEPTH * WIDTH * WIDTH];
    for (size_t l = 0; l < DEPTH; l++) orthogonal(w + l * WIDTH * WIDTH, WIDTH);
    float *packed = packed_of(&s, w);
    struct chain_case *y = chain_case(&s, packed, NULL, NULL);
    for (size_t from = 0; from <= DEPTH; from++) {
        double values[WIDTH];
        const struct jacobian a = {.chain = &y->chain, .from = from, .to = DEPTH};
        if (jacobian_singular_values(&a, values) != STATUS_OK) failures++;
        near("greatest of an orthogonal chain", values[0], 1.0, 1e-5);
        near("least of an orthogonal chain", values[jacobian_count(&a) - 1], 1.0, 1e-5);
    }
    free(y);
    free(packed);
}

/* The eigenvalues of T transpose(T). */
static void squares_of(const struct perturbed_jacobians *j, double *values)
{
    double *t = perturbed_doubles(perturbed_jacobians_count(j)), product[WIDTH * WIDTH];
    perturbed_jacobians(j, t);
    for (size_t a = 0; a < WIDTH; a++)
        for (size_t b = 0; b < WIDTH; b++) {
            product[a * WIDTH + b] = 0.0;
            for (size_t c = 0; c < WIDTH; c++)
                product[a * WIDTH + b] += t[a * WIDTH + c] * t[b * WIDTH + c];
        }
    if (LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'N', 'L', WIDTH, product, WIDTH, values) != 0) abort();
    free(t);
}

static void rectified_chain(unsigned flags)
{
    const struct shape s = {.m = 2, .n = WIDTH, .k = WIDTH, .depth = DEPTH, .flags = flags};
    const float gain = chain_case_w(&s).gain;
    float w[DEPTH * WIDTH * WIDTH], src[2 * WIDTH], acts[DEPTH * 2 * WIDTH],
        feats[DEPTH * 2 * WIDTH];
    for (size_t i = 0; i < sizeof w / sizeof *w; i++) w[i] = (float)normal() * gain;
    for (size_t i = 0; i < sizeof src / sizeof *src; i++) src[i] = (float)normal();
    chain_case_adjust(&s, w);
    float *packed = packed_of(&s, w);
    struct chain_case *y = chain_case(&s, packed, NULL, NULL);
    chain_fwd(kernel_set_best(), 1, &(struct chain_fwd){&y->chain, acts, feats, src});
    const struct perturbed_chain model = {&y->chain, w, NULL};
    for (size_t l = 1; l <= DEPTH; l++) {
        double values[WIDTH], squares[WIDTH];
        const struct jacobian a = {&y->chain, acts, 1, DEPTH - l, DEPTH};
        const struct perturbed_jacobians j = {&model, acts, 1, DEPTH - l, DEPTH};
        if (jacobian_singular_values(&a, values) != STATUS_OK) failures++;
        squares_of(&j, squares);
        /* Of the product and of dsyev n each, of dgesdd n of the greatest, 2 U to the first order. */
        const double allowed = 8.0 * WIDTH * U * squares[WIDTH - 1];
        near("greatest singular value", values[0] * values[0], squares[WIDTH - 1], allowed);
        near("least singular value", values[WIDTH - 1] * values[WIDTH - 1], squares[0], allowed);
        printf("flags %u, over %zu layers: singular values %.6g .. %.3g\n", flags, l, values[0],
               values[WIDTH - 1]);
    }
    free(y);
    free(packed);
}

int main(void)
{
    tridiagonal_matrices();
    kernels_of_chains();
    orthogonal_chain();
    rectified_chain(0);
    rectified_chain(CHAIN_FLAG_SKIP);
    rectified_chain(CHAIN_FLAG_SKIP | CHAIN_FLAG_TWO);
    return failures ? 2 : 0;
}
