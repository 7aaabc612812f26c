#include "site.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rooms whose first input may change without any change of what is judged, and the input that may not. */
static const struct {
    const char *room, *input;
} telling[] = {
    {"chain_jvp", "back"}, {"bfk_product", "v"}, {"bfk_moments", "gram"}, {"bfk_edges", "gram"}};

static bool tells(const struct kernel_spec *spec, const struct operand *op)
{
    if (op->role != ROLE_IN || op->type != TYPE_F32) return false;
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        if (strcmp(telling[i].room, spec->name) == 0)
            return strcmp(telling[i].input, op->name) == 0;
    return true;
}

void site_find(struct site *t)
{
    t->out = t->in = t->scratch = -1;
    memset(t->op, 0, sizeof t->op);
    const int count = (int)t->spec->operands(t->s, t->op);
    for (int o = count; o-- > 0;) {
        const size_t elements = operand_elements(&t->op[o]);
        if (!elements) continue;
        if (operand_written(&t->op[o])) t->out = o;
        if (tells(t->spec, &t->op[o])) t->in = o;
        if (t->op[o].role == ROLE_SCRATCH && t->op[o].type == TYPE_F32) t->scratch = o;
    }
}

void site_call(const struct site *t)
{
    t->spec->call(t->set, t->s, t->buf, t->threads);
}

void site_call_with(const struct site *t, float *in)
{
    void *buf[OPERANDS_MAX];
    memcpy(buf, t->buf, sizeof buf);
    buf[t->in] = in;
    t->spec->call(t->set, t->s, buf, t->threads);
}

void *site_copy(const struct site *t, int operand)
{
    const size_t bytes = operand_extent(&t->op[operand]);
    void *copy = malloc(bytes + 1);
    if (!copy) out_of_memory();
    return memcpy(copy, t->buf[operand], bytes);
}

char *site_element(const struct site *t, size_t i)
{
    const struct operand *op = &t->op[t->out];
    return (char *)t->buf[t->out] + (i / op->cols * op->ld + i % op->cols) * operand_size(op);
}

size_t site_elements(const struct site *t)
{
    return operand_elements(&t->op[t->out]);
}

double site_number(const struct site *t, size_t i)
{
    const char *at = site_element(t, i);
    const enum type type = t->op[t->out].type;
    float single;
    double wide;
    int32_t whole;
    if (type == TYPE_F64) return memcpy(&wide, at, sizeof wide), wide;
    if (type == TYPE_F32) return memcpy(&single, at, sizeof single), (double)single;
    return memcpy(&whole, at, sizeof whole), (double)whole;
}

void site_bump(const struct site *t, size_t i)
{
    char *at = site_element(t, i);
    const enum type type = t->op[t->out].type;
    if (type == TYPE_F32) {
        float x;
        memcpy(&x, at, sizeof x);
        x = isfinite(x) ? nextafterf(x, INFINITY) : 0.0f;
        memcpy(at, &x, sizeof x);
    } else if (type == TYPE_F64) {
        double x;
        memcpy(&x, at, sizeof x);
        x = isfinite(x) ? nextafter(x, INFINITY) : 0.0;
        memcpy(at, &x, sizeof x);
    } else {
        int32_t x;
        memcpy(&x, at, sizeof x);
        x++;
        memcpy(at, &x, sizeof x);
    }
}

void site_negate(const struct site *t, size_t i)
{
    const size_t size = operand_size(&t->op[t->out]);
    char *last = site_element(t, i) + size - 1; /* the byte with the sign */
    *last = (char)(*last ^ 0x80);
}
