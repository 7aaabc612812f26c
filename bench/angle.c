/* hinge angle: the angle between feature updates and the backward pass at each layer of one network. */
#include <stdio.h>

#include "angle/arguments.h"
#include "commands.h"
#include "report/file.h"

static enum status carry_out(const struct angle_arguments *a, struct angle_run *run)
{
    if (!a->ask.set) return fail(STATUS_UNAVAILABLE, "--isa %s: not on this CPU", a->isa);
    if (a->json && file_writable(a->json) != STATUS_OK) return STATUS_NO_OUTPUT;
    if (a->figure && file_writable(a->figure) != STATUS_OK) return STATUS_NO_OUTPUT;
    enum status status = angle_open(run, &a->ask);
    if (status != STATUS_OK) return status;
    angle_measure(run);
    angle_table(stdout, run, (size_t)a->every);
    if (a->json) status = angle_json(run, a->json);
    if (a->figure && status == STATUS_OK) status = angle_figure(run, a->figure);
    return status;
}

int cmd_angle(int argc, char **argv)
{
    struct angle_arguments a = angle_defaults();
    struct angle_run run = {.file = {.input = {NULL, -1, 0}}};
    argp_parse(&angle_argp, argc, argv, 0, NULL, &a);
    const enum status status = carry_out(&a, &run);
    angle_close(&run);
    if (status != STATUS_OK) fprintf(stderr, "hinge angle: %s\n", status_text());
    return (int)status;
}
