#include "record.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

const char *study_size_name(enum study_size size)
{
    static const char *const name[STUDY_SIZES] = {"smoke", "default", "paper"};
    return name[size];
}

const char *claim_verdict_name(enum claim_verdict verdict)
{
    static const char *const name[] = {"confirmed", "refuted", "out_of_reach"};
    return name[verdict];
}

enum study_size study_size(const struct study_run *run)
{
    return run->size;
}

uint64_t study_seed(const struct study_run *run)
{
    return run->seed;
}

int study_threads(const struct study_run *run)
{
    return run->threads;
}

const struct kernel_set *study_kernels(const struct study_run *run)
{
    return run->kernels;
}

const char *study_rows(const struct study_run *run)
{
    return run->rows;
}

bool study_resumes(const struct study_run *run)
{
    return run->resumes;
}

struct cluster_share study_share(const struct study_run *run)
{
    return run->share;
}

void study_build(const struct study_run *run, char *text, size_t size)
{
    snprintf(text, size, "hinge %s, %s", run->machine.commit, run->machine.compiler);
}

/* ---- claims */

enum claim_verdict claim_judge(struct bounds expected, double measured)
{
    if (isnan(measured)) return OUT_OF_REACH;
    if (!isfinite(measured)) return REFUTED;
    return expected.lo <= measured && measured <= expected.hi ? CONFIRMED : REFUTED;
}

void study_claim(struct study_run *run, const char *id, const struct outcome *f)
{
    size_t i = 0;
    while (i < run->study->claim_count && strcmp(run->study->claims[i].id, id) != 0) i++;
    assert(i < run->study->claim_count);
    struct recorded_claim *c = &run->claims[i];
    const struct bounds expected = f->expected ? *f->expected : run->study->claims[i].expected;
    const enum claim_verdict verdict = claim_judge(expected, f->measured.at);
    const char *note = f->note || verdict != OUT_OF_REACH ? f->note : "not a number";
    free(c->note);
    *c = (struct recorded_claim){.expected = expected,
                                 .measured = f->measured,
                                 .samples = f->samples,
                                 .verdict = verdict,
                                 .found = true,
                                 .note = record_text(run, note)};
}

void study_claim_value(struct study_run *run, const char *id, double measured, size_t samples,
                       const char *note)
{
    study_claim(
        run, id,
        &(struct outcome){.measured = {measured, NAN, NAN}, .samples = samples, .note = note});
}

void study_out_of_reach(struct study_run *run, const char *id, const char *why)
{
    study_claim_value(run, id, NAN, 0, why);
}

/* ---- the run */

enum status record_open(struct study_run *run)
{
    const size_t count = run->study->claim_count;
    run->claims = calloc(count ? count : 1, sizeof *run->claims);
    if (!run->claims) return fail(STATUS_OS, "no memory for %zu claims", count);
    for (size_t i = 0; i < count; i++)
        run->claims[i] = (struct recorded_claim){.expected = run->study->claims[i].expected,
                                                 .measured = {NAN, NAN, NAN},
                                                 .verdict = OUT_OF_REACH};
    machine_read(&run->machine);
    return STATUS_OK;
}

enum status record_run(struct study_run *run)
{
    run->began = clock_seconds();
    enum status status = run->study->run(run);
    run->seconds = clock_seconds() - run->began;
    progress_clear();
    if (run->no_memory && status == STATUS_OK)
        status = fail(STATUS_OS, "no memory for what %s recorded", run->study->name);
    const char *why = study_interrupted(run) ? "interrupted"
                      : status != STATUS_OK  ? status_text()
                                             : "not measured at this size";
    for (size_t i = 0; i < run->study->claim_count; i++)
        if (!run->claims[i].found && !run->claims[i].note)
            run->claims[i].note = strdup(why); /* without memory: no reason */
    return status;
}

void record_close(struct study_run *run)
{
    for (size_t i = 0; run->claims && i < run->study->claim_count; i++) free(run->claims[i].note);
    record_free_shown(run);
    free(run->claims);
}
