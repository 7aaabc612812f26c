#include "profile.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "count/calls.h"

/* Where in the file the reader is. */
struct place {
    const char *program;
    struct count_row *row; /* that this part belongs to; NULL: none */
    uint64_t instructions; /* of the part so far */
    bool harness;          /* the part names read_call(): the program has symbols */
    bool own;              /* the current function's object is the program */
    bool counted;          /* the current function is to be counted */
    bool to_library;       /* the next call goes to a library that is to be counted */
    bool call;             /* the next cost is that of a call */
};

/* What follows `key` at the start of the line, or NULL. */
static const char *after(const char *line, const char *key)
{
    const size_t length = strlen(key);
    return strncmp(line, key, length) == 0 ? line + length : NULL;
}

static bool is_library(const char *object)
{
    const char *slash = strrchr(object, '/');
    const char *name = slash ? slash + 1 : object;
    return after(name, "libc.so") || after(name, "libm.so") || after(name, "libmvec.so");
}

static void enter_function(struct place *p, const char *name)
{
    const bool harness = p->own && after(name, COUNT_READER);
    p->harness = p->harness || harness;
    p->counted = p->own && !harness && !after(name, "team_barrier");
}

/* "LINE COST": of the current function itself, or all of a call. */
static void add_cost(struct place *p, const char *line)
{
    const char *cost = strrchr(line, ' ');
    if (cost && p->counted && (!p->call || p->to_library))
        p->instructions += strtoull(cost, NULL, 10);
    if (p->call) p->call = p->to_library = false;
}

static struct count_row *find_row(struct count_rows *rows, const char *label)
{
    char *end;
    const unsigned long long number = strtoull(label, &end, 10);
    return end != label && number < rows->count ? &rows->at[number] : NULL;
}

static enum status end_part(struct place *p)
{
    if (!p->row) return STATUS_OK;
    if (!p->harness)
        return fail(STATUS_UNAVAILABLE,
                    "%s has no symbols (stripped): its own code cannot be told from OpenMP's",
                    p->program);
    if (p->row->readings < COUNT_READINGS) p->row->reading[p->row->readings] = p->instructions;
    p->row->readings++;
    return STATUS_OK;
}

static enum status read_line(struct place *p, struct count_rows *rows, const char *line)
{
    const char *value;
    if (after(line, "part: "))
        *p = (struct place){.program = p->program};
    else if ((value = after(line, "desc: Trigger: Client Request: " COUNT_LABEL)))
        p->row = find_row(rows, value);
    else if ((value = after(line, "creator: "))) {
        snprintf(rows->counter, sizeof rows->counter, "%s", value);
        plain_text(rows->counter);
    } else if ((value = after(line, "ob=")))
        p->own = strcmp(value, p->program) == 0;
    else if ((value = after(line, "fn=")))
        enter_function(p, value);
    else if ((value = after(line, "cob=")))
        p->to_library = is_library(value);
    else if (after(line, "calls="))
        p->call = true;
    else if (*line >= '0' && *line <= '9')
        add_cost(p, line);
    else if (after(line, "totals: "))
        return end_part(p);
    return STATUS_OK;
}

enum status profile_read(FILE *profile, const char *program, struct count_rows *rows)
{
    struct place place = {.program = program};
    enum status status = STATUS_OK;
    char *line = NULL;
    size_t room = 0;
    while (status == STATUS_OK && getline(&line, &room, profile) > 0) {
        line[strcspn(line, "\n")] = '\0';
        status = read_line(&place, rows, line);
    }
    free(line);
    for (size_t i = 0; i < rows->count && status == STATUS_OK; i++)
        if (rows->at[i].readings != COUNT_READINGS)
            status = fail(STATUS_INTERNAL, "callgrind's file has %s on lane %s %u times, not %d",
                          rows->at[i].name, isa_name(rows->at[i].isa), rows->at[i].readings,
                          COUNT_READINGS);
    return status;
}
