#include "call.h"

#include <math.h>

#include "base/cpu.h"
#include "base/par.h"
#include "measure/splitmix.h"
#include "plugin/lane.h"
#include "watchdog.h"

static const char *volatile running;

const char *call_running(void)
{
    return running;
}

static void say_nothing(void) {}

static void (*when_late)(void) = say_nothing;

void call_when_late(void (*say)(void))
{
    when_late = say;
}

static void watch(const struct variant *v, size_t calls)
{
    const double TIMES = 100.0, FLOPS = 2e9, BYTES = 1e10; /* a second, of a scalar lane */
    enum { A_MINUTE = 60, MOST = 1 << 30 };
    const double guess = v->row->flops / FLOPS + v->row->bytes / BYTES;
    const double once = v->probe_ns > 0.0 ? 1e-9 * v->probe_ns : guess;
    const double least = v->isa == ISA_PLUGIN ? plugin_seconds() : A_MINUTE;
    const double seconds = least + TIMES * once * (double)(calls ? calls : 1);
    watchdog_start((unsigned)fmin(seconds, MOST), when_late);
}

static enum status open_run(struct variant *v)
{
    const struct row *row = v->row;
    const struct workload *w = &row->work;
    const char *kernel = w->spec->name;
    enum status status = STATUS_OK;
    if (variant_is_twin(v))
        status = twin_of(kernel)->open(&v->run, &w->shape, w->buf, row->threads, v->form);
    else if (v->peer != PEER_COUNT)
        status = peer_open(&v->library, v->peer, kernel, &w->shape, w->buf, row->threads);
    if (status != STATUS_OK || w->copies == 1) return status;
    if (v->run) status = twin_copy(v->run, w->copies, w->stride);
    if (v->library) status = peer_copy(v->library, w->copies, w->stride);
    return status;
}

enum status call_open(struct variant *v)
{
    running = v->name;
    watch(v, 1);
    const enum status status = open_run(v);
    watchdog_stop();
    running = NULL;
    return status;
}

void call_close(struct variant *v)
{
    twin_close(v->run);
    v->run = NULL;
    peer_close(v->library);
    v->library = NULL;
}

void call_on(struct variant *v, size_t copy)
{
    const struct workload *w = &v->row->work;
    void *moved[OPERANDS_MAX];
    if (v->run) {
        twin_use(v->run, copy);
        twin_exec(v->run);
    } else if (v->library) {
        peer_use(v->library, copy);
        peer_exec(v->library);
    } else {
        if (copy || w->own)
            (v->isa == ISA_PLUGIN ? workload_copy_own : workload_copy)(w, copy, moved);
        w->spec->call(kernel_set(v->isa), &w->shape, copy || w->own ? moved : w->buf,
                      v->row->threads);
    }
}

/* Downwards, since prefetchers that run past the end of an operand run upwards: into copies whose turn
 * was before. */
static size_t after(const struct row *row, size_t copy)
{
    return (copy ? copy : row->work.copies) - 1;
}

static uint64_t phase = 1;

/* As many calls once more as add up to the share that was planted. */
static void repeat(struct variant *v, size_t copy)
{
    for (v->row->owed += v->row->plant; v->row->owed >= 1.0; v->row->owed -= 1.0) call_on(v, copy);
}

void call_next(void *variant)
{
    struct variant *v = variant;
    const size_t copy = v->row->turn;
    v->row->turn = after(v->row, copy);
    call_on(v, copy);
    if (v->row->plant > 0.0) repeat(v, copy);
}

static bool flushes(const struct variant *v)
{
    return v->ftz || v->row->flush;
}

static void set_ftz(const struct team *team, void *on)
{
    (void)team;
    cpu_set_ftz(*(const bool *)on);
}

/* oneDNN reads where an operand is from objects of its own, one for each copy. They are not operands, and
 * our lanes have none: warm, as in a program that has just set them up. */
void call_enter(void *variant, size_t calls)
{
    struct variant *v = variant;
    const size_t copies = v->row->work.copies;
    bool on = true;
    running = v->name;
    watch(v, calls);
    /* From anywhere between two of them, or samples of one length would always have as many. */
    if (v->row->plant > 0.0) v->row->owed = 0x1p-64 * (double)splitmix(&phase);
    if (flushes(v)) par_team(v->row->threads, set_ftz, &on);
    size_t copy = v->row->turn;
    for (size_t i = 0; v->run && copies > 1 && i < calls && i < copies; i++) {
        twin_warm(v->run, copy);
        copy = after(v->row, copy);
    }
}

void call_leave(void *variant)
{
    struct variant *v = variant;
    bool off = false;
    if (flushes(v)) par_team(v->row->threads, set_ftz, &off);
    watchdog_stop();
    running = NULL;
}
