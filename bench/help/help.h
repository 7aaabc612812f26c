/* help: the usage, and the man page and completions that are made of the tables of commands and options.
 *
 * What can follow an option is told by the name of its argument in the table:
 *
 *   a|b|c    one of these words; one with a capital letter stands for what cannot be listed
 *   KERNEL, LANE, STUDY, COMMAND    one of those that there are
 *   LANES    a list of lanes, with commas
 *   FILE, OUT    a path;  DIR    a folder
 *
 * and nothing under any other name. The first word of an args_doc tells what the command itself takes; there any other
 * name is a path.
 */
#ifndef HELP_HELP_H
#define HELP_HELP_H

#include <argp.h>
#include <stdio.h>

/* One row of a table. Of a heading only doc is set. */
struct help_option {
    const char *name; /* without its dashes; NULL: it has none */
    char letter;      /* '\0': it has none */
    const char *arg;  /* NULL: takes none */
    const char *doc;
};
enum { HELP_OPTIONS_MAX = 64, HELP_WORDS_MAX = 2048 };

/* Those of the command and of the parsers it has as children, then what argp adds to each; in the order of the
 * tables, without what is hidden or a text alone. Returns their number. */
size_t help_options(const struct argp *argp, struct help_option out[HELP_OPTIONS_MAX]);

enum help_kind { HELP_NOTHING, HELP_WORD, HELP_LIST, HELP_FILE, HELP_FOLDER };
struct help_values {
    enum help_kind kind;
    char words[HELP_WORDS_MAX]; /* of a word or a list: with blanks between them */
};
/* arg may be NULL. */
void help_values(const char *arg, struct help_values *out);
void help_operands(const struct argp *argp, struct help_values *out);

/* The names of all options of the command, as they are typed, with blanks between them. */
void help_option_words(const struct argp *argp, char words[HELP_WORDS_MAX]);

/* What the usage and the man page have in common: what hinge is, and its exit codes, {0, NULL} at the end. */
extern const char help_about[];
struct help_exit {
    int code;
    const char *means;
};
extern const struct help_exit help_exits[];

void help_text(FILE *out);
void help_man(FILE *out);
void help_bash(FILE *out);
void help_zsh(FILE *out);
void help_fish(FILE *out);

#endif
