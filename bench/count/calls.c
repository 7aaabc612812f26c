#include "calls.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/par.h"
#include "grid/workload.h"
#include "threads.h"

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define HINGE_SANITIZED
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HINGE_SANITIZED
#endif
#endif

#if defined HINGE_CALLGRIND && !defined HINGE_SANITIZED
#include <valgrind/callgrind.h>

const char *count_calls_missing(void)
{
    return NULL;
}

/* By its name the profile's reader knows it. */
__attribute__((noinline)) static void read_call(const struct workload *w,
                                                const struct count_row *row, const char *label)
{
    const struct kernel_set *set = kernel_set(row->isa);
    CALLGRIND_ZERO_STATS;
    w->spec->call(set, &w->shape, w->buf, row->threads);
    CALLGRIND_DUMP_STATS_AT(label);
}

/* Copy 1 stays as it was drawn. */
static void refresh(const struct workload *w, enum isa isa)
{
    memcpy(w->buf[0], (char *)w->buf[0] + w->stride, w->stride);
    if (w->spec->prepare) w->spec->prepare(kernel_set(isa), &w->shape, w->buf);
}

static void count_row(const struct workload *w, const struct count_row *row, size_t number)
{
    char label[sizeof COUNT_LABEL + 20];
    snprintf(label, sizeof label, COUNT_LABEL "%zu", number);
    refresh(w, row->isa);
    w->spec->call(kernel_set(row->isa), &w->shape, w->buf, row->threads);
    for (int i = 0; i < COUNT_READINGS; i++) {
        refresh(w, row->isa);
        read_call(w, row, label);
    }
}

static void progress(const struct count_rows *rows, size_t done, double began)
{
    if (!isatty(STDERR_FILENO)) return;
    const double left = (clock_seconds() - began) * (double)(rows->count - done) / (double)done;
    const long eta = lround(left);
    fprintf(stderr, "\r\033[K%zu/%zu, %ld:%02ld left: %.60s", done, rows->count, eta / 60, eta % 60,
            done < rows->count ? rows->at[done].name : "");
    if (done == rows->count) fputs("\r\033[K", stderr);
}

static void team_size(const struct team *team, void *size)
{
    if (team->id == 0) *(int *)size = team->size;
}

/* Fewer threads than asked for would be counted as if they were all. */
static enum status find_threads(const struct count_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        int got = 0;
        par_team(rows->at[i].threads, team_size, &got);
        if (got != rows->at[i].threads)
            return fail(STATUS_OS, "--threads %d: the system grants %d", rows->at[i].threads, got);
    }
    return STATUS_OK;
}

enum status count_calls(const struct count_rows *rows, uint64_t seed)
{
    struct arena memory = {0};
    struct workload w = {0};
    const double began = clock_seconds();
    if (!RUNNING_ON_VALGRIND) return fail(STATUS_UNAVAILABLE, "this process is not under valgrind");
    enum status status = find_threads(rows);
    threads_always(true); /* a choice by the clock would be another one each time */
    CALLGRIND_START_INSTRUMENTATION;
    for (size_t i = 0; i < rows->count && status == STATUS_OK; i++) {
        const struct count_row *row = &rows->at[i];
        if (i == 0 || strcmp(row->name, row[-1].name) != 0) {
            w = (struct workload){.spec = row->spec, .shape = row->shape, .copies = 2};
            status = workload_open(&w, &memory);
            if (status != STATUS_OK) break;
            workload_draw(&w, seed);
            workload_fill_copies(&w);
        }
        count_row(&w, row, i);
        progress(rows, i + 1, began);
    }
    arena_close(&memory);
    return status;
}

#else

const char *count_calls_missing(void)
{
#ifdef HINGE_SANITIZED
    return "a sanitizer is in it, and does not run under valgrind";
#else
    return "it was built without valgrind/callgrind.h (Debian: valgrind)";
#endif
}

enum status count_calls(const struct count_rows *rows, uint64_t seed)
{
    (void)rows, (void)seed;
    return fail(STATUS_UNAVAILABLE, "this build cannot count: %s", count_calls_missing());
}

#endif
