/* A sweep over placements: every operand stands where the design says, moved with its contents, and every variant writes
 * the same words there; one that does not is found. What placement costs is found in samples in which it is planted,
 * and nothing is found in noise. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forks.h"
#include "measure/splitmix.h"
#include "placements.h"

static size_t failures, moved;

static void expect(bool good, const char *name, const char *what)
{
    if (good) return;
    failures++;
    printf("FAIL %s: %s\n", name, what);
}

/* ---- the design */

static void test_design(void)
{
    enum { LINES = 64, FLOATS = 4 };
    const struct operand op = {.type = TYPE_F32}, wide = {.type = TYPE_F64};
    for (size_t o = 0; o < OPERANDS_MAX; o++) {
        bool at[PLACEMENT_PAGE] = {false}, step[PLACEMENT_PAGE][LINES / FLOATS] = {{false}};
        size_t places = 0, steps = 0;
        for (size_t k = 0; k < PLACEMENTS; k++) {
            const size_t x = placement_offset(k, o, &op), y = placement_offset(k, o + 1, &op);
            const size_t apart = (y - x + PLACEMENT_PAGE) % PLACEMENT_PAGE;
            expect(x < PLACEMENT_PAGE && x % FLOATS == 0, "design", "a float across two words");
            expect(placement_offset(k, o, &wide) % sizeof(double) == 0, "design", "half a double");
            places += !at[x];
            at[x] = true;
            steps += !step[apart][x % LINES / FLOATS];
            step[apart][x % LINES / FLOATS] = true;
        }
        expect(places == PLACEMENTS, "design", "an operand stands at one place twice");
        expect(steps == PLACEMENTS, "design", "two operands lie alike in two placements");
    }
    for (size_t o = 0; o < OPERANDS_MAX; o++)
        expect(placement_offset(0, o, &op) == 0, "design", "placement 0 is not the page's start");
}

/* ---- rows */

static void check_starts(const struct row *row, size_t placement)
{
    for (size_t o = 0; o < row->work.ops; o++)
        expect(row_offset(row, o) == placement_offset(placement, o, &row->work.op[o]), row->name,
               "an operand is not where its placement has it");
}

static void test_row(const struct kernel_spec *spec, const struct shape *shape)
{
    static struct row row;
    struct stage stage = {.memory = {0}};
    const struct row_plan plan = {.twins = true};
    struct opened opened;
    row = (struct row){.threads = 1, .isas = (1u << ISA_COUNT) - 1u};
    row.work = (struct workload){.spec = spec, .shape = *shape, .sweep = true};
    case_name(spec, shape, row.name, sizeof row.name);
    if (workload_open(&row.work, &stage.memory) != STATUS_OK) abort();
    workload_draw(&row.work, 1);
    if (row_open(&row, &stage, &plan, &opened) != STATUS_OK) abort();
    for (size_t k = 0; k < PLACEMENTS; k++) {
        expect(row_place(&row, &stage, k, true) == STATUS_OK, row.name, "cannot be placed");
        check_starts(&row, k);
    }
    expect(!row.wrong[0], row.name, row.wrong);
    for (size_t i = 0; i < row.variants; i++) moved += row.variant[i].state == STATE_TIMED;
    struct variant *own = &row.variant[0];
    if (spec->same_words && own->state == STATE_TIMED) {
        own->words ^= 1;
        expect(row_place(&row, &stage, 5, true) == STATUS_OK && own->state == STATE_WRONG &&
                   strstr(row.wrong, "at another placement"),
               row.name, "other words are not found");
    }
    row_close(&row);
    stage_close(&stage);
}

/* ---- what is found in samples */

enum { FORKS = 5, ROUNDS = 3 * PLACEMENTS };

static double normal(uint64_t *state)
{
    double sum = 0.0;
    for (int i = 0; i < 12; i++) sum += 0x1p-64 * (double)splitmix(state);
    return sum - 6.0;
}

/* Forks of 3 rounds a placement, of which `cost` times as long at placement 3 and 1 / cost at placement 9. */
static void sample(struct row *row, size_t forks, double cost, double noise, uint64_t seed)
{
    static struct samples samples;
    *row = (struct row){.variants = 1};
    row->variant[0] = (struct variant){.row = row, .isa = ISA_AVX2, .peer = PEER_COUNT};
    for (size_t f = 0; f < forks; f++) {
        struct row_fork fork = {.rounds = ROUNDS, .placed = malloc(ROUNDS), .huge = NAN};
        const double own = exp(noise * normal(&seed));
        if (!fork.placed) abort();
        samples.count = ROUNDS;
        for (size_t i = 0; i < ROUNDS; i++) {
            const unsigned char k = fork.placed[i] = (unsigned char)(i % PLACEMENTS);
            const double here = k == 3 ? cost : k == 9 ? 1.0 / cost : 1.0;
            samples.ns[i] = 100.0 * own * here * exp(noise * normal(&seed));
            samples.cpu_ns[i] = samples.ns[i];
        }
        if (forks_begin(row, &fork) != STATUS_OK) abort();
        if (forks_add(&row->variant[0], &samples) != STATUS_OK) abort();
    }
    forks_summarize(row);
}

static bool near(double x, double y)
{
    return fabs(x / y - 1.0) < 1e-9;
}

static void test_planted(void)
{
    static struct row row;
    struct placements p;
    sample(&row, FORKS, 1.5, 0.0, 1);
    expect(placements_of(&row.variant[0], &p) && p.forks == FORKS, "planted", "unknown");
    expect(p.worst_at == 3 && p.best_at == 9, "planted", "not the placements that were planted");
    expect(near(p.best.at, 100.0 / 1.5) && near(p.median.at, 100.0) && near(p.worst.at, 150.0) &&
               near(p.spread.at, 2.25) && near(p.ns[3], 150.0),
           "planted", "not the times that were planted");
    forks_free(&row);
    sample(&row, FORKS, 1.1, 0.01, 2);
    expect(placements_of(&row.variant[0], &p) && p.spread.lo > 1.0 && p.spread.lo < 1.21 &&
               p.spread.hi > 1.21,
           "planted", "the interval does not hold what was planted");
    /* Of a process that was not everywhere nothing is taken. */
    row.fork[0].placed[9] = row.fork[0].placed[9 + PLACEMENTS] = 0;
    row.fork[0].placed[9 + 2 * PLACEMENTS] = 0;
    expect(placements_of(&row.variant[0], &p) && p.forks == FORKS - 1, "planted", "a gap counts");
    forks_free(&row);
    sample(&row, 1, 1.5, 0.0, 3);
    expect(placements_of(&row.variant[0], &p) && near(p.spread.at, 2.25) && isnan(p.spread.lo),
           "planted", "one process has no interval");
    forks_free(&row);
}

/* The largest of sixteen over the smallest is 1.07 and more in such noise. */
static void test_noise(void)
{
    enum { ROWS = 400 };
    static struct row row;
    struct placements p;
    double sum = 0.0;
    size_t found = 0;
    for (uint64_t seed = 1; seed <= ROWS; seed++) {
        sample(&row, FORKS, 1.0, 0.02, 1000 * seed);
        if (!placements_of(&row.variant[0], &p)) abort();
        sum += log(p.spread.at);
        found += p.spread.lo > 1.0;
        forks_free(&row);
    }
    const double bias = sum / ROWS;
    printf("of noise alone: spread %.4f, an interval above 1 in %zu of %d\n", exp(bias), found,
           ROWS);
    expect(fabs(bias) < 0.005, "noise", "worst over best is biased");
    expect(found < ROWS / 10, "noise", "placement is found to matter");
}

int main(void)
{
    test_design();
    for (size_t k = 0; k < kernel_count; k++)
        for (size_t i = 0; i < kernel_specs[k]->check_shape_count && i < 2; i++)
            test_row(kernel_specs[k], &kernel_specs[k]->check_shapes[i]);
    expect(moved > kernel_count, "all", "too few variants were placed");
    test_planted();
    test_noise();
    printf("%zu variants at %d placements, %zu failures\n", moved, PLACEMENTS, failures);
    return failures != 0;
}
