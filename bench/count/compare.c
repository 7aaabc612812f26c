#include "compare.h"

#include <stdlib.h>
#include <string.h>

const char *change_name(enum change change)
{
    static const char *const name[] = {
        [CHANGE_GREW] = "grew", [CHANGE_GONE] = "gone", [CHANGE_VARIES] = "varies",
        [CHANGE_MORE] = "more", [CHANGE_FELL] = "fell", [CHANGE_NEW] = "new",
        [CHANGE_SAME] = "same"};
    return name[change];
}

double compared_growth(const struct compared *c)
{
    return 100.0 * ((double)c->is / (double)c->was - 1.0);
}

bool selection_has(const struct baseline_row *row, const void *selection)
{
    const struct selection *s = selection;
    const size_t kernel = strcspn(row->name, "/");
    bool threads = false;
    for (size_t t = 0; t < s->options->thread_count; t++)
        threads = threads || s->options->threads[t] == row->threads;
    return threads && strcmp(row->compiler, s->compiler) == 0 &&
           (s->options->isas & COUNT_LANES & 1u << row->isa) &&
           (!s->kernel || (strlen(s->kernel->name) == kernel &&
                           strncmp(row->name, s->kernel->name, kernel) == 0)) &&
           options_match(s->options, row->name);
}

static enum change judge(const struct compared *c, const struct count_row *row, double tolerance)
{
    if (!count_exact(row)) return CHANGE_VARIES;
    if (!c->was) return CHANGE_NEW;
    if (c->is == c->was) return CHANGE_SAME;
    if (c->is < c->was) return CHANGE_FELL;
    return compared_growth(c) > tolerance ? CHANGE_GREW : CHANGE_MORE;
}

static void add(struct comparison *c, struct compared one)
{
    c->at[c->count++] = one;
    c->of[one.change]++;
}

static bool counted(const struct count_rows *rows, const struct baseline_row *kept)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->at[i].isa == kept->isa && rows->at[i].threads == kept->threads &&
            strcmp(rows->at[i].name, kept->name) == 0)
            return true;
    return false;
}

enum status compare(struct comparison *c, const struct count_rows *rows, const struct baseline *b,
                    const struct selection *selection)
{
    c->at = calloc(rows->count + b->count, sizeof *c->at);
    if (!c->at) return fail(STATUS_OS, "no memory to compare %zu counts", rows->count);
    for (size_t i = 0; i < rows->count; i++) {
        const struct count_row *row = &rows->at[i];
        const struct baseline_row *kept = baseline_find(b, c->compiler, row);
        struct compared one = {.name = row->name,
                               .isa = row->isa,
                               .threads = row->threads,
                               .was = kept ? kept->instructions : 0,
                               .is = row->reading[0],
                               .other = row->reading[1]};
        one.change = judge(&one, row, c->tolerance);
        add(c, one);
    }
    for (size_t i = 0; i < b->count; i++) {
        const struct baseline_row *kept = &b->at[i];
        c->same_compiler = c->same_compiler || strcmp(kept->compiler, c->compiler) == 0;
        if (selection_has(kept, selection) && !counted(rows, kept))
            add(c, (struct compared){.name = kept->name,
                                     .isa = kept->isa,
                                     .threads = kept->threads,
                                     .was = kept->instructions,
                                     .change = CHANGE_GONE});
    }
    return STATUS_OK;
}

void comparison_free(struct comparison *c)
{
    free(c->at);
    c->at = NULL;
}

enum status comparison_verdict(const struct comparison *c)
{
    if (c->of[CHANGE_GREW] || c->of[CHANGE_GONE]) return STATUS_REGRESSION;
    if (c->kept_in && !c->same_compiler)
        return fail(STATUS_UNAVAILABLE,
                    "nothing was compared: %s has no counts of this build, %s; keep them with "
                    "--update",
                    c->kept_in, c->compiler);
    return c->of[CHANGE_VARIES] ? STATUS_INCONCLUSIVE : STATUS_OK;
}
