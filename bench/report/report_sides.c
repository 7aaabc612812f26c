#include "report_sides.h"

#include <math.h>
#include <string.h>

/* What two files of one machine with its settings have in common. */
static const char *const setting[] = {
    "host_name",  "cpu",       "cpu_model",         "microcode",      "kernel",
    "compiler",   "flags",     "lane_flags",        "onednn",         "onednn_isa",
    "isa_used",   "thp",       "governor",          "boost",          "smt",
    "cpu_quota",  "container", "virtualization",    "openmp.runtime", "openmp.proc_bind",
    "huge_pages", "aslr",      "openmp.wait_policy"};
static const char *const setting_number[] = {"num_cpus", "cpus_allowed", "openmp.places"};
/* A machine card was made by another build, perhaps. */
static const char *const hardware[] = {"host_name", "cpu", "cpu_model", "virtualization"};

static bool same_texts(const struct read_file *a, const struct read_file *b,
                       const char *const *name, size_t names)
{
    for (size_t i = 0; i < names; i++)
        if (strcmp(read_context_text(a, name[i]), read_context_text(b, name[i])) != 0) return false;
    return true;
}

static bool same_number(const struct read_file *a, const struct read_file *b, const char *name)
{
    const double x = read_context_number(a, name), y = read_context_number(b, name);
    return x == y || (isnan(x) && isnan(y));
}

static bool flushes(const struct read_file *file)
{
    return json_is_true(json_object_get(file->context, "ftz"));
}

/* Files of old do not say that theirs were fixed. */
static bool sweeps(const struct read_file *file)
{
    return strcmp(read_context_text(file, "placement"), "sweep") == 0;
}

bool sides_same_machine(const struct read_file *a, const struct read_file *b)
{
    if (!a->rows || !b->rows)
        return same_number(a, b, "num_cpus") &&
               same_texts(a, b, hardware, sizeof hardware / sizeof *hardware);
    for (size_t i = 0; i < sizeof setting_number / sizeof *setting_number; i++)
        if (!same_number(a, b, setting_number[i])) return false;
    return flushes(a) == flushes(b) && sweeps(a) == sweeps(b) &&
           same_texts(a, b, setting, sizeof setting / sizeof *setting);
}

static bool holds_one_of(const struct report_side *side, const struct read_file *file)
{
    for (size_t i = 0; i < file->rows; i++)
        if (json_object_get(side->index, file->row[i].name)) return true;
    return false;
}

static size_t side_for(const struct report *r, const struct read_file *file)
{
    size_t s = 0;
    while (s < r->sides &&
           (!sides_same_machine(r->side[s].first, file) || holds_one_of(&r->side[s], file)))
        s++;
    return s;
}

/* A, B, ..., Z, AA, AB, ... */
static void name_side(char name[8], size_t s)
{
    char letters[8];
    size_t n = 0;
    for (s++; s > 0 && n < 7; s = (s - 1) / 26) letters[n++] = (char)('A' + (s - 1) % 26);
    for (size_t i = 0; i < n; i++) name[i] = letters[n - 1 - i];
    name[n] = '\0';
}

bool sides_add(struct report *r, size_t f)
{
    const struct read_file *file = &r->file[f];
    const size_t s = side_for(r, file);
    struct report_side *side = &r->side[s];
    if (s == r->sides) {
        *side = (struct report_side){.first = file, .index = json_object()};
        name_side(side->name, s);
        r->sides++;
        if (!side->index) return false;
    }
    side->files++;
    side->rows += file->rows;
    r->side_of[f] = s;
    for (size_t i = 0; i < file->rows; i++)
        if (json_object_set_new(side->index, file->row[i].name, json_integer(0)) != 0) return false;
    return true;
}
