/* The completion for bash: one function that needs nothing beside it. */
#include "commands.h"
#include "help/help.h"

/* The text between both sets what the word may become from the one before it: `takes`, and `words` to choose from. */
static const char head[] =
    "# bash completion of hinge, made by `hinge help --format bash`.\n"
    "_hinge() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    local takes=nothing words='' listed=''\n"
    "    # Bash makes three words of --grid=quick.\n"
    "    if [[ $word == = ]]; then\n"
    "        word=''\n"
    "    elif [[ $before == = ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n";

static const char tail[] =
    "    COMPREPLY=()\n"
    "    case $takes in\n"
    "    word) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\") ;;\n"
    "    list)\n"
    "        listed=${word%\"${word##*,}\"}\n"
    "        mapfile -t COMPREPLY < <(compgen -P \"$listed\" -W \"$words\" -- \"${word##*,}\")\n"
    "        compopt -o nospace 2>/dev/null\n"
    "        ;;\n"
    "    path) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
    "    folder) mapfile -t COMPREPLY < <(compgen -d -- \"$word\") ;;\n"
    "    esac\n"
    "    case $takes in\n"
    "    path | folder) compopt -o filenames 2>/dev/null ;;\n"
    "    esac\n"
    "    return 0\n"
    "}\n"
    "complete -o nosort -F _hinge hinge\n";

static void print_takes(FILE *out, const struct help_values *v)
{
    static const char *const takes[] = {[HELP_NOTHING] = "nothing",
                                        [HELP_WORD] = "word",
                                        [HELP_LIST] = "list",
                                        [HELP_FILE] = "path",
                                        [HELP_FOLDER] = "folder"};
    fprintf(out, "takes=%s", takes[v->kind]);
    if (*v->words) fprintf(out, " words='%s'", v->words);
}

static void print_command(FILE *out, const struct command *c)
{
    struct help_option option[HELP_OPTIONS_MAX];
    const size_t count = help_options(c->argp, option);
    struct help_values values;
    char names[HELP_WORDS_MAX];
    fprintf(out, "    %s)\n        case $before in\n", c->name);
    for (size_t i = 0; i < count; i++) {
        if (!option[i].arg) continue;
        fputs("        ", out);
        if (option[i].letter) fprintf(out, "-%c%s", option[i].letter, option[i].name ? " | " : "");
        if (option[i].name) fprintf(out, "--%s", option[i].name);
        fputs(") ", out);
        help_values(option[i].arg, &values);
        print_takes(out, &values);
        fputs(" ;;\n", out);
    }
    help_option_words(c->argp, names);
    help_operands(c->argp, &values);
    fputs("        *)\n            ", out);
    if (values.kind != HELP_NOTHING) {
        print_takes(out, &values);
        fputs("\n            [[ $word != -* ]] || ", out);
    }
    fprintf(out, "takes=word words='%s'\n            ;;\n        esac\n        ;;\n", names);
}

void help_bash(FILE *out)
{
    struct help_values names;
    help_values("COMMAND", &names);
    fputs(head, out);
    fprintf(out,
            "    if ((COMP_CWORD == 1)); then\n"
            "        takes=word words='%s --help --version'\n"
            "    else case ${COMP_WORDS[1]} in\n",
            names.words);
    for (const struct command *c = commands; c->name; c++)
        if (!(c->flags & COMMAND_HIDDEN)) print_command(out, c);
    fputs("    esac; fi\n", out);
    fputs(tail, out);
}
