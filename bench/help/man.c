/* The man page, in the macros of man(7). */
#include <stdbool.h>
#include <string.h>

#include "commands.h"
#include "commit.h"
#include "help/help.h"

struct entry {
    const char *term, *text;
};

static const struct entry environment[] = {
    {"HINGE_DATA", "a folder with digits.csv.gz, the inputs of chains, and with wine.csv.gz and "
                   "moby-dick.txt.gz, "
                   "which studies and train take, instead of the installed one"},
    {"HINGE_ISA",
     "the lane that angle, model and study run on, and programs on the library with "
     "kernel_set_best(): scalar, model, omp_avx2, omp_avx512, avx2 or avx512, instead of the best "
     "that runs here"},
    {"HINGE_EMULATED", "1: check calls every lane emulated"},
    {"OMP_NUM_THREADS", "the most threads that are used"},
    {"OMP_PROC_BIND, OMP_PLACES, OMP_WAIT_POLICY, OMP_DYNAMIC",
     "commands that measure set those that are not set to close, cores, active and false, and "
     "start themselves again; result files say what held. check, hash and selftest do the same "
     "with OMP_WAIT_POLICY=passive alone"}};

static const struct entry files[] = {
    {"results/runs/DATE.json",
     "in the current folder: what bench writes unless --json names a file or --no-json is given; "
     "results/schema.json of the documentation describes it"},
    {"results/runs/DATE.json.part",
     "the journal of such a run, gone when it has ended: bench --resume goes on with it"},
    {"results/studies/STUDY-SIZE.json, results/studies/STUDY-SIZE/",
     "in the current folder: what study writes of sizes other than smoke"},
    {"train-gpt/", "in the current folder: what train writes unless -o names another"},
    {"~/.cache/hinge/ab/", "the builds of ab --git and --bisect, a folder a commit"},
    {"~/.cache/hinge/history.db", "what history has read. What lies in ~/.cache/hinge can be "
                                  "deleted at any time; XDG_CACHE_HOME "
                                  "names another folder than ~/.cache"},
    {"../share/hinge/digits.csv.gz", "as seen from the program: the inputs of chains"},
    {"../share/hinge/wine.csv.gz",
     "those of a study, as are, where they are, the files of mnist/"}};

static const struct entry examples[] = {
    {"hinge bench", "the main job: chains of layers on this machine, against oneDNN"},
    {"hinge bench --kernel dense_fwd --batch 1,32 --width 256,1024", "one kernel at these shapes"},
    {"hinge check --kernel relu_fwd --isa avx2", "is one kernel right on one lane?"},
    {"hinge info --json machine.json", "this machine, for a program"},
    {"hinge study feature-speed --size smoke", "a paper's claims in seconds"}};

/* ---- roff */

/* A word as it is: every - as one that can be typed again; . and ' at the start of a line are requests. */
static void print_word(FILE *out, const char *word, size_t length, bool first)
{
    if (first && strchr(".'", *word)) fputs("\\&", out);
    for (size_t i = 0; i < length; i++) {
        if (word[i] == '-' || word[i] == '\\')
            fputs(word[i] == '-' ? "\\-" : "\\e", out);
        else
            fputc(word[i], out);
    }
}

/* Lines of up to 72 columns and of one sentence; an empty line ends a paragraph. */
static void print_text(FILE *out, const char *text, size_t length)
{
    enum { COLUMNS = 72 };
    const char *const end = text + length;
    size_t column = 0;
    while (text < end) {
        if (text + 1 < end && strncmp(text, "\n\n", 2) == 0) {
            fputs("\n.PP\n", out);
            column = 0;
        }
        if (*text == ' ' || *text == '\n') {
            text++;
            continue;
        }
        size_t word = 0;
        while (text + word < end && text[word] != ' ' && text[word] != '\n') word++;
        if (column && (text[-2] == '.' || column + word > COLUMNS)) {
            fputc('\n', out);
            column = 0;
        }
        if (column++) fputc(' ', out);
        print_word(out, text, word, column == 1);
        column += word;
        text += word;
    }
    fputc('\n', out);
}

static void print_entries(FILE *out, const char *heading, const struct entry *entry, size_t count)
{
    fprintf(out, ".SH %s\n", heading);
    for (size_t i = 0; i < count; i++) {
        fputs(".TP\n.B ", out);
        print_word(out, entry[i].term, strlen(entry[i].term), false);
        fputc('\n', out);
        print_text(out, entry[i].text, strlen(entry[i].text));
    }
}

static void print_option(FILE *out, const struct help_option *o)
{
    if (!o->name && !o->letter) {
        fputs(".PP\n", out);
        print_text(out, o->doc, strlen(o->doc));
        return;
    }
    fputs(".TP\n", out);
    if (o->letter) fprintf(out, "\\fB\\-%c\\fR%s", o->letter, o->name ? ", " : "");
    if (o->name) {
        fputs("\\fB\\-\\-", out);
        print_word(out, o->name, strlen(o->name), false);
        fputs("\\fR", out);
    }
    if (o->arg) {
        fputs("=\\fI", out);
        print_word(out, o->arg, strlen(o->arg), false);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    print_text(out, o->doc, strlen(o->doc));
}

/* Each line of args_doc is a way to call it. */
static void print_usage(FILE *out, const struct command *c)
{
    const char *from = c->argp->args_doc ? c->argp->args_doc : "";
    do {
        const size_t length = strcspn(from, "\n");
        fprintf(out, "%s\\fBhinge %s\\fR [\\fIOPTION\\fR...]%s",
                from == c->argp->args_doc || !*from ? ".PP\n" : ".br\n", c->name,
                length ? " " : "");
        print_word(out, from, length, false);
        fputc('\n', out);
        from += length + (from[length] == '\n');
    } while (*from);
}

static void print_command(FILE *out, const struct command *c)
{
    struct help_option option[HELP_OPTIONS_MAX];
    const size_t count = help_options(c->argp, option);
    const char *doc = c->argp->doc;
    const size_t before = strcspn(doc, "\v");
    fprintf(out, ".SS %s\n", c->name);
    print_text(out, doc, before);
    print_usage(out, c);
    for (size_t i = 0; i < count; i++) print_option(out, &option[i]);
    if (!doc[before]) return;
    fputs(".PP\n", out);
    print_text(out, doc + before + 1, strlen(doc + before + 1));
}

void help_man(FILE *out)
{
    fputs(".\\\" Made by `hinge help --format man`.\n"
          ".TH HINGE 1 \"" HINGE_DATE "\" \"hinge " HINGE_VERSION "\" \"User Commands\"\n"
          ".SH NAME\n"
          "hinge \\- an OpenMP SIMD benchmark suite\n"
          ".SH SYNOPSIS\n"
          ".B hinge\n"
          ".I COMMAND\n"
          "[\\fIOPTION\\fR...]\n"
          ".br\n"
          ".B hinge \\-\\-help\n"
          ".br\n"
          ".B hinge \\-\\-version\n"
          ".SH DESCRIPTION\n",
          out);
    print_text(out, help_about, strlen(help_about));
    for (const struct command *c = commands; c->name; c++) {
        if (c->flags & COMMAND_HIDDEN) continue;
        fprintf(out, ".TP\n.B %s\n", c->name);
        print_text(out, c->does, strlen(c->does));
    }
    fputs(".SH COMMANDS\n", out);
    for (const struct command *c = commands; c->name; c++)
        if (!(c->flags & COMMAND_HIDDEN)) print_command(out, c);
    fputs(".SH EXIT STATUS\n", out);
    for (const struct help_exit *e = help_exits; e->means; e++)
        fprintf(out, ".TP\n.B %d\n%s\n", e->code, e->means);
#define ENTRIES(heading, table) print_entries(out, heading, table, sizeof table / sizeof *table)
    ENTRIES("ENVIRONMENT", environment);
    ENTRIES("FILES", files);
    ENTRIES("EXAMPLES", examples);
#undef ENTRIES
}
