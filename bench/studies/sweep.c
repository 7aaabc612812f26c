#include "studies/sweep.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"

enum state { WAITING, DONE, NOT_DONE };

struct shared {
    const struct sweep *sweep;
    double total;
    size_t *order;     /* of jobs for one thread */
    enum state *state; /* under the lock */
    pthread_t main;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    atomic_ullong done_ns; /* of all jobs */
    atomic_bool stop;
    enum status status; /* of the first failure, and its sentence */
    char why[512];
};

struct sweep_worker {
    struct shared *shared;
    int threads;
    double left; /* of the job's seconds */
};

int sweep_threads(const struct sweep_worker *worker)
{
    return worker ? worker->threads : 1;
}

bool sweep_stopped(const struct sweep_worker *worker)
{
    return worker && (atomic_load_explicit(&worker->shared->stop, memory_order_relaxed) ||
                      study_interrupted(worker->shared->sweep->run));
}

static void add(struct shared *s, double seconds)
{
    atomic_fetch_add_explicit(&s->done_ns, (unsigned long long)(1e9 * seconds),
                              memory_order_relaxed);
    if (!pthread_equal(pthread_self(), s->main)) return;
    study_progress(s->sweep->run, 1e-9 * (double)atomic_load(&s->done_ns), s->total,
                   s->sweep->what);
}

bool sweep_at(struct sweep_worker *worker, double seconds)
{
    if (!worker) return false;
    const double some = seconds < worker->left ? seconds : worker->left;
    worker->left -= some;
    add(worker->shared, some);
    return sweep_stopped(worker);
}

static void set_state(struct shared *s, size_t i, enum state to, enum status status)
{
    pthread_mutex_lock(&s->lock);
    s->state[i] = to;
    if (status != STATUS_OK && s->status == STATUS_OK) {
        s->status = status;
        strncpy(s->why, status_text(), sizeof s->why - 1);
        atomic_store(&s->stop, true);
    }
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* What a job needs stands before it in every order, so that some thread is at it or has been. */
static bool wait_for(struct shared *s, size_t i)
{
    if (i == SWEEP_NONE) return true;
    pthread_mutex_lock(&s->lock);
    while (s->state[i] == WAITING) pthread_cond_wait(&s->changed, &s->lock);
    const bool done = s->state[i] == DONE;
    pthread_mutex_unlock(&s->lock);
    return done;
}

static void carry_out(struct shared *s, size_t i, int threads)
{
    const struct sweep_job *job = &s->sweep->job[i];
    struct sweep_worker worker = {s, threads, job->seconds};
    enum status status = STATUS_OK;
    const bool go = wait_for(s, job->needs) && !sweep_stopped(&worker);
    if (go) status = s->sweep->work(i, &worker, s->sweep->ctx);
    const bool done = go && status == STATUS_OK && !sweep_stopped(&worker);
    if (done) add(s, worker.left);
    set_state(s, i, done ? DONE : NOT_DONE, status);
}

static void some(size_t begin, size_t end, void *ctx)
{
    struct shared *s = ctx;
    for (size_t k = begin; k < end; k++) carry_out(s, s->order[k], 1);
}

/* A wide job that needs none, or a wide one. */
static bool is_first(const struct sweep *w, size_t i)
{
    const size_t needs = w->job[i].needs;
    return w->job[i].wide && (needs == SWEEP_NONE || w->job[needs].wide);
}

static const struct sweep_job *sorted; /* for the comparison; the main thread's */

static int longest_first(const void *a, const void *b)
{
    const size_t i = *(const size_t *)a, j = *(const size_t *)b;
    const struct sweep_job *x = &sorted[i], *y = &sorted[j];
    if ((x->needs == SWEEP_NONE) != (y->needs == SWEEP_NONE))
        return x->needs == SWEEP_NONE ? -1 : 1;
    if (x->seconds != y->seconds) return x->seconds > y->seconds ? -1 : 1;
    return (i > j) - (i < j);
}

static void all(struct shared *s)
{
    const struct sweep *w = s->sweep;
    const int threads = study_threads(w->run);
    size_t narrow = 0;
    for (size_t i = 0; i < w->count; i++)
        if (is_first(w, i)) carry_out(s, i, threads);
    for (size_t i = 0; i < w->count; i++)
        if (!w->job[i].wide) s->order[narrow++] = i;
    sorted = w->job;
    qsort(s->order, narrow, sizeof *s->order, longest_first);
    par_each(threads, narrow, 1, some, s);
    for (size_t i = 0; i < w->count; i++)
        if (w->job[i].wide && !is_first(w, i)) carry_out(s, i, threads);
}

enum status sweep_run(const struct sweep *sweep)
{
    struct shared s = {.sweep = sweep,
                       .order = calloc(sweep->count + 1, sizeof *s.order),
                       .state = calloc(sweep->count + 1, sizeof *s.state),
                       .main = pthread_self(),
                       .lock = PTHREAD_MUTEX_INITIALIZER,
                       .changed = PTHREAD_COND_INITIALIZER};
    if (!s.order || !s.state) {
        free(s.order);
        free(s.state);
        return fail(STATUS_OS, "no memory for %zu jobs", sweep->count);
    }
    for (size_t i = 0; i < sweep->count; i++) s.total += sweep->job[i].seconds;
    all(&s);
    free(s.order);
    free(s.state);
    return s.status == STATUS_OK ? STATUS_OK : fail(s.status, "%s", s.why);
}
