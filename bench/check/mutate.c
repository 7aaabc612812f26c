#include "mutate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"

/* A call, what it writes and what it reads first; out or in without elements: it has none. */
struct site {
    const struct kernel_spec *spec;
    const struct kernel_set *set;
    const struct shape *s;
    void *const *buf;
    int threads;
    struct operand op[OPERANDS_MAX];
    int out, in, scratch; /* operands */
};

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

static void find_operands(struct site *t)
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

static void call(const struct site *t)
{
    t->spec->call(t->set, t->s, t->buf, t->threads);
}

/* With another input. */
static void call_with(const struct site *t, float *in)
{
    void *buf[OPERANDS_MAX];
    memcpy(buf, t->buf, sizeof buf);
    buf[t->in] = in;
    t->spec->call(t->set, t->s, buf, t->threads);
}

static void *copy_of(const struct site *t, int operand)
{
    const size_t bytes = operand_extent(&t->op[operand]);
    void *copy = malloc(bytes + 1);
    if (!copy) out_of_memory();
    return memcpy(copy, t->buf[operand], bytes);
}

/* ---- elements of the output */

static char *element(const struct site *t, size_t i)
{
    const struct operand *op = &t->op[t->out];
    return (char *)t->buf[t->out] + (i / op->cols * op->ld + i % op->cols) * operand_size(op);
}

static size_t elements(const struct site *t)
{
    return operand_elements(&t->op[t->out]);
}

/* To the next number. */
static void bump(const struct site *t, size_t i)
{
    char *at = element(t, i);
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

static void negate(const struct site *t, size_t i)
{
    const size_t size = operand_size(&t->op[t->out]);
    char *last = element(t, i) + size - 1; /* the byte with the sign */
    *last = (char)(*last ^ 0x80);
}

/* ---- the faults */

/* Elements from a column on, of every row, keep what they held: the last vector that is not whole, or that element. */
static void leave(const struct site *t, bool tail)
{
    const struct operand *op = &t->op[t->out];
    const size_t size = operand_size(op), rest = op->cols % 16 ? op->cols % 16 : 1;
    char *before = copy_of(t, t->out);
    call(t);
    for (size_t i = 0; i < elements(t); i++) {
        const bool kept = tail ? i % op->cols >= op->cols - rest : i == elements(t) / 2;
        const size_t at = (size_t)(element(t, i) - (char *)t->buf[t->out]);
        if (kept) memcpy(element(t, i), before + at, size);
    }
    free(before);
}

static volatile char sink;

static void over_read(const struct site *t)
{
    call(t);
    sink = ((const volatile char *)t->buf[t->in])[operand_extent(&t->op[t->in])];
}

static void over_write(const struct site *t)
{
    call(t);
    memset((char *)t->buf[t->out] + operand_extent(&t->op[t->out]), 0, sizeof(float));
}

static void write_input(const struct site *t)
{
    call(t);
    char *at = t->buf[t->in];
    *at = (char)(*at ^ 1);
}

/* The first two neighbours that differ. */
static void swap_lanes(const struct site *t)
{
    const size_t size = operand_size(&t->op[t->out]);
    char kept[sizeof(double)];
    call(t);
    for (size_t i = 0; i + 1 < elements(t); i++) {
        char *a = element(t, i), *b = element(t, i + 1);
        if (memcmp(a, b, size) == 0) continue;
        memcpy(kept, a, size);
        memcpy(a, b, size);
        memcpy(b, kept, size);
        return;
    }
}

/* The input's last column is taken for zeros, or all of it for ones. */
static void other_input(const struct site *t, bool all)
{
    const struct operand *op = &t->op[t->in];
    float *in = copy_of(t, t->in);
    for (size_t r = 0; r < op->rows; r++)
        for (size_t c = all ? 0 : op->cols - 1; c < op->cols; c++) in[r * op->ld + c] = all;
    call_with(t, in);
    free(in);
}

/* What the scratch held before adds to the output. */
static void read_scratch(const struct site *t)
{
    float held;
    memcpy(&held, t->buf[t->scratch], sizeof held);
    call(t);
    if (t->op[t->out].type == TYPE_F64) {
        double x;
        memcpy(&x, element(t, 0), sizeof x);
        x += (double)held;
        memcpy(element(t, 0), &x, sizeof x);
    } else {
        float x;
        memcpy(&x, element(t, 0), sizeof x);
        x += held;
        memcpy(element(t, 0), &x, sizeof x);
    }
}

struct race {
    const struct site *site;
    _Atomic unsigned slot;
};

/* Every member says in one place who it is, and then works on what that place says: the parts of all but one are left
 * undone, and one is done by all. */
static void race_member(const struct team *team, void *ctx)
{
    struct race *race = ctx;
    race->slot = (unsigned)team->id;
    team_barrier(team);
    const unsigned who = race->slot;
    team_barrier(team);
    if ((int)who != team->id) bump(race->site, (size_t)team->id % elements(race->site));
}

static void race(const struct site *t)
{
    struct race ctx = {.site = t};
    call(t);
    if (t->threads > 1) par_team(t->threads, race_member, &ctx);
}

static bool is_misaligned(const struct site *t)
{
    for (int o = 0; o < OPERANDS_MAX; o++)
        if (operand_elements(&t->op[o]) && (uintptr_t)t->buf[o] % 64) return true;
    return false;
}

static void behind(const struct site *t, enum fault_kind kind)
{
    static unsigned calls;
    const size_t middle = elements(t) / 2;
    call(t);
    if (kind == FAULT_UNFUSED || (kind == FAULT_THREADS && t->threads > 1) ||
        (kind == FAULT_PLACE && is_misaligned(t)) || (kind == FAULT_REPEAT && ++calls % 2 == 0))
        bump(t, middle);
    for (size_t i = 0; i < elements(t) && kind == FAULT_SIGN; i++) negate(t, i);
}

static void do_fault(const struct site *t, enum fault_kind kind)
{
    switch (kind) {
    case FAULT_NOTHING:
        break;
    case FAULT_TAIL:
    case FAULT_STALE:
        leave(t, kind == FAULT_TAIL);
        break;
    case FAULT_OVER_READ:
        over_read(t);
        break;
    case FAULT_OVER_WRITE:
        over_write(t);
        break;
    case FAULT_INPUT:
        write_input(t);
        break;
    case FAULT_LANES:
        swap_lanes(t);
        break;
    case FAULT_STEP:
    case FAULT_CONSTANT:
        other_input(t, kind == FAULT_CONSTANT);
        break;
    case FAULT_SCRATCH:
        read_scratch(t);
        break;
    case FAULT_RACE:
        race(t);
        break;
    default:
        behind(t, kind);
    }
}

void mutate(enum fault_kind kind, const struct kernel_spec *spec, const struct mutated_call *c)
{
    struct site t = {spec, c->set, c->s, c->buf, c->threads, {{0}}, -1, -1, -1};
    find_operands(&t);
    if (fault_spares(c->set) || !mutate_applies(kind, spec, c->s))
        call(&t);
    else
        do_fault(&t, kind);
}

bool mutate_applies(enum fault_kind kind, const struct kernel_spec *spec, const struct shape *s)
{
    struct site t = {.spec = spec, .s = s};
    find_operands(&t);
    switch (kind) {
    case FAULT_OVER_READ:
    case FAULT_INPUT:
    case FAULT_STEP:
    case FAULT_CONSTANT:
        return t.out >= 0 && t.in >= 0;
    case FAULT_SCRATCH:
        return t.out >= 0 && t.scratch >= 0 && t.op[t.out].type != TYPE_I32;
    case FAULT_LANES:
        return t.out >= 0 && elements(&t) > 1;
    default:
        return t.out >= 0;
    }
}

unsigned mutate_expected(enum fault_kind kind)
{
    switch (kind) {
    case FAULT_NOTHING:
    case FAULT_TAIL:
    case FAULT_STALE: /* what is read and written holds a value of before */
        return VERDICT_BIT(VERDICT_UNWRITTEN) | VERDICT_BIT(VERDICT_VALUE);
    case FAULT_OVER_READ:
        return VERDICT_BIT(VERDICT_CRASH);
    case FAULT_OVER_WRITE:
        return VERDICT_BIT(VERDICT_OUTSIDE);
    case FAULT_INPUT:
        return VERDICT_BIT(VERDICT_INPUT);
    case FAULT_UNFUSED: /* where nothing rounds the bound is 0 */
        return VERDICT_BIT(VERDICT_VALUE) | VERDICT_BIT(VERDICT_WORDS);
    case FAULT_RACE:
    case FAULT_THREADS:
        return VERDICT_BIT(VERDICT_THREADS);
    case FAULT_PLACE:
    case FAULT_REPEAT:
        return VERDICT_BIT(VERDICT_REPEAT);
    default:
        return VERDICT_BIT(VERDICT_VALUE);
    }
}
