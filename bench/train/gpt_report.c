/* A run as text, in at most a hundred columns. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "studies/record.h"
#include "train/gpt_run.h"

enum { ROWS = 15 }; /* of the table, where no loss of held-out tokens calls for them */

void gpt_report_head(const struct gpt_run *run)
{
    const struct gpt_trainer *t = &run->trainer;
    const struct gpt_settings *s = &t->settings;
    const struct gpt2_config *c = &s->config;
    printf("model    %zu layers of %zu channels, %zu heads, context %zu, vocabulary %zu: %zu "
           "parameters\n",
           c->layers, c->channels, c->heads, c->context, c->vocab, gpt2_parameters(c));
    printf("weights  %s, standard deviation %g; seed %zu\n", gpt2_rule_name(s->fresh.rule),
           s->fresh.std, (size_t)s->fresh.seed);
    printf("text     %.80s: %zu tokens, the last %zu held out\n", gpt_run_text(&run->ask),
           run->tokens.count, t->held_out.count);
    printf("steps    %zu of %zu x %zu tokens; AdamW, rate %g after %zu steps, %g at the end; clip "
           "%g\n",
           s->steps, s->batch, c->context, s->lr, s->warmup, s->lr * s->lr_end, s->clip);
    printf("memory   %.0f MiB beside the text's %.0f; %s, %d thread%s\n",
           gpt_trainer_bytes(s) / 0x1p20, (double)run->tokens.count / 0x1p19, t->set->name,
           t->threads, t->threads > 1 ? "s" : "");
    printf("folder   %s%s\n\n", run->ask.folder, run->ask.resume ? ", going on" : "");
    if (run->ask.resume) printf("%zu steps of %zu are done\n", t->done, s->steps);
    printf("%8s %9s %9s %9s %10s %9s %9s\n", "step", "loss", "held out", "|grad|", "rate",
           "tokens/s", "left");
    fflush(stdout);
}

/* Of all steps that are left, by those of this program. */
static double seconds_left(const struct gpt_run *run, double now)
{
    const size_t done = run->trainer.done;
    return (now - run->start) / (double)(done - run->began) *
           (double)(run->trainer.settings.steps - done);
}

static void print_row(struct gpt_run *run, bool measured, double now)
{
    const struct gpt_settings *s = &run->trainer.settings;
    const size_t step = run->trainer.done;
    const double tokens = (double)((step - run->row) * s->batch * s->config.context);
    char held[16] = "-", left[16];
    if (measured) snprintf(held, sizeof held, "%.4f", run->held_out);
    progress_clear();
    printf("%8zu %9.4f %9s %9.3g %10.3g %9.0f %9s\n", step, run->outcome.loss, held,
           run->outcome.norm, run->outcome.rate, tokens / (now - run->row_seconds),
           step < s->steps ? human_seconds(seconds_left(run, now), left) : "-");
    fflush(stdout);
    run->row = step;
    run->row_seconds = now;
}

static void print_progress(struct gpt_run *run, double now)
{
    const double at_least_apart = 0.1;
    const struct gpt_settings *s = &run->trainer.settings;
    const size_t done = run->trainer.done;
    char left[16];
    if (!isatty(STDERR_FILENO) || now < run->shown + at_least_apart) return;
    run->shown = now;
    fprintf(stderr, "\r\033[Kstep %zu of %zu, loss %.4f, %.0f tokens/s, %s left", done, s->steps,
            run->outcome.loss,
            (double)((done - run->began) * s->batch * s->config.context) / (now - run->start),
            human_seconds(seconds_left(run, now), left));
}

void gpt_report_step(struct gpt_run *run, bool measured)
{
    const struct gpt_trainer *t = &run->trainer;
    const size_t step = t->done, steps = t->settings.steps, apart = (steps + ROWS - 1) / ROWS;
    const bool measures = t->held_out.count > 0 && t->settings.held_out_every > 0;
    const bool row = measures ? measured : step % apart == 0;
    const double now = clock_seconds();
    if (row || step == steps)
        print_row(run, measured, now);
    else
        print_progress(run, now);
}

/* ---- bands */

/* In units of 1e-4: four digits of what lies about 0.02. */
static void print_band(const struct band *b)
{
    char tau[16] = "-", band[24];
    if (!isnan(b->tau)) snprintf(tau, sizeof tau, "%.0f", b->tau);
    snprintf(band, sizeof band, "%.0f..%.0f%s", 1e4 * b->lo, 1e4 * b->hi, b->settled ? "" : "*");
    printf("  %5.0f %5.0f %11s %5s", 1e4 * b->start, 1e4 * b->level, band, tau);
}

void gpt_report_bands(const struct gpt_run *run)
{
    static const enum gpt2_part shown[] = {GPT2_PART_Q, GPT2_PART_K, GPT2_PART_V};
    enum { SHOWN = sizeof shown / sizeof *shown };
    const struct gpt_history *h = &run->history;
    if (!gpt_history_has_bands(h)) {
        printf("\nno bands: they take %d records of the weights in the last quarter of the steps\n",
               BAND_RECORDS);
        return;
    }
    printf("\nStandard deviations of weights, in 1e-4\n%5s", "");
    for (int i = 0; i < SHOWN; i++) printf("  %c%28s", "QKV"[i], "");
    printf("\n%5s", "layer");
    for (int i = 0; i < SHOWN; i++) printf("  %5s %5s %11s %5s", "start", "level", "band", "tau");
    for (size_t l = 0; l < h->config.layers; l++) {
        printf("\n%5zu", l);
        for (int i = 0; i < SHOWN; i++) {
            const struct band band = gpt_history_band(h, shown[i], l);
            print_band(&band);
        }
    }
    printf("\n\nlevel, band: mean, least and greatest of the last quarter of the steps; * not "
           "settled, wider than\n%.0f %% of the level. tau: the step from which on 1/e of the way "
           "is left; "
           "- it went no further than\nthe band is wide.\n",
           100.0 * BAND_WIDTH);
}
