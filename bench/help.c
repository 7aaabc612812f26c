/* hinge help: the usage, or a command's; the same as man page and completions. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "commands.h"
#include "help/help.h"

enum { KEY_FORMAT = 256 };

struct arguments {
    const struct command *command; /* NULL: all */
    void (*print)(FILE *out);
};

enum { EXIT_SKIPPED = 77, EXIT_INTERRUPTED = 128 + SIGINT };

const struct help_exit help_exits[] = {
    {STATUS_OK, "fine"},
    {STATUS_REGRESSION, "a regression: slower, or more instructions"},
    {STATUS_WRONG, "a wrong result"},
    {STATUS_INCONCLUSIVE, "the noise allows no verdict"},
    {STATUS_USAGE, "usage"},
    {STATUS_DATA, "bad data in a file"},
    {STATUS_NO_INPUT, "no such input"},
    {STATUS_UNAVAILABLE, "a library or lane that is not here"},
    {STATUS_INTERNAL, "a defect of hinge"},
    {STATUS_OS, "out of memory or threads"},
    {STATUS_NO_OUTPUT, "cannot write"},
    {EXIT_SKIPPED, "check: no lane that was asked for runs here"},
    {EXIT_INTERRUPTED, "interrupted"},
    {0, NULL}};

const char help_about[] =
    "An OpenMP SIMD benchmark suite: ReLU layers on AVX2 and AVX-512, proved against f64 and\n"
    "oneDNN, timed across depth, width and initialization scale.";

void help_text(FILE *out)
{
    fprintf(out, "usage: hinge COMMAND [OPTION...]\n\n%s\n\n", help_about);
    for (const struct command *c = commands; c->name; c++)
        if (!(c->flags & COMMAND_HIDDEN)) fprintf(out, "  %-9s %s\n", c->name, c->does);
    fputs("\n`hinge COMMAND --help` lists the options of each.\n\nExit codes:\n", out);
    for (const struct help_exit *e = help_exits; e->means; e++)
        fprintf(out, "  %3d  %s\n", e->code, e->means);
}

static enum status parse_format(struct arguments *a, const char *text)
{
    static const struct {
        const char *name;
        void (*print)(FILE *out);
    } format[] = {{"text", help_text},
                  {"man", help_man},
                  {"bash", help_bash},
                  {"zsh", help_zsh},
                  {"fish", help_fish}};
    for (size_t i = 0; i < sizeof format / sizeof *format; i++)
        if (strcmp(text, format[i].name) == 0) {
            a->print = format[i].print;
            return STATUS_OK;
        }
    return fail(STATUS_USAGE, "--format %s: text, man, bash, zsh or fish", text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    enum status status = STATUS_OK;
    switch (key) {
    case KEY_FORMAT:
        status = parse_format(a, arg);
        break;
    case ARGP_KEY_ARG:
        if (a->command)
            status = fail(STATUS_USAGE, "one COMMAND, not also '%s'", arg);
        else if (!(a->command = command_find(arg)))
            status = fail(STATUS_USAGE, "no command '%s'; `hinge help` lists them", arg);
        break;
    case ARGP_KEY_END:
        if (a->command && a->print)
            status = fail(STATUS_USAGE, "--format is of all commands, not of one");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (status != STATUS_OK) argp_error(state, "%s", status_text());
    return 0;
}

static const struct argp_option rows[] = {{"format", KEY_FORMAT, "text|man|bash|zsh|fish", 0,
                                           "as text, as man page, or as completion of that shell",
                                           0},
                                          {0}};
const struct argp help_argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "[COMMAND]",
    .doc = "List the commands, or the options of one; or write the man page or a shell's "
           "completion, which are made of the same tables.\v"
           "What is installed has them in place. Without: `hinge help --format man | man -l -`, "
           "`source <(hinge help --format bash)`."};

int cmd_help(int argc, char **argv)
{
    static char of_command[64], option[] = "--help";
    struct arguments a = {.command = NULL};
    argp_parse(&help_argp, argc, argv, 0, NULL, &a);
    if (a.command) {
        snprintf(of_command, sizeof of_command, "%s", a.command->name);
        return command_run(a.command, 2, (char *[]){of_command, option, NULL});
    }
    (a.print ? a.print : help_text)(stdout);
    return STATUS_OK;
}
