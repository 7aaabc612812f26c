/* arguments: the command line of `hinge compare`. */
#ifndef COMPARE_ARGUMENTS_H
#define COMPARE_ARGUMENTS_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "compare/columns.h"

enum { COMPARE_FILES_MAX = 64 };

struct compare_arguments {
    const char *path[COMPARE_FILES_MAX], *calibration[COMPARE_FILES_MAX], *card[COMPARE_FILES_MAX];
    size_t paths, calibrations, cards;
    enum axis by; /* AXIS_COUNT: none */
    regex_t filter;
    bool filtered, force, machines, verbose;
    const char *variants; /* NULL: every lane */
    const char *markdown, *json, *junit;
    double least; /* --min-effect, the log of a ratio */
};

/* A bad command line prints a sentence and exits with STATUS_USAGE. a->filter is to be freed where a->filtered. */
void compare_arguments_parse(struct compare_arguments *a, int argc, char **argv);

/* Of a row, with the arguments as ctx: whether --filter and --variant let it through; whether --variant names it. */
bool compare_arguments_match(const void *ctx, const struct read_row *row);
bool compare_arguments_named(const void *ctx, const struct read_row *row);

#endif
