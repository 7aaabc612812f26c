/* Sweeps of jobs over threads, and the rows that a run which is killed leaves. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "studies/ledger.h"
#include "studies/record.h"
#include "studies/sweep.h"

static int failures;

static void is(const char *what, bool truth)
{
    if (truth) return;
    fprintf(stderr, "not so: %s (%s)\n", what, status_text());
    failures++;
}

/* ---- sweeps */

enum { JOBS = 40, TEACHERS = 6 };

struct seen {
    pthread_mutex_t lock;
    int order[JOBS], threads[JOBS], count;
    size_t failing; /* JOBS: none */
};

static enum status work(size_t i, struct sweep_worker *worker, void *ctx)
{
    struct seen *s = ctx;
    usleep(i < TEACHERS ? 2000 : 200);
    sweep_at(worker, 0.5);
    if (i == s->failing) return fail(STATUS_DATA, "job %zu is no good", i);
    pthread_mutex_lock(&s->lock);
    s->order[i] = ++s->count;
    s->threads[i] = sweep_threads(worker);
    pthread_mutex_unlock(&s->lock);
    return STATUS_OK;
}

static const struct study nothing = {.name = "nothing", .seconds = {1.0, 1.0, 1.0}};

/* Students of each teacher; the last two teachers and some of the students are large. */
static enum status sweep(struct seen *s, int threads)
{
    struct sweep_job job[JOBS];
    struct study_run run = {.study = &nothing, .threads = threads};
    for (size_t i = 0; i < JOBS; i++)
        job[i] = (struct sweep_job){.seconds = (double)(i % 7),
                                    .wide = i == TEACHERS - 1 || i == TEACHERS - 2 || i % 9 == 8,
                                    .needs = i < TEACHERS ? SWEEP_NONE : i % TEACHERS};
    return sweep_run(&(struct sweep){
        .run = &run, .what = "jobs", .job = job, .count = JOBS, .work = work, .ctx = s});
}

static void sweeps(int threads)
{
    struct seen s = {.lock = PTHREAD_MUTEX_INITIALIZER, .failing = JOBS};
    is("a sweep", sweep(&s, threads) == STATUS_OK);
    is("all jobs, each once", s.count == JOBS);
    for (size_t i = 0; i < JOBS; i++) {
        const bool wide = i == TEACHERS - 1 || i == TEACHERS - 2 || i % 9 == 8;
        is("done", s.order[i] > 0);
        is("after what it needs", i < TEACHERS || s.order[i] > s.order[i % TEACHERS]);
        is("all threads or one", s.threads[i] == (wide ? threads : 1));
    }
}

static void failing(int threads)
{
    struct seen s = {.lock = PTHREAD_MUTEX_INITIALIZER, .failing = 2};
    is("a job that fails", sweep(&s, threads) == STATUS_DATA);
    is("says why", strcmp(status_text(), "job 2 is no good") == 0);
    for (size_t i = TEACHERS; i < JOBS; i++)
        is("its students are left out", i % TEACHERS != 2 || s.order[i] == 0);
}

/* ---- rows */

static char path[64];

static struct ledger_plan plan_of(bool resume)
{
    return (struct ledger_plan){
        .path = path, .resume = resume, .run = "run 1", .columns = "a,b", .fields = 2};
}

static enum status open_rows(struct ledger *j, bool resume)
{
    const struct ledger_plan plan = plan_of(resume);
    return ledger_open(j, &plan);
}

static void put(const char *text)
{
    FILE *file = fopen(path, "ab");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) exit(2);
}

static void rows(void)
{
    static const double hard[][2] = {
        {0.1, -0.0}, {NAN, INFINITY}, {1.0 / 3.0, 5e-324}, {-1.7976931348623157e308, 1e23}};
    const struct ledger_plan other_run = {
        .path = path, .resume = true, .run = "run 2", .columns = "a,b", .fields = 2};
    struct ledger j, again;
    unlink(path);
    is("none yet, and nothing to go on with", open_rows(&j, true) == STATUS_OK);
    for (size_t i = 0; i < 4; i++) {
        char key[32];
        snprintf(key, sizeof key, "row %zu", 3 - i);
        is("a row", ledger_append(&j, key, hard[3 - i]) == STATUS_OK);
    }
    ledger_close(&j);
    is("unfinished, not resumed",
       open_rows(&j, false) == STATUS_USAGE && strstr(status_text(), "holds 4 rows"));
    is("of another run",
       ledger_open(&j, &other_run) == STATUS_USAGE && strstr(status_text(), "another run"));
    put("row 9,1,"); /* a loss of power */
    is("resumed", open_rows(&again, true) == STATUS_OK);
    for (size_t i = 0; i < 4; i++) {
        char key[32];
        snprintf(key, sizeof key, "row %zu", i);
        const double *row = ledger_find(&again, key);
        is("that row", row && memcmp(row, hard[i], sizeof hard[i]) == 0);
    }
    is("half a row is none", !ledger_find(&again, "row 9") && !ledger_find(&again, "row"));
    is("another", ledger_append(&again, "row 9", hard[0]) == STATUS_OK);
    is("complete", ledger_complete(&again) == STATUS_OK);
    ledger_close(&again);
    is("complete, resumed", open_rows(&again, true) == STATUS_OK && ledger_find(&again, "row 9"));
    is("once", ledger_complete(&again) == STATUS_OK);
    ledger_close(&again);
    is("complete, begun anew", open_rows(&again, false) == STATUS_OK);
    is("empty", !ledger_find(&again, "row 0"));
    ledger_close(&again);
    put("row 1,1,2,3\n");
    is("too many numbers", open_rows(&j, true) == STATUS_DATA && strstr(status_text(), "line 3"));
    unlink(path);
    put("a text of somebody's\n");
    is("no such file", open_rows(&j, false) == STATUS_DATA && open_rows(&j, true) == STATUS_DATA);
    unlink(path);
    struct ledger_plan nowhere = plan_of(false);
    nowhere.path = "/no/such/folder/rows";
    is("no folder", ledger_open(&j, &nowhere) == STATUS_NO_OUTPUT);
    nowhere.path = "/dev/full";
    struct stat device;
    is("a device", ledger_open(&j, &nowhere) == STATUS_NO_OUTPUT &&
                       stat("/dev/full", &device) == 0 && S_ISCHR(device.st_mode));
    nowhere.path = NULL;
    is("nothing is kept",
       ledger_open(&j, &nowhere) == STATUS_OK && ledger_append(&j, "row", hard[0]) == STATUS_OK);
    ledger_close(&j);
}

int main(void)
{
    snprintf(path, sizeof path, "test_sweep.%ld.rows", (long)getpid());
    for (int threads = 1; threads <= 3; threads++) {
        sweeps(threads);
        failing(threads);
    }
    rows();
    return failures ? 2 : 0;
}
