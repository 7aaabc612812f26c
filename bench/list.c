/* hinge list: every kernel, what it computes, where it runs, its oneDNN twin and the shapes that
 * are timed. */
#include <regex.h>
#include <stdio.h>

#include "commands.h"
#include "kernel.h"
#include "options.h"
#include "twin.h"

struct arguments {
    regex_t filter;
    bool filtered, shapes;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'f':
        if (parse_filter(arg, &a->filter) != STATUS_OK) argp_error(state, "%s", status_text());
        a->filtered = true;
        return 0;
    case 's':
        a->shapes = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_lanes(void)
{
    printf("lanes here:");
    for (int i = 0; i < ISA_PLUGIN; i++)
        printf(" %s%s", isa_name((enum isa)i), kernel_set((enum isa)i) ? "" : " (not on this CPU)");
    printf("; applications get %s\n\n", kernel_set_best()->name);
}

static void print_kernel(const struct kernel_spec *spec, bool shapes)
{
    const struct twin *twin = twin_of(spec->name);
    unsigned forms = 0;
    for (size_t i = 0; i < spec->bench_shape_count; i++)
        forms |= twin_forms(spec->name, &spec->bench_shapes[i]);
    printf("%-18s %s\n%18s checked at %zu shapes, timed at %zu; %s; %s", spec->name, spec->formula,
           "", spec->check_shape_count, spec->bench_shape_count,
           spec->same_words ? "same words on every lane" : "lanes may differ within the bound",
           forms ? "oneDNN:" : "no twin: ");
    for (int f = 0; f < FORM_COUNT; f++)
        if (forms >> f & 1u) printf(" %s", form_name((enum form)f));
    puts(forms ? "" : twin->none ? twin->none : "oneDNN has none of these shapes");
    for (size_t i = 0; shapes && i < spec->bench_shape_count; i++) {
        char name[160];
        case_name(spec, &spec->bench_shapes[i], name, sizeof name);
        printf("%18s %s\n", "", name);
    }
}

static const struct argp_option rows[] = {
    {"filter", 'f', "RE", 0, "only kernels whose name matches", 0},
    {"shapes", 's', NULL, 0, "also the shapes that `hinge bench --kernel` times", 0},
    {0}};
const struct argp list_argp = {
    .options = rows, .parser = parse, .doc = "List every kernel, its lanes and its oneDNN twin."};

int cmd_list(int argc, char **argv)
{
    struct arguments a = {.shapes = false};
    size_t shown = 0;
    argp_parse(&list_argp, argc, argv, 0, NULL, &a);
    print_lanes();
    for (size_t i = 0; i < kernel_count; i++) {
        if (a.filtered && regexec(&a.filter, kernel_specs[i]->name, 0, NULL, 0)) continue;
        print_kernel(kernel_specs[i], a.shapes);
        shown++;
    }
    if (a.filtered) regfree(&a.filter);
    if (shown) return STATUS_OK;
    fputs("hinge list: --filter matches no kernel\n", stderr);
    return STATUS_USAGE;
}
