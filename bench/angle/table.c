/* A run as text, in at most a hundred columns. */
#include <math.h>

#include "angle/angle.h"
#include "kernel.h"

static void head(FILE *out, const struct angle_run *run)
{
    const struct angle_request *ask = &run->ask;
    char text[ANGLE_TEXT];
    size_t fixed = 0;
    for (size_t l = 0; l < run->depth; l++)
        if (!run->row[l].trained) fixed += run->row[l].inputs * run->row[l].outputs;
    fprintf(out, "network  %s\n", angle_network_text(run, text));
    if (fixed)
        fprintf(out, "trained  %zu of %zu parameters: all but the embedding\n",
                run->parameters - fixed, run->parameters);
    else
        fprintf(out, "trained  all %zu parameters\n", run->parameters);
    fprintf(out, "input    %s\n", angle_input_text(run, text));
    fprintf(out, "loss     %s\n", angle_loss_text(run, text));
    fprintf(out, "rates    %s\n", angle_rates_text(run, text));
    fprintf(out, "kernels  %s, %d thread%s; seed %llu\n\n", ask->set->name, ask->threads,
            ask->threads > 1 ? "s" : "", (unsigned long long)ask->seed);
}

/* A dash where there is nothing to tell. */
static void cell(FILE *out, int width, const char *format, double x)
{
    char text[64];
    snprintf(text, sizeof text, format, x);
    fprintf(out, " %*s", width, isnan(x) ? "-" : text);
}

/* A NaN that was computed, whatever its sign. */
static void value(FILE *out, double x)
{
    char text[64];
    snprintf(text, sizeof text, "%.4g", x);
    fprintf(out, " %10s", isnan(x) ? "nan" : text);
}

static void line(FILE *out, size_t l, const struct angle_row *r)
{
    char shape[48];
    snprintf(shape, sizeof shape, "%zu x %zu", r->inputs, r->outputs);
    fprintf(out, "%5zu %13s", l, shape);
    cell(out, 9, "%.6f", r->cosine);
    cell(out, 8, "%.3f", angle_degrees(r));
    value(out, r->velocity_rms);
    value(out, r->backward);
    value(out, r->decay);
    value(out, r->decay_up_to);
    cell(out, 5, "%.0f%%", 100.0 * r->dead);
    cell(out, 8, "%.1e", r->gap);
    fputc('\n', out);
}

void angle_table(FILE *out, const struct angle_run *run, size_t every)
{
    char text[ANGLE_TEXT];
    size_t notes = 0;
    head(out, run);
    fprintf(out, "%5s %13s %9s %8s %10s %10s %10s %10s %5s %8s\n", "layer", "in x out", "cos",
            "theta", "rms df", "|b|", "decay", "up to it", "dead", "gap");
    for (size_t l = 1; l <= run->depth; l++)
        if (l == 1 || l == run->depth || l % every == 0) line(out, l, &run->row[l - 1]);
    for (; angle_note(run, notes, text); notes++) fprintf(out, "%s%s\n", notes ? "" : "\n", text);
    fputs(
        "\ncos, theta: between the feature updates df of one step and the backward pass b.\n"
        "rms df: of one feature. decay: of the loss, first order. dead: ReLU outputs that are 0.\n"
        "gap: of the feature speed formula |df| |b| cos = decay up to the layer, Frobenius norms;\n"
        "- inside a branch.\n",
        out);
}
