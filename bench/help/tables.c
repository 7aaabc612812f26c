#include "help/help.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "commands.h"
#include "kernel.h"
#include "studies/studies.h"

/* ---- words with blanks between them */

struct words {
    char *text;
    size_t used;
};

static void add_part(struct words *w, const char *word, size_t length)
{
    const size_t blank = w->used > 0;
    assert(w->used + blank + length < HELP_WORDS_MAX);
    if (blank) w->text[w->used++] = ' ';
    memcpy(w->text + w->used, word, length);
    w->used += length;
    w->text[w->used] = '\0';
}

static void add(struct words *w, const char *word)
{
    add_part(w, word, strlen(word));
}

static void add_kernels(struct words *w)
{
    for (size_t i = 0; i < kernel_count; i++) add(w, kernel_specs[i]->name);
}

static void add_lanes(struct words *w)
{
    for (int i = 0; i < ISA_PLUGIN; i++) add(w, isa_name((enum isa)i));
}

static void add_studies(struct words *w)
{
    for (size_t i = 0; studies[i]; i++) add(w, studies[i]->name);
}

static void add_commands(struct words *w)
{
    for (const struct command *c = commands; c->name; c++)
        if (!(c->flags & COMMAND_HIDDEN)) add(w, c->name);
}

/* Those of a|b|c that can be typed as they are. */
static void add_choices(struct words *w, const char *arg)
{
    while (*arg) {
        const size_t length = strcspn(arg, "|");
        bool typed = length > 0;
        for (size_t i = 0; i < length; i++) typed = typed && !isupper((unsigned char)arg[i]);
        if (typed) add_part(w, arg, length);
        arg += length + (arg[length] == '|');
    }
}

/* ---- what may follow */

void help_values(const char *arg, struct help_values *out)
{
    static const struct {
        const char *name;
        enum help_kind kind;
        void (*add)(struct words *w);
    } known[] = {{"KERNEL", HELP_WORD, add_kernels},
                 {"LANE", HELP_WORD, add_lanes},
                 {"LANES", HELP_LIST, add_lanes},
                 {"STUDY", HELP_WORD, add_studies},
                 {"COMMAND", HELP_WORD, add_commands},
                 {"FILE", HELP_FILE, NULL},
                 {"OUT", HELP_FILE, NULL},
                 {"DIR", HELP_FOLDER, NULL}};
    struct words words = {out->words, 0};
    *out = (struct help_values){.kind = HELP_NOTHING};
    if (arg && strchr(arg, '|')) {
        out->kind = HELP_WORD;
        add_choices(&words, arg);
    }
    for (size_t i = 0; arg && i < sizeof known / sizeof *known; i++) {
        if (strcmp(arg, known[i].name) != 0) continue;
        out->kind = known[i].kind;
        if (known[i].add) known[i].add(&words);
    }
}

void help_operands(const struct argp *argp, struct help_values *out)
{
    char first[32];
    const char *from = argp->args_doc;
    *out = (struct help_values){.kind = HELP_NOTHING};
    if (!from) return;
    from += strspn(from, "[");
    snprintf(first, sizeof first, "%.*s", (int)strspn(from, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), from);
    help_values(first, out);
    if (out->kind == HELP_NOTHING) out->kind = HELP_FILE;
}

/* ---- options */

static size_t add_options(const struct argp *argp, struct help_option *out, size_t count)
{
    const struct argp_option *o = argp->options, *named = o;
    for (; o && (o->name || o->key || o->doc); o++) {
        assert(count < HELP_OPTIONS_MAX);
        if (!(o->flags & OPTION_ALIAS)) named = o;
        if ((named->flags | o->flags) & (OPTION_HIDDEN | OPTION_DOC)) continue;
        const bool heading = !o->name && !o->key;
        const bool letter = !heading && o->key > 0 && o->key < 128 && isprint(o->key);
        out[count++] = (struct help_option){.name = o->name,
                                            .letter = (char)(letter ? o->key : 0),
                                            .arg = heading ? NULL : named->arg,
                                            .doc = o->doc ? o->doc : named->doc};
    }
    for (const struct argp_child *c = argp->children; c && c->argp; c++)
        count = add_options(c->argp, out, count);
    return count;
}

size_t help_options(const struct argp *argp, struct help_option out[HELP_OPTIONS_MAX])
{
    static const struct argp_option added[] = {{"help", '?', NULL, 0, "give this help", 0},
                                               {"usage", 0, NULL, 0, "give a short usage", 0},
                                               {0}};
    static const struct argp adds = {.options = added};
    return add_options(&adds, out, add_options(argp, out, 0));
}

void help_option_words(const struct argp *argp, char text[HELP_WORDS_MAX])
{
    struct help_option option[HELP_OPTIONS_MAX];
    const size_t count = help_options(argp, option);
    struct words words = {text, 0};
    *text = '\0';
    for (size_t i = 0; i < count; i++) {
        char word[64];
        if (option[i].letter) add_part(&words, (const char[]){'-', option[i].letter}, 2);
        if (!option[i].name) continue;
        snprintf(word, sizeof word, "--%s", option[i].name);
        add(&words, word);
    }
}
