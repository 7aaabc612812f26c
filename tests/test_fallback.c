/* A oneDNN that falls back to its unoptimized code is an error in every report, never a reference: a
 * planted twin asks for an inner product over rows with gaps, for which oneDNN has no other code.
 * Exit 77: no oneDNN in this build, or one that has learnt it. */
#include <stdlib.h>
#include <string.h>

#include "dnnl.h"
#include "forks.h"
#include "report/table.h"

static unsigned forms(const struct shape *s)
{
    (void)s;
    return FORM_BIT(FORM_PLAIN);
}

static enum status open_gaps(struct twin_run **out, const struct shape *s, void *const buf[],
                             int threads, enum form form)
{
    enum { GAP = 8 };
    struct twin_run *run = run_open("planted", threads, form);
    (void)buf;
    run_dense_fwd(run,
                  &(struct dense_views){
                      .dst = view_of(run_scratch(run, s->m * (s->n + GAP)), s->m, s->n, s->n + GAP),
                      .src = view_of(run_scratch(run, s->m * (s->k + GAP)), s->m, s->k, s->k + GAP),
                      .w = view_of(run_scratch(run, s->k * s->n), s->k, s->n, s->n)});
    return run_ready(run, out);
}

/* In place of those of reference/twin.c, which the linker then leaves out. */
const struct twin *twin_of(const char *kernel)
{
    static const struct twin planted = {.forms = forms, .open = open_gaps};
    return strcmp(kernel, "dense_fwd") == 0 ? &planted : NULL;
}

const char *form_name(enum form form)
{
    (void)form;
    return "planted";
}

static int failures;

static void expect(bool good, const char *what)
{
    if (good) return;
    failures++;
    printf("FAIL %s\n", what);
}

static bool holds(FILE *file, const char *text)
{
    static char all[1 << 16];
    if (fseek(file, 0, SEEK_SET) != 0) abort();
    all[fread(all, 1, sizeof all - 1, file)] = '\0';
    return strstr(all, text) != NULL;
}

/* False where oneDNN did not fall back. */
static bool measure(struct row *row)
{
    struct stage stage = {.memory = {0}};
    const struct row_plan open = {.twins = true};
    const struct plan plan = {.budget_ns = 1e10, .min_rounds = MIN_ROUNDS, .rounds = MOST_ROUNDS};
    struct opened opened;
    row->work.spec = kernel_spec("dense_fwd");
    row->work.shape = (struct shape){.m = 8, .n = 64, .k = 64};
    case_name(row->work.spec, &row->work.shape, row->name, sizeof row->name);
    if (workload_open(&row->work, &stage.memory) != STATUS_OK) abort();
    workload_draw(&row->work, 1);
    if (row_open(row, &stage, &open, &opened) != STATUS_OK) abort();
    sampler_restart(&stage.sampler, &plan);
    while (sampler_round(&stage.sampler)) {}
    row_check_again(&stage);
    if (forks_take(row, &stage) != STATUS_OK) abort();
    forks_summarize(row);
    row_close(row);
    stage_close(&stage);
    return row->variants == 2 && strstr(row->variant[1].impl, "ref");
}

static void report(const struct row *row)
{
    static struct result r;
    char path[] = "/tmp/fallback.XXXXXX";
    const int fd = mkstemp(path);
    FILE *table = tmpfile();
    if (fd < 0 || !table) abort();
    r.rows = row;
    r.count = 1;
    r.grid = r.data = "planted";
    machine_read(&r.machine);
    roofs_open(&r.roofs);
    table_times(table, &r, false);
    expect(holds(table, "fell back to ref"), "the table says so without --verbose");
    table_summary(table, &r);
    expect(holds(table, "1 without a reference"), "the summary counts it");
    fclose(table);
    expect(result_write(&r, path) == STATUS_OK, "the result file is written");
    FILE *file = fopen(path, "r");
    if (!file) abort();
    expect(holds(file, "\"error_message\": \"oneDNN fell back to ref\""), "the row is an error");
    expect(!holds(file, "vs_onednn"), "nothing is compared with it");
    fclose(file);
    remove(path);
}

int main(void)
{
    static struct row row = {.threads = 1, .isas = 1u << ISA_SCALAR};
    if (strcmp(twin_version(), "none") == 0) {
        puts("SKIPPED: no oneDNN in this build");
        return 77;
    }
    if (!measure(&row)) {
        printf("SKIPPED: %s does not fall back here: %s\n", twin_version(), row.variant[1].impl);
        return 77;
    }
    expect(row.variant[1].state == STATE_REF, "the variant is marked");
    expect(row.variant[1].forks == 0, "it is not timed");
    expect(row.best_twin == TASKS_MAX, "it is not the reference");
    expect(row.variant[0].state == STATE_TIMED && row.rounds > 0, "our own lane is timed");
    report(&row);
    printf("%s: %d failures\n", row.variant[1].impl, failures);
    return failures != 0;
}
