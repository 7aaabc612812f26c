#include "mutate.h"

#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "site.h"

/* Elements from a column on, of every row, keep what they held: the last vector that is not whole, or that element. */
static void leave(const struct site *t, bool tail)
{
    const struct operand *op = &t->op[t->out];
    const size_t size = operand_size(op), rest = op->cols % 16 ? op->cols % 16 : 1;
    char *before = site_copy(t, t->out);
    site_call(t);
    for (size_t i = 0; i < site_elements(t); i++) {
        const bool kept = tail ? i % op->cols >= op->cols - rest : i == site_elements(t) / 2;
        const size_t at = (size_t)(site_element(t, i) - (char *)t->buf[t->out]);
        if (kept) memcpy(site_element(t, i), before + at, size);
    }
    free(before);
}

static volatile char sink;

static void over_read(const struct site *t)
{
    site_call(t);
    sink = ((const volatile char *)t->buf[t->in])[operand_extent(&t->op[t->in])];
}

static void over_write(const struct site *t)
{
    site_call(t);
    memset((char *)t->buf[t->out] + operand_extent(&t->op[t->out]), 0, sizeof(float));
}

static void write_input(const struct site *t)
{
    site_call(t);
    char *at = t->buf[t->in];
    *at = (char)(*at ^ 1);
}

/* The first two neighbours that differ, by more than the sign of a zero. */
static void swap_lanes(const struct site *t)
{
    const size_t size = operand_size(&t->op[t->out]);
    char kept[sizeof(double)];
    site_call(t);
    for (size_t i = 0; i + 1 < site_elements(t); i++) {
        char *a = site_element(t, i), *b = site_element(t, i + 1);
        if (site_number(t, i) == site_number(t, i + 1)) continue;
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
    float *in = site_copy(t, t->in);
    for (size_t r = 0; r < op->rows; r++)
        for (size_t c = all ? 0 : op->cols - 1; c < op->cols; c++) in[r * op->ld + c] = all;
    site_call_with(t, in);
    free(in);
}

/* What the scratch held before adds to the output. */
static void read_scratch(const struct site *t)
{
    float held;
    memcpy(&held, t->buf[t->scratch], sizeof held);
    site_call(t);
    if (t->op[t->out].type == TYPE_F64) {
        double x;
        memcpy(&x, site_element(t, 0), sizeof x);
        x += (double)held;
        memcpy(site_element(t, 0), &x, sizeof x);
    } else {
        float x;
        memcpy(&x, site_element(t, 0), sizeof x);
        x += held;
        memcpy(site_element(t, 0), &x, sizeof x);
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
    if ((int)who != team->id) site_bump(race->site, (size_t)team->id % site_elements(race->site));
}

static void race(const struct site *t)
{
    struct race ctx = {.site = t};
    site_call(t);
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
    const size_t middle = site_elements(t) / 2;
    site_call(t);
    if (kind == FAULT_UNFUSED || (kind == FAULT_THREADS && t->threads > 1) ||
        (kind == FAULT_PLACE && is_misaligned(t)) || (kind == FAULT_REPEAT && ++calls % 2 == 0))
        site_bump(t, middle);
    for (size_t i = 0; i < site_elements(t) && kind == FAULT_SIGN; i++) site_negate(t, i);
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
    site_find(&t);
    if (fault_spares(c->set) || !mutate_applies(kind, spec, c->s))
        site_call(&t);
    else
        do_fault(&t, kind);
}

bool mutate_applies(enum fault_kind kind, const struct kernel_spec *spec, const struct shape *s)
{
    struct site t = {.spec = spec, .s = s};
    site_find(&t);
    switch (kind) {
    case FAULT_OVER_READ:
    case FAULT_INPUT:
    case FAULT_STEP:
    case FAULT_CONSTANT:
        return t.out >= 0 && t.in >= 0;
    case FAULT_SCRATCH:
        return t.out >= 0 && t.scratch >= 0 && t.op[t.out].type != TYPE_I32;
    case FAULT_LANES:
        return t.out >= 0 && site_elements(&t) > 1;
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
