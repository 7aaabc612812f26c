#include "studies/init_variance/asked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "studies/init_variance/grid.h"

enum { KEY_PARTS = 0x4000, KEY_MNIST, KEY_POINTS, KEY_REPEATS };

const char *const init_variance_parts[] = {"scales", "plane", "schemes", "laws", "gpt", NULL};

struct init_variance_asked init_variance_asked;

static const struct argp_option rows[] = {
    {"parts", KEY_PARTS, "LIST", 0, "of it: scales, plane, schemes, laws, gpt", 0},
    {"mnist", KEY_MNIST, "DIR", 0,
     "a folder with MNIST's four IDX files (that to which `./run data` brings them)", 0},
    {"points", KEY_POINTS, "N", 0, "standard deviations from 1e-4 to 10, 13 to 101 (21)", 0},
    {"repeats", KEY_REPEATS, "N", 0,
     "seeds of each MLP, 2 to 50 (3; 5 of the plane; 5 or 10 of schemes)", 0},
    {0}};

static enum status parse_parts(const char *text, unsigned *to)
{
    *to = 0;
    for (const char *at = text; *at;) {
        const size_t length = strcspn(at, ",");
        size_t i = 0;
        while (init_variance_parts[i] && (strlen(init_variance_parts[i]) != length ||
                                          strncmp(init_variance_parts[i], at, length) != 0))
            i++;
        if (length && !init_variance_parts[i])
            return fail(STATUS_USAGE, "--parts %.*s: of scales, plane, schemes, laws, gpt",
                        (int)length, at);
        if (length) *to |= 1u << i;
        at += length;
        at += *at == ',';
    }
    return *to ? STATUS_OK : fail(STATUS_USAGE, "--parts '%s': none", text);
}

static enum status parse_size(const char *option, const char *text, uint64_t least, uint64_t most,
                              size_t *to)
{
    uint64_t value = 0;
    const enum status status = parse_count(option, text, least, most, &value);
    *to = (size_t)value;
    return status;
}

static const char *first; /* option that was given */

const char *init_variance_given(void)
{
    return first;
}

/* What the rows hang on, for their head: not the folder of the same files. */
static void note(struct init_variance_asked *o, const char *option, const char *arg)
{
    const size_t used = strlen(o->text);
    snprintf(o->text + used, sizeof o->text - used, "%s--%s %s", used ? " " : "", option, arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct init_variance_asked *o = &init_variance_asked;
    enum status status = STATUS_OK;
    switch (key) {
    case KEY_PARTS:
        status = parse_parts(arg, &o->parts);
        break;
    case KEY_MNIST:
        o->mnist = arg;
        break;
    case KEY_POINTS:
        status = parse_size("--points", arg, GRID_LEAST, GRID_MOST, &o->points);
        break;
    case KEY_REPEATS:
        status = parse_size("--repeats", arg, 2, DRAWS_MOST, &o->repeats);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (status != STATUS_OK) argp_error(state, "%s", status_text());
    const char *option = rows[key - KEY_PARTS].name;
    if (!first) first = option;
    if (key != KEY_MNIST) note(o, option, arg);
    return 0;
}

const struct argp init_variance_argp = {.options = rows, .parser = parse};
