#include "run.h"
#include "base/status.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/lane.h"

const char *run_where(struct placement at, int threads, char text[96])
{
    const char *const s = threads == 1 ? "" : "s";
    if (at.place == PLACE_END)
        snprintf(text, 96, "%d thread%s, operands end at an unreadable page", threads, s);
    else if (at.place == PLACE_START)
        snprintf(text, 96, "%d thread%s, operands start after an unreadable page", threads, s);
    else
        snprintf(text, 96, "%d thread%s, operands %d floats past a 64-byte boundary%s", threads, s,
                 at.shift, at.spread ? " and 5 more each" : "");
    return text;
}

struct call {
    const struct problem *p;
    const struct kernel_set *set;
    void *buf[OPERANDS_MAX];
    int threads;
};

static void do_prepare(void *ctx)
{
    const struct call *c = ctx;
    c->p->spec->prepare(c->set, &c->p->shape, c->buf);
}

static void do_call(void *ctx)
{
    const struct call *c = ctx;
    c->p->spec->call(c->set, &c->p->shape, c->buf, c->threads);
}

/* That operand has no memory of its own. */
static bool stands_in(const struct problem *p, size_t operand)
{
    return p->alias && (size_t)p->alias->one == operand;
}

/* The call may write that operand, or the one in the same memory. */
static bool writable(const struct problem *p, size_t operand)
{
    const bool shared = p->alias && (size_t)p->alias->same_as == operand;
    return operand_written(&p->op[operand]) || (shared && operand_written(&p->op[p->alias->one]));
}

static void place_all(struct call *c, struct placement at)
{
    for (size_t o = 0; o < c->p->count; o++) {
        const struct operand *op = &c->p->op[o];
        if (stands_in(c->p, o)) continue;
        const size_t shift = ((size_t)at.shift + (at.spread ? 5 * o : 0)) % 16 * sizeof(float);
        const size_t extent = operand_extent(op);
        c->buf[o] = guard_place(o, extent, operand_size(op), at.place, shift);
        if (!c->buf[o]) out_of_memory();
        const bool made = op->role == ROLE_PACKED;
        if (made)
            for (size_t i = 0; i < extent / sizeof(uint32_t); i++)
                memcpy((char *)c->buf[o] + 4 * i, &(uint32_t){FILL_STALE}, sizeof(uint32_t));
        else if (extent)
            memcpy(c->buf[o], c->p->master[o], extent);
    }
    if (c->p->alias) c->buf[c->p->alias->one] = c->buf[c->p->alias->same_as];
}

static bool report_crash(const struct call *c, const struct crash *crash, const char *step,
                         struct finding *f)
{
    f->verdict = VERDICT_CRASH;
    if (crash->operand < c->p->count) {
        const bool before = crash->before > 0;
        snprintf(f->text, sizeof f->text, "%s: %s %td bytes %s of %s", step,
                 !crash->known  ? "touched"
                 : crash->write ? "wrote"
                                : "read",
                 before ? crash->before : crash->after,
                 before ? "before the start" : "past the end", c->p->op[crash->operand].name);
    } else if (crash->signal == SIGALRM) {
        snprintf(f->text, sizeof f->text, "%s: did not return within %u s", step, plugin_seconds());
    } else {
        snprintf(f->text, sizeof f->text, "%s: %s", step, strsignal(crash->signal));
    }
    return false;
}

/* Gaps of every operand as they were, and every element of those that are only read. */
static bool left_alone(const struct call *c, const void *const before[], struct finding *f)
{
    for (size_t o = 0; o < c->p->count; o++) {
        const struct operand *op = &c->p->op[o];
        const char *now = c->buf[o], *was = before[o];
        if (stands_in(c->p, o)) continue;
        f->verdict = VERDICT_OUTSIDE;
        if (!guard_intact(o)) {
            snprintf(f->text, sizeof f->text, "wrote just before or just behind %s", op->name);
            return false;
        }
        if (op->role == ROLE_SCRATCH || !operand_extent(op)) continue;
        const size_t size = operand_size(op), row = op->cols * size,
                     gap = (op->ld - op->cols) * size;
        for (size_t r = 0; r < op->rows; r++, now += row + gap, was += row + gap) {
            if (r + 1 < op->rows && memcmp(now + row, was + row, gap) != 0) {
                snprintf(f->text, sizeof f->text, "wrote between rows %zu and %zu of %s", r, r + 1,
                         op->name);
                return false;
            }
            if (writable(c->p, o) || memcmp(now, was, row) == 0) continue;
            f->verdict = VERDICT_INPUT;
            snprintf(f->text, sizeof f->text, "changed row %zu of %s, which is only read", r,
                     op->name);
            return false;
        }
    }
    return true;
}

bool run_problem(const struct problem *p, const struct kernel_set *set, int threads,
                 struct placement at, void *out, struct finding *finding)
{
    struct call c = {.p = p, .set = set, .threads = threads};
    const void *before[OPERANDS_MAX] = {0};
    void *packed[OPERANDS_MAX] = {0};
    struct crash crash = {0};
    char label[320], where[96];
    bool good = true;
    snprintf(label, sizeof label, "%s %s %s seed %llu, %s", p->name, set->name, fill_name(p->fill),
             (unsigned long long)p->seed, run_where(at, threads, where));
    place_all(&c, at);
    guard_limit(set->isa == ISA_PLUGIN ? plugin_seconds() : 0);
    if (p->spec->prepare && !guard_call(do_prepare, &c, 1, label, &crash))
        return report_crash(&c, &crash, "preparing", finding);
    for (size_t o = 0; o < p->count; o++) {
        before[o] = p->master[o];
        if (p->op[o].role != ROLE_PACKED || !operand_extent(&p->op[o])) continue;
        packed[o] = malloc(operand_extent(&p->op[o]));
        if (!packed[o]) out_of_memory();
        before[o] = memcpy(packed[o], c.buf[o], operand_extent(&p->op[o]));
    }
    if (!guard_call(do_call, &c, threads, label, &crash))
        good = report_crash(&c, &crash, "the call", finding);
    else if (!left_alone(&c, before, finding))
        good = false;
    else
        problem_gather(p, c.buf, out);
    for (size_t o = 0; o < p->count; o++) free(packed[o]);
    return good;
}
