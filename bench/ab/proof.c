#include "proof.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ab/contest.h"
#include "kernel.h"
#include "measure/splitmix.h"

static const double LEAST = 0.02, TARGET = 0.005; /* of `hinge ab` itself */

static bool never(void)
{
    return false;
}

static void silent(const struct pairs *pairs, const struct pair_row *row)
{
    (void)pairs;
    (void)row;
}

static char program[] = "/proc/self/exe";

/* This build beside itself. */
static enum status open_contest(struct contest *t, char **argv, const struct proof *proof,
                                uint64_t seed)
{
    const struct side side = {.label = "this build", .program = program, .argv = argv};
    *t = (struct contest){.least = log1p(LEAST),
                          .pairs = {.side = {side, side},
                                    .target = TARGET,
                                    .seconds = proof->seconds,
                                    .seed = seed,
                                    .stop = never,
                                    .progress = silent}};
    return pairs_open(&t->pairs);
}

/* At most one in twenty, as integers. */
static bool is_seldom(size_t seen, size_t of)
{
    return 20 * seen <= (of < 20 ? 20 : of);
}

enum status proof_aa(const struct proof *proof)
{
    char *argv[] = {
        program,     "worker", "--depth=1,2,4,8,16", "--width=32,64,128,256,512", "--batch=1,32",
        "--scale=1", NULL};
    size_t verdicts = 0, called = 0, alarms = 0, unknown = 0;
    uint64_t seed = proof->seed;
    for (size_t run = 1; run <= proof->runs; run++) {
        struct contest t;
        enum status status = open_contest(&t, argv, proof, splitmix(&seed));
        if (status == STATUS_OK) status = contest_run(&t);
        const size_t slower = t.verdicts[CHANGE_REGRESSED], faster = t.verdicts[CHANGE_IMPROVED];
        printf(
            "run %2zu: %zu rows, %zu verdicts, %zu pairs: %zu slower, %zu faster, %zu unchanged, "
            "%zu inconclusive\n",
            run, t.pairs.rows, t.count, t.pairs.pairs, slower, faster, t.verdicts[CHANGE_UNCHANGED],
            t.verdicts[CHANGE_INCONCLUSIVE]);
        fflush(stdout);
        verdicts += t.count;
        called += slower + faster;
        alarms += slower > 0;
        unknown += t.verdicts[CHANGE_INCONCLUSIVE];
        contest_close(&t);
        if (status != STATUS_OK) return status;
    }
    const bool good = verdicts > 0 && 100 * called <= verdicts && is_seldom(alarms, proof->runs);
    printf(
        "A/A: %zu of %zu verdicts called (at most 1 %%), %zu of %zu runs end with exit code 1 (at "
        "most 1 in 20), %zu inconclusive: %s\n",
        called, verdicts, alarms, proof->runs, unknown, good ? "ok" : "NOT AS IT SHOULD BE");
    return good ? STATUS_OK : STATUS_WRONG;
}

/* ---- power */

struct found {
    size_t runs, slower, unchanged,
        others; /* others: runs in which a row that nothing was planted in was called */
};

static enum status plant_once(const struct proof *proof, double plant, uint64_t *seed,
                              struct found *found)
{
    char isa[32];
    snprintf(isa, sizeof isa, "--isa=%s", kernel_set(ISA_AVX512) ? "avx512" : "avx2");
    char *argv[] = {program,     "worker",    "--depth=1,2,4,8,16", "--width=32,64",
                    "--batch=1", "--scale=1", "--filter=^mlp_fwd",  isa,
                    NULL};
    struct contest t;
    enum status status = open_contest(&t, argv, proof, splitmix(seed));
    const size_t at = t.pairs.rows ? splitmix_below(seed, t.pairs.rows) : 0;
    if (status == STATUS_OK) t.pairs.row[at].plant = plant;
    if (status == STATUS_OK) status = contest_run(&t);
    bool other = false;
    for (size_t i = 0; status == STATUS_OK && i < t.count; i++) {
        const struct judged *j = &t.judged[i];
        const enum change_verdict v = j->verdict.verdict;
        if (j->row != &t.pairs.row[at]) {
            other |= v == CHANGE_REGRESSED || v == CHANGE_IMPROVED;
            continue;
        }
        printf("%.0f %% in %-40s %zu pairs: %+.2f %% [%+.2f, %+.2f] %s\n", 100.0 * plant,
               j->row->name, j->lane->pairs, 100.0 * expm1(j->verdict.at),
               100.0 * expm1(j->verdict.lo), 100.0 * expm1(j->verdict.hi), change_verdict_name(v));
        found->slower += v == CHANGE_REGRESSED;
        found->unchanged += v == CHANGE_UNCHANGED;
    }
    fflush(stdout);
    found->others += other;
    found->runs++;
    contest_close(&t);
    return status;
}

enum status proof_power(const struct proof *proof)
{
    static const double plant[] = {0.05, 0.02};
    struct found found[2] = {{0}};
    uint64_t seed = proof->seed;
    enum status status = STATUS_OK;
    for (size_t k = 0; k < 2; k++)
        for (size_t run = 0; status == STATUS_OK && run < proof->runs; run++)
            status = plant_once(proof, plant[k], &seed, &found[k]);
    if (status != STATUS_OK) return status;
    const bool good = is_seldom(found[0].runs - found[0].slower, found[0].runs) &&
                      found[0].unchanged + found[1].unchanged == 0 &&
                      is_seldom(found[0].others + found[1].others, found[0].runs + found[1].runs);
    for (size_t k = 0; k < 2; k++)
        printf("%.0f %% planted: found in %zu of %zu runs, called unchanged in %zu; another row "
               "called in "
               "%zu\n",
               100.0 * plant[k], found[k].slower, found[k].runs, found[k].unchanged,
               found[k].others);
    puts(good ? "power: ok" : "power: NOT AS IT SHOULD BE");
    return good ? STATUS_OK : STATUS_WRONG;
}
