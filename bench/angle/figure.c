/* A run as a figure: cos(theta) over the layers, beside what theory says. */
#include <math.h>
#include <stdlib.h>

#include "angle/angle.h"
#include "report/file.h"
#include "report/svg.h"

static char *draw(const struct angle_run *run, double *x, double *cosine, double *law)
{
    char title[64];
    bool lawful = false;
    for (size_t l = 1; l <= run->depth; l++) {
        x[l - 1] = (double)l;
        cosine[l - 1] = run->row[l - 1].cosine;
        law[l - 1] = angle_law(run, l);
        lawful = lawful || !isnan(law[l - 1]);
    }
    const char *kind = run->ask.weights  ? "An MLP from a file"
                       : run->ask.resnet ? "A fresh ResNet"
                                         : "A fresh MLP";
    snprintf(title, sizeof title, "%s of %zu layers", kind, run->depth);
    const char *label = run->ask.plan.batch > 1
                            ? "sqrt(3n/(2n² + 1)) times the batch's factor, n trained layers"
                            : "sqrt(3n/(2n² + 1)), n trained layers";
    const struct svg_curve curve[] = {
        {.label = label, .style = SVG_REFERENCE, .x = x, .y = law, .count = run->depth},
        {.label = "this network", .style = SVG_LINE, .x = x, .y = cosine, .count = run->depth}};
    const size_t first = lawful ? 0 : 1;
    return svg_lines(&(struct svg_lines){.title = title,
                                         .x = {.label = "layer", .log = true},
                                         .y = {.label = "cos(theta)", .log = true},
                                         .curve = curve + first,
                                         .curves = 2 - first});
}

enum status angle_figure(const struct angle_run *run, const char *path)
{
    double *x = malloc(3 * run->depth * sizeof *x);
    char *text = x ? draw(run, x, x + run->depth, x + 2 * run->depth) : NULL;
    const enum status status =
        text ? file_write(path, text) : fail(STATUS_OS, "no memory for the figure %s", path);
    free(text);
    free(x);
    return status;
}
