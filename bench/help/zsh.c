/* The completion for zsh: _arguments of each command. */
#include <stdbool.h>
#include <string.h>

#include "commands.h"
#include "help/help.h"

/* In a specification that stands between single quotes. */
static void print_text(FILE *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\'')
            fputs("'\\''", out);
        else if (strchr("[]:\\", *c))
            fprintf(out, "\\%c", *c);
        else
            fputc(*c, out);
    }
}

static void print_action(FILE *out, const char *message, const struct help_values *v)
{
    fputc(':', out);
    print_text(out, message);
    fputc(':', out);
    switch (v->kind) {
    case HELP_NOTHING:
        fputc(' ', out); /* shows the message, completes nothing */
        break;
    case HELP_WORD:
        fprintf(out, "(%s)", v->words);
        break;
    case HELP_LIST:
        fprintf(out, "_values -s , list %s", v->words);
        break;
    case HELP_FILE:
        fputs("_files", out);
        break;
    case HELP_FOLDER:
        fputs("_files -/", out);
        break;
    }
}

static void print_option(FILE *out, const struct help_option *o)
{
    struct help_values values;
    const bool both = o->letter && o->name;
    fputs("                ", out);
    if (both)
        fprintf(out, "'(-%c --%s)'{-%c%s,--%s%s}", o->letter, o->name, o->letter, o->arg ? "+" : "",
                o->name, o->arg ? "=" : "");
    fputc('\'', out);
    if (!both && o->letter) fprintf(out, "-%c%s", o->letter, o->arg ? "+" : "");
    if (!both && o->name) fprintf(out, "--%s%s", o->name, o->arg ? "=" : "");
    fputc('[', out);
    print_text(out, o->doc);
    fputc(']', out);
    if (o->arg) {
        help_values(o->arg, &values);
        print_action(out, o->arg, &values);
    }
    fputs("' \\\n", out);
}

static void print_command(FILE *out, const struct command *c)
{
    struct help_option option[HELP_OPTIONS_MAX];
    const size_t count = help_options(c->argp, option);
    struct help_values values;
    fprintf(out, "        %s)\n            _arguments -s \\\n", c->name);
    for (size_t i = 0; i < count; i++)
        if (option[i].name || option[i].letter) print_option(out, &option[i]);
    help_operands(c->argp, &values);
    if (values.kind == HELP_NOTHING) {
        fputs("                && return\n            ;;\n", out);
        return;
    }
    char first[64]; /* of the lines, each a way to call it */
    snprintf(first, sizeof first, "%.*s", (int)strcspn(c->argp->args_doc, "\n"), c->argp->args_doc);
    fputs("                '*", out);
    print_action(out, first, &values);
    fputs("' && return\n            ;;\n", out);
}

void help_zsh(FILE *out)
{
    fputs("#compdef hinge\n"
          "# zsh completion of hinge, made by `hinge help --format zsh`.\n"
          "_hinge() {\n"
          "    local curcontext=$curcontext state line\n"
          "    typeset -A opt_args\n"
          "    local -a names=(\n",
          out);
    for (const struct command *c = commands; c->name; c++) {
        if (c->flags & COMMAND_HIDDEN) continue;
        fprintf(out, "        '%s:", c->name);
        print_text(out, c->does);
        fputs("'\n", out);
    }
    fputs("    )\n"
          "    _arguments -C \\\n"
          "        '(- *)--help[list the commands]' \\\n"
          "        '(- *)--version[print the version]' \\\n"
          "        '1:command:->command' \\\n"
          "        '*::argument:->argument' && return\n"
          "    case $state in\n"
          "    command) _describe command names && return ;;\n"
          "    argument)\n"
          "        case $words[1] in\n",
          out);
    for (const struct command *c = commands; c->name; c++)
        if (!(c->flags & COMMAND_HIDDEN)) print_command(out, c);
    fputs("        esac\n"
          "        ;;\n"
          "    esac\n"
          "    return 1\n"
          "}\n"
          "_hinge \"$@\"\n",
          out);
}
