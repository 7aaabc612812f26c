/* hinge compare: result files as versions of the code, with verdicts, or as machines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "compare/arguments.h"
#include "compare/machines.h"
#include "compare/show.h"
#include "report/card.h"
#include "report/file.h"
#include "report/json_file.h"

static struct selection selection_of(const struct compare_arguments *a)
{
    return (struct selection){
        .match = compare_arguments_match, .named = compare_arguments_named, .ctx = a};
}

/* ---- output: a file, or the standard output in place of the table */

static bool to_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static bool prints_table(const struct compare_arguments *a)
{
    return !to_stdout(a->markdown) && !to_stdout(a->json);
}

/* Text that grows in memory, so that a file is written whole. */
struct page {
    FILE *out;
    char *text;
    size_t bytes;
};

static enum status page_open(struct page *page)
{
    *page = (struct page){0};
    page->out = open_memstream(&page->text, &page->bytes);
    return page->out ? STATUS_OK : fail(STATUS_OS, "no memory for the output");
}

static enum status page_close(struct page *page, const char *path, enum status status)
{
    if (page->out && fclose(page->out) != 0 && status == STATUS_OK)
        status = fail(STATUS_OS, "no memory for %s", path);
    if (page->text && status == STATUS_OK) status = file_write(path, page->text);
    free(page->text);
    return status;
}

/* ---- versions */

/* The graver of two outcomes. */
static enum status graver(enum status a, enum status b)
{
    static const enum status order[] = {STATUS_WRONG, STATUS_REGRESSION, STATUS_INCONCLUSIVE};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i]) return order[i];
    return STATUS_OK;
}

static enum status write_versions(const struct compare_arguments *a, const struct versions *v,
                                  size_t n)
{
    struct page page;
    struct junit *junit = NULL;
    enum status status = STATUS_OK;
    for (size_t i = 0; prints_table(a) && i < n; i++) {
        if (i) fputc('\n', stdout);
        show_terminal(stdout, &v[i], a->verbose);
    }
    if (a->markdown && (status = page_open(&page)) == STATUS_OK) {
        for (size_t i = 0; i < n; i++) show_markdown(page.out, &v[i]);
        status = page_close(&page, a->markdown, status);
    }
    if (status == STATUS_OK && a->json) {
        json_t *list = json_array();
        for (size_t i = 0; i < n; i++) json_array_append_new(list, show_json(&v[i]));
        const bool whole = json_array_size(list) == n;
        status =
            json_file_write(a->json, whole ? json_pack("{s:o}", "comparisons", list) : NULL, 9);
        if (!whole) json_decref(list);
    }
    if (status == STATUS_OK && a->junit &&
        (status = junit_open(&junit, a->junit, "hinge compare")) == STATUS_OK) {
        for (size_t i = 0; i < n; i++) show_junit(junit, &v[i]);
        status = junit_close(junit);
    }
    return status;
}

static bool nothing_selected(const struct versions *v)
{
    size_t rest = 0;
    for (int w = 0; w < WHERE_COUNT; w++) rest += v->rests[w];
    return v->judged == 0 && rest == 0;
}

static enum status judge(const struct compare_arguments *a, const struct read_file *file,
                         const struct calibration *calibration, enum status *outcome)
{
    const struct selection selection = selection_of(a);
    const size_t n = a->paths - 1;
    struct versions *v = calloc(n, sizeof *v);
    enum status status = v ? STATUS_OK : fail(STATUS_OS, "no memory to compare the files");
    for (size_t i = 0; status == STATUS_OK && i < n; i++) {
        status = versions_open(&v[i], &file[0], &file[i + 1], &selection);
        if (status == STATUS_OK) status = versions_judge(&v[i], calibration, a->least);
        if (status != STATUS_OK) break;
        if (nothing_selected(&v[i]))
            status = fail(STATUS_USAGE, "%s and %s have no row that was asked for", file[0].path,
                          file[i + 1].path);
        *outcome = graver(*outcome, versions_status(&v[i]));
    }
    if (status == STATUS_OK) status = write_versions(a, v, n);
    for (size_t i = 0; v && i < n; i++) versions_close(&v[i]);
    free(v);
    return status;
}

/* ---- machines */

static enum status line_up(const struct compare_arguments *a, const struct read_file *file,
                           enum status *outcome)
{
    const struct selection selection = selection_of(a);
    struct machines m;
    struct page page;
    enum status status = machines_open(&m, file, a->paths, &selection, a->by);
    if (status == STATUS_OK && prints_table(a))
        machines_terminal(stdout, &m, a->verbose, a->verbose || a->by != AXIS_COUNT);
    if (status == STATUS_OK && a->markdown && (status = page_open(&page)) == STATUS_OK) {
        machines_markdown(page.out, &m);
        status = page_close(&page, a->markdown, status);
    }
    if (status == STATUS_OK && a->json) status = json_file_write(a->json, machines_json(&m), 9);
    if (m.wrongs) *outcome = STATUS_WRONG;
    machines_close(&m);
    return status;
}

/* ---- the command */

static enum status read_all(const char *const *path, size_t paths, struct read_file *file)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < paths; i++) status = read_file(path[i], &file[i]);
    return status;
}

static enum status writable(const struct compare_arguments *a)
{
    const char *const path[] = {a->markdown, a->json, a->junit};
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof path / sizeof *path; i++)
        if (path[i]) status = file_writable(path[i]);
    return status;
}

/* Calibration runs are of one machine, that of the comparison, and of one build. */
static enum status check_calibration(const struct compare_arguments *a, const struct read_file *old,
                                     const struct calibration *c)
{
    struct differences d;
    for (size_t i = 0; i < c->files && !a->force; i++) {
        identity_machine(old, &c->file[i], &d);
        if (d.count)
            return fail(STATUS_DATA,
                        "--calibration %s is of another machine than %s: %s is %s, not %s",
                        c->file[i].path, old->path, d.at[0].field, d.at[0].new, d.at[0].old);
    }
    for (size_t i = 1; i < c->files; i++)
        if (strcmp(read_context_text(&c->file[i], "commit"),
                   read_context_text(&c->file[0], "commit")) != 0)
            return fail(STATUS_DATA,
                        "--calibration %s and %s are of different commits: what differs "
                        "is not the machine alone",
                        c->file[0].path, c->file[i].path);
    return STATUS_OK;
}

/* Both of bench --per-host. */
static bool are_of_hosts(const struct read_file *a, const struct read_file *b)
{
    return json_is_true(json_object_get(json_object_get(a->context, "cluster"), "per_host")) &&
           json_is_true(json_object_get(json_object_get(b->context, "cluster"), "per_host")) &&
           strcmp(read_context_text(a, "host_name"), read_context_text(b, "host_name")) != 0;
}

/* True, with a sentence, where a file is of another machine than the first. */
static bool are_machines(const struct read_file *file, size_t files)
{
    struct differences d;
    for (size_t i = 1; i < files; i++) {
        if (are_of_hosts(&file[0], &file[i])) {
            fprintf(stderr,
                    "hinge compare: %s and %s are of two hosts of one run: compared as machines; "
                    "--force judges them as versions\n",
                    file[0].path, file[i].path);
            return true;
        }
        identity_machine(&file[0], &file[i], &d);
        if (!d.count) continue;
        fprintf(stderr,
                "hinge compare: %s and %s are of different machines (%s: %s, %s): compared as "
                "machines, without verdicts; --force judges them as versions\n",
                file[0].path, file[i].path, d.at[0].field, d.at[0].old, d.at[0].new);
        return true;
    }
    return false;
}

/* True, with a sentence, where files of one machine differ in a setting: of one commit in what its build or run was given,
 * or in what their rows say. */
static bool are_settings(const struct compare_arguments *a, const struct read_file *file)
{
    const struct selection selection = selection_of(a);
    struct columns c;
    bool found = false;
    if (columns_open(&c, file, a->paths, &selection, AXIS_COUNT) != STATUS_OK) return false;
    const char *commit = read_context_text(&file[0], "commit");
    bool same = strcmp(commit, "unknown") != 0;
    for (size_t i = 1; i < a->paths; i++)
        same = same && strcmp(commit, read_context_text(&file[i], "commit")) == 0;
    for (size_t i = 0; i < c.settings.count; i++)
        found = found || (same && identity_is_setting(c.settings.at[i].field));
    for (int axis = 0; axis < AXIS_COUNT; axis++) found = found || c.dropped & AXIS_BIT(axis);
    if (found)
        fprintf(
            stderr,
            "hinge compare: %s and %s are of one machine with other settings (%s; %s): compared "
            "as settings, without verdicts; --force judges them as versions\n",
            file[0].path, file[1].path, c.at[0].name, c.at[1].name);
    columns_close(&c);
    return found;
}

/* What the files lack, from the card of their CPU. */
static enum status take_card(const char *path, struct read_file *file, size_t files)
{
    struct read_file card;
    char what[CARD_WHAT];
    size_t fits = 0;
    enum status status = read_file(path, &card);
    for (size_t i = 0; status == STATUS_OK && i < files; i++) {
        if (!card_fits(&file[i], &card)) continue;
        fits++;
        status = card_fill(&file[i], &card, what);
        if (status == STATUS_OK && *what)
            fprintf(stderr, "hinge compare: %s: from the card %s: %s\n", file[i].path, path, what);
    }
    if (status == STATUS_OK && !fits)
        status = fail(STATUS_DATA, "--card %s: a card of %s, %s: no file is of that CPU", path,
                      read_context_text(&card, "cpu"), read_context_text(&card, "cpu_model"));
    read_free(&card);
    return status;
}

static enum status run(const struct compare_arguments *a, struct read_file *file,
                       struct read_file *more, enum status *outcome)
{
    const struct calibration calibration = {more, a->calibrations};
    enum status status = writable(a);
    if (status == STATUS_OK) status = read_all(a->path, a->paths, file);
    if (status == STATUS_OK) status = read_all(a->calibration, a->calibrations, more);
    for (size_t i = 0; status == STATUS_OK && i < a->cards; i++)
        status = take_card(a->card[i], file, a->paths);
    if (status != STATUS_OK) return status;
    if (a->machines || a->by != AXIS_COUNT) return line_up(a, file, outcome);
    if (!a->force && (are_machines(file, a->paths) || are_settings(a, file))) {
        if (a->junit) return fail(STATUS_DATA, "--junit %s: no verdicts to write", a->junit);
        *outcome = STATUS_INCONCLUSIVE;
        return line_up(a, file, outcome);
    }
    status = check_calibration(a, &file[0], &calibration);
    return status == STATUS_OK ? judge(a, file, &calibration, outcome) : status;
}

int cmd_compare(int argc, char **argv)
{
    static struct read_file file[COMPARE_FILES_MAX], more[COMPARE_FILES_MAX];
    static struct compare_arguments a;
    enum status outcome = STATUS_OK;
    compare_arguments_parse(&a, argc, argv);
    const enum status status = run(&a, file, more, &outcome);
    if (status != STATUS_OK) fprintf(stderr, "hinge compare: %s\n", status_text());
    for (size_t i = 0; i < COMPARE_FILES_MAX; i++) {
        read_free(&file[i]);
        read_free(&more[i]);
    }
    if (a.filtered) regfree(&a.filter);
    return (int)(status == STATUS_OK ? outcome : status);
}
