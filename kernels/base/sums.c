#include "sums.h"

#include <assert.h>

#include "bound.h"
#include "par.h"

/* A block of outputs and of terms, whose factors stay in L2, and the part of it that stays in registers. */
enum { LINES = 64, TERMS = 64, TILE_ROWS = 4, TILE_COLS = 8 };

typedef double vd __attribute__((vector_size(TILE_COLS * sizeof(double))));

#define INLINE                                                                                     \
    static inline __attribute__((always_inline)) /* to be compiled for its caller's CPU */

/* Lines are rows of a or columns of b. x: elements; w: their factors in the bound of a sum. */
struct packed {
    _Alignas(64) double x[TERMS * LINES], w[TERMS * LINES];
};
struct block {
    struct packed a, b;
    _Alignas(64) double x[LINES * LINES], w[LINES * LINES];
    size_t i, j, rows, cols;
};

INLINE void pack_some(double *x, double *w, const struct factor *f, size_t from, size_t step,
                      size_t count, double gain)
{
    for (size_t c = 0; c < count; c++) {
        const size_t at = from + c * step;
        const double e = f->e ? f->e[at] : 0.0;
        x[c] = f->exact ? (double)f->exact[at] : f->x[at];
        w[c] = e + gain * (fabs(x[c]) + e);
    }
}

/* Terms t .. t + terms of lines l .. l + lines; a last tile's absent lines are zeros. */
INLINE void pack(struct packed *to, const struct factor *f, const struct place *line_term, size_t l,
                 size_t lines, size_t t, size_t terms, double gain)
{
    for (size_t g = 0; g < lines; g += 16)
        for (size_t i = 0; i < terms; i++) {
            const size_t count = lines - g < 16 ? lines - g : 16;
            const size_t from = place_at(line_term, l + g, t + i);
            double *x = to->x + i * LINES + g, *w = to->w + i * LINES + g;
            if (count == 16 && line_term->row == 1)
                pack_some(x, w, f, from, 1, 16, gain); /* constant counts are vectorized */
            else
                pack_some(x, w, f, from, line_term->row, count, gain);
            for (size_t c = count; c < 16; c++) x[c] = w[c] = 0.0;
        }
}

INLINE void add_tile(struct block *y, size_t r, size_t c, size_t terms)
{
    double *to_x = y->x + r * LINES + c, *to_w = y->w + r * LINES + c;
    vd x[TILE_ROWS], w[TILE_ROWS];
    for (size_t i = 0; i < TILE_ROWS; i++) {
        x[i] = *(vd *)(to_x + i * LINES);
        w[i] = *(vd *)(to_w + i * LINES);
    }
    for (size_t t = 0; t < terms; t++) {
        const double *ax = y->a.x + t * LINES + r, *aw = y->a.w + t * LINES + r;
        const vd bx = *(vd *)(y->b.x + t * LINES + c), bw = *(vd *)(y->b.w + t * LINES + c);
        for (size_t i = 0; i < TILE_ROWS; i++) {
            x[i] += ax[i] * bx;
            w[i] += aw[i] * bw;
        }
    }
    for (size_t i = 0; i < TILE_ROWS; i++) {
        *(vd *)(to_x + i * LINES) = x[i];
        *(vd *)(to_w + i * LINES) = w[i];
    }
}

static struct near element(const struct factor *f, size_t r, size_t c)
{
    const size_t at = place_at(&f->at, r, c);
    if (f->exact) return (struct near){(double)f->exact[at], 0.0};
    return (struct near){f->x[at], f->e ? f->e[at] : 0.0};
}

/* What a sum has before its terms; x keeps the sign of a zero. */
struct begun {
    double x, mag;
};
static struct begun begun_of(const struct sums *s, size_t i, size_t j)
{
    const double start = s->start ? (double)s->start[place_at(&s->start_at, i, j)] : 0.0;
    if (!s->plus) return (struct begun){start, fabs(start)};
    const double plus = (double)s->factor * (double)s->plus[place_at(&s->plus_at, i, j)];
    return (struct begun){start + plus, fabs(start) + fabs(plus)};
}
static size_t steps_of(const struct sums *s)
{
    return s->k + (s->plus != NULL);
}

/* From here on a single is infinite: half an ulp past FLT_MAX. */
static const double OVER = 0x1.ffffffp127;

/* Term by term, where the magnitudes, which no partial sum exceeds, say that a single may be infinite. */
static double in_order(const struct sums *s, size_t i, size_t j)
{
    double sum = begun_of(s, i, j).x;
    if (fabs(sum) >= OVER) sum = copysign(INFINITY, sum);
    for (size_t t = 0; t < s->k; t++) {
        sum += element(&s->a, i, t).x * element(&s->b, t, j).x;
        if (fabs(sum) >= OVER) sum = copysign(INFINITY, sum);
    }
    return sum;
}

/* What any order makes of a sum: x is it where it is finite. */
static struct near in_any_order(const struct sums *s, size_t i, size_t j, struct near sum)
{
    const double start = begun_of(s, i, j).x;
    bool up = start == INFINITY, down = start == -INFINITY, vague = false;
    double mag = isfinite(start) ? fabs(start) : 0.0;
    if (isnan(start)) return (struct near){NAN, 0.0};
    for (size_t t = 0; t < s->k; t++) {
        const struct near a = element(&s->a, i, t), b = element(&s->b, t, j);
        if (isnan(a.x) || isnan(b.x)) return (struct near){NAN, 0.0};
        if (isfinite(a.x) && isfinite(b.x)) {
            mag += (fabs(a.x) + a.e) * (fabs(b.x) + b.e); /* NaN or infinite: bound_overflows() */
            continue;
        }
        const struct near other = isfinite(a.x) ? a : b;
        const double product = a.x * b.x;
        if (isfinite(other.x) && other.e > 0.0 && !(fabs(other.x) > other.e))
            vague = true; /* 0 or of either sign */
        else if (isnan(product))
            return (struct near){NAN, 0.0};
        else if (product > 0.0)
            up = true;
        else
            down = true;
    }
    if (up && down) return (struct near){NAN, 0.0};
    if (vague || bound_overflows(mag, s->k)) return NEAR_ANYTHING;
    return up || down ? (struct near){up ? INFINITY : -INFINITY, 0.0} : sum;
}

static struct near conclude(const struct sums *s, size_t i, size_t j, double x, double w)
{
    const double gamma = bound_gamma(steps_of(s)), least = (double)steps_of(s) * 0x1p-149;
    if (!s->chained) return (struct near){w < OVER ? x : in_order(s, i, j), gamma * w + least};
    /* w >= gamma * magnitudes: mostly that says enough. Of no NaN and no infinity x is finite: then w is
     * not where something before was anything. */
    const struct near sum = {x, w + least};
    if (!bound_overflows(s->k ? w / gamma : fabs(x), s->k)) return sum;
    if (isfinite(x) && !isfinite(w)) return NEAR_ANYTHING;
    return in_any_order(s, i, j, sum);
}

INLINE void sum_block(const struct sums *s, struct block *y)
{
    const double gamma = bound_gamma(s->k);
    const double gain_a = s->chained && !s->b.e ? gamma : 1.0;
    const double gain_b = s->chained && s->b.e ? gamma : 1.0;
    const struct place b_line_term = factor_transpose(s->b).at;
    for (size_t r = 0; r < y->rows; r++)
        for (size_t c = 0; c < y->cols; c++) {
            const struct begun v = begun_of(s, y->i + r, y->j + c);
            y->x[r * LINES + c] = v.x;
            y->w[r * LINES + c] = s->chained ? gamma * v.mag : v.mag;
        }
    for (size_t t = 0; t < s->k; t += TERMS) {
        const size_t terms = s->k - t < TERMS ? s->k - t : TERMS;
        pack(&y->a, &s->a, &s->a.at, y->i, y->rows, t, terms, gain_a);
        pack(&y->b, &s->b, &b_line_term, y->j, y->cols, t, terms, gain_b);
        for (size_t c = 0; c < y->cols; c += TILE_COLS)
            for (size_t r = 0; r < y->rows; r += TILE_ROWS) add_tile(y, r, c, terms);
    }
    for (size_t r = 0; r < y->rows; r++)
        for (size_t c = 0; c < y->cols; c++) {
            const size_t at = place_at(&s->at, y->i + r, y->j + c), in = r * LINES + c;
            const struct near v = conclude(s, y->i + r, y->j + c, y->x[in], y->w[in]);
            s->x[at] = v.x;
            s->e[at] = v.e;
        }
}

ORACLE_WIDE static void sum_blocks(size_t begin, size_t end, void *ctx)
{
    const struct sums *s = ctx;
    const size_t down = (s->m + LINES - 1) / LINES;
    struct block y = {0};
    for (size_t b = begin; b < end; b++) {
        y.i = b % down * LINES;
        y.j = b / down * LINES;
        y.rows = s->m - y.i < LINES ? s->m - y.i : LINES;
        y.cols = s->n - y.j < LINES ? s->n - y.j : LINES;
        sum_block(s, &y);
    }
}

void sums(const struct sums *s)
{
    const size_t blocks = ((s->m + LINES - 1) / LINES) * ((s->n + LINES - 1) / LINES);
    const double flops = 2.0 * (double)s->m * (double)s->n * (double)s->k;
    assert(!(s->chained && s->plus));
    par_each(bound_threads(flops), blocks, 1, sum_blocks, (void *)s);
}

ORACLE_WIDE static double dot_wide(const float *x, const float *y, size_t n)
{
    double part[16] = {0};
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (size_t p = 0; p < 16; p++) part[p] += (double)x[i + p] * (double)y[i + p];
    for (; i < n; i++) part[i % 16] += (double)x[i] * (double)y[i];
    for (size_t p = 1; p < 16; p++) part[0] += part[p];
    return part[0];
}

double sums_dot(const float *x, const float *y, size_t n)
{
    return dot_wide(x, y, n);
}
