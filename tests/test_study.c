/* The framework of studies over studies of its own. Without arguments: what a claim comes to. `test_study study
 * ...`: `hinge study` over these studies, which studies.py drives. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "studies/record.h"

static int failures;

static void is(const char *what, bool truth)
{
    if (truth) return;
    fprintf(stderr, "not so: %s\n", what);
    failures++;
}

/* ---- studies: one of each outcome, one that is interrupted, one that fails */

static const struct claim claims[] = {
    {"T-1", "the mean of five draws", "derived", {2.9, 3.1}},
    {"T-2",
     "a claim in more words than its column has room for, with <signs> & \"quotes\", so that "
     "it is set in several lines",
     "figure 2",
     {0.0, 1e-5}},
    {"T-3", "what did not fit", "abstract", {-INFINITY, 1.0}},
    {"T-4", "open above", "abstract", {0.5, INFINITY}},
    {"T-5", "what blew up", "abstract", {0.5, INFINITY}},
    {"T-6", "another size, other bounds", "derived", {-1.2345678e-5, 1.2345678e-5}},
    {"T-7", "never recorded", "derived", {0.0, 1.0}},
    {"T-8", "a NaN", "derived", {0.0, 1.0}},
};

static void record_figures(struct study_run *run)
{
    const double x[] = {1.0, 2.0, 4.0, 8.0}, y[] = {1.0, 0.5, NAN, 0.125};
    const double lo[] = {0.9, 0.4, NAN, 0.1}, hi[] = {1.1, 0.6, INFINITY, 0.15};
    const double z[] = {1.0, 2.0, 3.0, NAN, 5.0, 6.0, 7.0, 8.0};
    study_series(run, &(struct series){.name = "measured",
                                       .x_name = "depth",
                                       .y_name = "time <spent> & \"lost\"",
                                       .y_unit = "s",
                                       .x = x,
                                       .y = y,
                                       .lo = lo,
                                       .hi = hi,
                                       .count = 4});
    study_series(
        run,
        &(struct series){
            .name = "theory", .x_name = "depth", .y_name = "time", .x = x, .y = hi, .count = 4});
    const struct figure_curve curves[] = {
        {.series = "measured", .label = "measured"},
        {.series = "theory", .label = "1 / depth", .style = SVG_REFERENCE}};
    study_figure(run, "depth",
                 &(struct figure){.title = "Time & depth",
                                  .x = {.log = true},
                                  .y = {.log = true},
                                  .curves = curves,
                                  .count = 2});
    study_heat(run, "surface",
               &(struct svg_heat){.title = "Time over depth and width",
                                  .x = {.label = "depth"},
                                  .y = {.label = "width"},
                                  .z = {.label = "time, s"},
                                  .at_x = x,
                                  .at_y = x,
                                  .at_z = z,
                                  .columns = 4,
                                  .rows = 2});
}

static void record_table(struct study_run *run)
{
    const char *const columns[] = {"layers", "share"}, *const labels[] = {"narrow", "a wider one"};
    const double cells[] = {12.0, 0.123456, 1234567.0, NAN};
    study_table(run, &(struct study_table){.name = "sizes",
                                           .title = "Sizes",
                                           .label = "network",
                                           .columns = columns,
                                           .column_count = 2,
                                           .labels = labels,
                                           .cells = cells,
                                           .rows = 2});
}

static enum status toy(struct study_run *run)
{
    const double draws[] = {1.0, 2.0, 3.0, 4.0, 5.0};
    const struct bounds wide = {-2.0, 2.0};
    study_progress(run, 1.0, 2.0, "drawing");
    study_claim(run, "T-1", &(struct outcome){.measured = stats_mean(draws, 5), .samples = 5});
    study_claim_value(run, "T-2", 1.000001e-5, 64, "one layer of 64");
    study_out_of_reach(run, "T-3", "needs 1.1 GiB, 1.0 are free");
    study_claim_value(run, "T-4", 7.0, 1, "replaced");
    study_claim_value(run, "T-4", 0.5, 1, NULL);
    study_claim_value(run, "T-5", INFINITY, 1, NULL);
    study_claim(run, "T-6", &(struct outcome){.measured = {1.5, NAN, NAN}, .expected = &wide});
    study_claim_value(run, "T-8", NAN, 1, NULL);
    record_figures(run);
    record_table(run);
    return STATUS_OK;
}

static enum status interrupted(struct study_run *run)
{
    study_claim_value(run, "T-1", 3.0, 1, NULL);
    raise(SIGINT);
    if (study_interrupted(run)) return STATUS_OK;
    study_claim_value(run, "T-4", 1.0, 1, NULL);
    return STATUS_OK;
}

static enum status failing(struct study_run *run)
{
    study_claim_value(run, "T-1", 3.0, 1, NULL);
    return fail(STATUS_OS, "no memory for 7 layers");
}

#define STUDY(of, does)                                                                            \
    static const struct study study_##of = {.name = #of,                                           \
                                            .title = "a study of " #of,                            \
                                            .source = "nobody, 2024",                              \
                                            .claims = claims,                                      \
                                            .claim_count = sizeof claims / sizeof *claims,         \
                                            .seconds = {0.01, 75.0, 7200.0},                       \
                                            .run = does};
STUDY(toy, toy)
STUDY(stopped, interrupted)
STUDY(failing, failing)
static const struct study *const rows[] = {&study_toy, &study_stopped, &study_failing, NULL};

/* ---- units */

static void judging(void)
{
    const struct bounds unit = {0.0, 1.0}, above = {0.5, INFINITY}, below = {-INFINITY, 0.5};
    is("inside", claim_judge(unit, 0.5) == CONFIRMED);
    is("bounds belong", claim_judge(unit, 0.0) == CONFIRMED && claim_judge(unit, 1.0) == CONFIRMED);
    is("outside", claim_judge(unit, -1e-9) == REFUTED && claim_judge(unit, 1.0 + 1e-9) == REFUTED);
    is("NaN", claim_judge(unit, NAN) == OUT_OF_REACH);
    is("open above", claim_judge(above, 1e300) == CONFIRMED && claim_judge(above, 0.4) == REFUTED);
    is("open below", claim_judge(below, -1e300) == CONFIRMED && claim_judge(below, 0.6) == REFUTED);
    is("what blew up",
       claim_judge(above, INFINITY) == REFUTED && claim_judge(below, -INFINITY) == REFUTED);
}

static void times(void)
{
    char text[16];
    is("2 s", strcmp(human_seconds(2.0, text), "2 s") == 0);
    is("0.012 s", strcmp(human_seconds(0.012, text), "0.012 s") == 0);
    is("43 s", strcmp(human_seconds(43.2, text), "43 s") == 0);
    is("4.2 min", strcmp(human_seconds(250.0, text), "4.2 min") == 0);
    is("75 min", strcmp(human_seconds(4500.0, text), "75 min") == 0);
    is("3.0 h", strcmp(human_seconds(10800.0, text), "3.0 h") == 0);
}

int main(int argc, char **argv)
{
    static char title[] = "hinge study";
    if (argc > 1) {
        argv[1] = title;
        return study_command(rows, argc - 1, argv + 1);
    }
    judging();
    times();
    return failures ? 2 : 0;
}
