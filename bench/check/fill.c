#include "fill.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const char *const names[FILL_COUNT] = {"unit", "exact",  "huge",    "tiny",
                                              "neg",  "offset", "special", "special"};

const char *fill_name(enum fill fill)
{
    return names[fill];
}

enum fill fill_from_name(const char *name)
{
    int f = 0;
    while (f < FILL_COUNT && strcmp(names[f], name) != 0) f++;
    return (enum fill)f;
}

/* The output step of splitmix64. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static uint64_t word_at(uint64_t key, uint64_t i)
{
    return mix(key + (i + 1) * 0x9e3779b97f4a7c15u);
}

static uint64_t hash(uint64_t h, const char *text)
{
    for (; *text; text++) h = (h ^ (unsigned char)*text) * 0x100000001b3u;
    return mix(h);
}

uint64_t fill_key(uint64_t seed, const char *case_name, const char *operand, enum fill fill)
{
    return hash(hash(mix(seed ^ 0xcbf29ce484222325u) + (uint64_t)fill, case_name), operand);
}

/* Box and Muller; the uniform is in (0, 1]. */
static double normal(uint64_t word)
{
    const double u = ((double)(word >> 32) + 1.0) * 0x1p-32;
    const double v = (double)(word & 0xffffffffu) * 0x1p-32;
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

static double special(uint64_t word)
{
    static const double set[] = {NAN,   INFINITY, -INFINITY, 0.0,     -0.0,
                                 1e-40, -1e-44,   FLT_MAX,   -FLT_MAX};
    return set[word % (sizeof set / sizeof *set)];
}

static double element(enum fill fill, double gain, uint64_t key, uint64_t i)
{
    const uint64_t word = word_at(key, i);
    switch (fill) {
    case FILL_EXACT:
        return (double)(int)(word % 17) - 8.0;
    case FILL_HUGE:
        return normal(word) * 1e15;
    case FILL_TINY:
        return normal(word) * 1e-30;
    case FILL_NEG:
        return -fabs(normal(word) * gain);
    case FILL_OFFSET:
        return 1024.0 + normal(word) * gain;
    case FILL_SPECIAL:
        if (mix(word) % 8 == 0) return special(mix(word ^ 0x5555) >> 8);
        return normal(word) * gain;
    case FILL_NONFINITE: {
        const double x = element(FILL_SPECIAL, gain, key, i);
        return fabs(x) == (double)FLT_MAX ? copysign(1.0, x) : x;
    }
    case FILL_UNIT:
    case FILL_COUNT:
        break;
    }
    return normal(word) * gain;
}

void fill_operand(void *data, const struct operand *op, enum fill fill, uint64_t key)
{
    const double gain = op->gain != 0.0f ? (double)op->gain : 1.0;
    for (size_t r = 0; r < op->rows; r++)
        for (size_t c = 0; c < op->cols; c++) {
            const uint64_t i = r * op->cols + c;
            const double drawn = element(fill, gain, key, i), x = gain < 0.0 ? fabs(drawn) : drawn;
            if (op->type == TYPE_I32)
                ((int32_t *)data)[r * op->ld + c] = (int32_t)(word_at(key, i) % (uint64_t)gain);
            else if (op->type == TYPE_F32)
                ((float *)data)[r * op->ld + c] = (float)x;
            else
                ((double *)data)[r * op->ld + c] = x;
        }
}
