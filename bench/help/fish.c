/* The completion for fish: a line for each command and each option. */
#include "commands.h"
#include "help/help.h"

/* Between single quotes. */
static void print_text(FILE *out, const char *text)
{
    fputc('\'', out);
    for (const char *c = text; *c; c++) {
        if (*c == '\'' || *c == '\\') fputc('\\', out);
        fputc(*c, out);
    }
    fputc('\'', out);
}

static void print_values(FILE *out, const struct help_values *v)
{
    switch (v->kind) {
    case HELP_NOTHING:
        fputs(" -x", out);
        break;
    case HELP_WORD:
        fprintf(out, " -x -k -a '%s'", v->words);
        break;
    case HELP_LIST:
        fprintf(out, " -x -k -a '(__fish_append , %s)'", v->words);
        break;
    case HELP_FILE:
        fputs(" -r -F", out);
        break;
    case HELP_FOLDER:
        fputs(" -x -a '(__fish_complete_directories)'", out);
        break;
    }
}

static void print_command(FILE *out, const struct command *c)
{
    struct help_option option[HELP_OPTIONS_MAX];
    const size_t count = help_options(c->argp, option);
    struct help_values values;
    for (size_t i = 0; i < count; i++) {
        const struct help_option *o = &option[i];
        if (!o->name && !o->letter) continue;
        fprintf(out, "complete -c hinge -n '__hinge_command %s'", c->name);
        if (o->letter) fprintf(out, " -s '%c'", o->letter);
        if (o->name) fprintf(out, " -l %s", o->name);
        if (o->arg) {
            help_values(o->arg, &values);
            print_values(out, &values);
        }
        fputs(" -d ", out);
        print_text(out, o->doc);
        fputc('\n', out);
    }
    help_operands(c->argp, &values);
    if (values.kind == HELP_NOTHING) return;
    fprintf(out, "complete -c hinge -n '__hinge_command %s'", c->name);
    if (values.kind == HELP_FILE)
        fputs(" -F\n", out);
    else
        fprintf(out, " -a '%s'\n", values.words);
}

void help_fish(FILE *out)
{
    fputs("# fish completion of hinge, made by `hinge help --format fish`.\n"
          "function __hinge_command -d 'true where the command is this one; without a name, where "
          "there is none yet'\n"
          "    set -l words (commandline -opc)\n"
          "    test \"$words[2]\" = \"$argv[1]\"\n"
          "end\n"
          "complete -c hinge -f\n"
          "complete -c hinge -n __hinge_command -l help -d 'list the commands'\n"
          "complete -c hinge -n __hinge_command -l version -d 'print the version'\n",
          out);
    for (const struct command *c = commands; c->name; c++) {
        if (c->flags & COMMAND_HIDDEN) continue;
        fprintf(out, "complete -c hinge -n __hinge_command -a %s -d ", c->name);
        print_text(out, c->does);
        fputc('\n', out);
        print_command(out, c);
    }
}
