#define _GNU_SOURCE /* strverscmp */
#include "baseline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "measure/machine.h"
#include "report/file.h"
#include "report/read_text.h"

static const char head[] = "compiler,case,lane,threads,instructions";

enum { ROWS_MAX = 20000, LINE = 1024 };

static int ascending(const void *a, const void *b)
{
    const struct baseline_row *x = a, *y = b;
    int order = strcmp(x->compiler, y->compiler);
    if (!order) order = strverscmp(x->name, y->name);
    if (!order) order = (x->isa > y->isa) - (x->isa < y->isa);
    return order ? order : (x->threads > y->threads) - (x->threads < y->threads);
}

enum status baseline_add(struct baseline *b, const struct baseline_row *row)
{
    if (b->count == b->room) {
        const size_t room = b->room ? 2 * b->room : 256;
        struct baseline_row *at = realloc(b->at, room * sizeof *at);
        if (!at) return fail(STATUS_OS, "no memory for %zu counts", room);
        b->at = at;
        b->room = room;
    }
    b->at[b->count++] = *row;
    return STATUS_OK;
}

/* The next field, up to a comma or the end; NULL where there is none or it is empty. */
static char *field(char **rest)
{
    char *start = *rest;
    if (!start || *start == ',' || !*start) return NULL;
    *rest = strchr(start, ',');
    if (*rest) *(*rest)++ = '\0';
    return start;
}

static bool read_number(const char *text, uint64_t most, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = text ? strtoull(text, &end, 10) : 0;
    return text && *text >= '1' && *text <= '9' && !*end && !errno && *value <= most;
}

static bool read_row(char *line, struct baseline_row *row)
{
    char *const compiler = field(&line), *const name = field(&line), *const lane = field(&line);
    uint64_t threads, instructions;
    if (!compiler || !name || !lane || !plain_is(compiler) || !plain_is(name) ||
        !read_number(field(&line), 1024, &threads) ||
        !read_number(field(&line), INT64_MAX, &instructions) || line)
        return false;
    *row = (struct baseline_row){
        .isa = isa_from_name(lane), .threads = (int)threads, .instructions = instructions};
    return row->isa != ISA_COUNT &&
           snprintf(row->compiler, sizeof row->compiler, "%s", compiler) <
               (int)sizeof row->compiler &&
           snprintf(row->name, sizeof row->name, "%s", name) < (int)sizeof row->name;
}

/* Takes the end of the line away; false where there is none: the line is cut, or too long. */
static bool end_line(char *line)
{
    char *end = strchr(line, '\n');
    if (end) *end = '\0';
    return end != NULL;
}

static enum status read_rows(struct baseline *b, FILE *file, const char *path)
{
    char line[LINE];
    struct baseline_row row;
    enum status status = STATUS_OK;
    const bool headed = fgets(line, sizeof line, file) && end_line(line) && strcmp(line, head) == 0;
    for (size_t at = 2; headed && status == STATUS_OK && fgets(line, sizeof line, file); at++) {
        if (!end_line(line) || !read_row(line, &row))
            return fail(STATUS_DATA, "%s:%zu: not %s of a count", path, at, head);
        if (b->count == ROWS_MAX) return fail(STATUS_DATA, "%s: more than %d rows", path, ROWS_MAX);
        status = baseline_add(b, &row);
    }
    return headed ? status : fail(STATUS_DATA, "%s:1: not %s", path, head);
}

enum status baseline_read(struct baseline *b, const char *path)
{
    *b = (struct baseline){0};
    char *text;
    FILE *file;
    enum status status = read_as_lines(path, &file, &text);
    if (status != STATUS_OK) return status;
    status = read_rows(b, file, path);
    fclose(file);
    free(text);
    if (status == STATUS_OK && b->count) qsort(b->at, b->count, sizeof *b->at, ascending);
    for (size_t i = 1; status == STATUS_OK && i < b->count; i++)
        if (ascending(&b->at[i - 1], &b->at[i]) == 0)
            status = fail(STATUS_DATA, "%s: %s on lane %s with %d threads is there twice", path,
                          b->at[i].name, isa_name(b->at[i].isa), b->at[i].threads);
    if (status != STATUS_OK) baseline_free(b);
    return status;
}

void baseline_free(struct baseline *b)
{
    free(b->at);
    *b = (struct baseline){0};
}

enum status baseline_compiler(char compiler[BASELINE_COMPILER])
{
    static struct machine machine;
    machine_read(&machine);
    const char *libc = "unknown";
    for (size_t i = 0; i < machine.libraries; i++)
        if (strcmp(machine.library[i].name, "glibc") == 0) libc = machine.library[i].version;
    char *end = machine.compiler + strlen(machine.compiler);
    while (end > machine.compiler && end[-1] == ' ') *--end = '\0'; /* Clang's ends in one */
    const int length = snprintf(compiler, BASELINE_COMPILER, "%s %s glibc %s", machine.compiler,
                                machine.flags, libc);
    if (length >= BASELINE_COMPILER)
        return fail(STATUS_UNAVAILABLE, "the compiler's flags are too long for a baseline: %s",
                    machine.flags);
    for (char *c = compiler; *c; c++)
        if (*c == ',') *c = ' ';
    return STATUS_OK;
}

const struct baseline_row *baseline_find(const struct baseline *b, const char *compiler,
                                         const struct count_row *row)
{
    struct baseline_row key = {.isa = row->isa, .threads = row->threads};
    snprintf(key.compiler, sizeof key.compiler, "%s", compiler);
    snprintf(key.name, sizeof key.name, "%s", row->name);
    return b->count ? bsearch(&key, b->at, b->count, sizeof key, ascending) : NULL;
}

void baseline_drop(struct baseline *b,
                   bool (*drop)(const struct baseline_row *row, const void *ctx), const void *ctx)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->count; i++)
        if (!drop(&b->at[i], ctx)) b->at[kept++] = b->at[i];
    b->count = kept;
}

enum status baseline_write(struct baseline *b, const char *path)
{
    struct file_out out;
    char line[LINE];
    if (b->count) qsort(b->at, b->count, sizeof *b->at, ascending);
    const enum status status = file_begin(&out, path);
    if (status != STATUS_OK) return status;
    file_put(&out, line, (size_t)snprintf(line, sizeof line, "%s\n", head));
    for (size_t i = 0; i < b->count; i++) {
        const struct baseline_row *row = &b->at[i];
        file_put(&out, line,
                 (size_t)snprintf(line, sizeof line, "%s,%s,%s,%d,%" PRIu64 "\n", row->compiler,
                                  row->name, isa_name(row->isa), row->threads, row->instructions));
    }
    return file_end(&out);
}
