/* Machines, what tells them apart, their roofs; and the context of each file. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "kernel.h"
#include "report.h"

static const struct {
    const char *name, *says;
} fact[] = {{"cpu", "CPU"},
            {"cpu_model", "model"},
            {"microcode", "microcode"},
            {"host_name", "host"},
            {"virtualization", "virtual machine"},
            {"container", "container"},
            {"kernel", "kernel"},
            {"num_cpus", "hardware threads"},
            {"cpus_allowed", "of them allowed"},
            {"cores", "cores"},
            {"numa_nodes", "NUMA nodes"},
            {"smt", "SMT"},
            {"mhz_per_cpu", "MHz, as reported"},
            {"governor", "governor"},
            {"boost", "boost"},
            {"thp", "huge pages"},
            {"isa_used", "lane of applications"},
            {"compiler", "compiler"},
            {"flags", "flags"},
            {"onednn", "oneDNN"},
            {"onednn_isa", "oneDNN may use"},
            {"openmp.runtime", "OpenMP"},
            {"openmp.max_threads", "OpenMP threads"},
            {"openmp.proc_bind", "bound"},
            {"openmp.wait_policy", "wait policy"},
            {"commit", "commit, first file"},
            {"date", "date, first file"}};
enum { FACTS = sizeof fact / sizeof *fact };

/* A text, or a number as the file has it. */
static const char *fact_of(const struct read_file *file, const char *name, char text[64])
{
    const double number = read_context_number(file, name);
    if (!isfinite(number)) return read_context_text(file, name);
    snprintf(text, 64, "%.7g", number);
    return text;
}

static bool all_same(const struct report *r, const char *name)
{
    char a[64], b[64];
    for (size_t s = 1; s < r->sides; s++)
        if (strcmp(fact_of(r->side[0].first, name, a), fact_of(r->side[s].first, name, b)) != 0)
            return false;
    return true;
}

static bool said_by_any(const struct report *r, const char *name)
{
    char text[64];
    for (size_t s = 0; s < r->sides; s++)
        if (strcmp(fact_of(r->side[s].first, name, text), "unknown") != 0) return true;
    return false;
}

static void facts_table(FILE *out, const struct report *r, bool different, const char *caption)
{
    const char **head = calloc(r->sides + 1, sizeof *head);
    if (!head) return;
    head[0] = "what";
    for (size_t s = 0; s < r->sides; s++) head[s + 1] = r->side[s].name;
    if (!different) head[1] = r->sides > 1 ? "on all sides" : r->side[0].name;
    html_table(out, &(struct html_table){caption, head, different ? r->sides + 1 : 2, false});
    for (size_t i = 0; i < FACTS; i++) {
        char text[64];
        if (all_same(r, fact[i].name) == different || !said_by_any(r, fact[i].name)) continue;
        html_row(out, fact[i].says);
        for (size_t s = 0; s < (different ? r->sides : 1); s++)
            html_cell(out, "p", fact_of(r->side[s].first, fact[i].name, text));
        fputs("</tr>\n", out);
    }
    html_table_end(out);
    free(head);
}

static bool any_different(const struct report *r)
{
    for (size_t i = 0; i < FACTS; i++)
        if (!all_same(r, fact[i].name)) return true;
    return false;
}

/* ---- roofs */

static void roof_row(FILE *out, const struct report *r, size_t side, const char *isa, int threads)
{
    static const char *const field[] = {
        "mhz",          "gflops",         "load_gbps_L1",    "load_gbps_L2",
        "load_gbps_L3", "load_gbps_DRAM", "store_gbps_DRAM", "copy_gbps_DRAM"};
    char *name = html_format("%s %.20s, %d thread%s", r->side[side].name, isa, threads,
                             threads == 1 ? "" : "s");
    html_row(out, name ? name : "");
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        html_number_cell(out, report_roof(r, side, isa, threads, field[i]), i ? 3 : 4);
    fputs("</tr>\n", out);
    free(name);
}

static int by_size(const void *a, const void *b)
{
    const json_int_t x = *(const json_int_t *)a, y = *(const json_int_t *)b;
    return (x > y) - (x < y);
}

/* The numbers of threads that a side has roofs of, rising, each once; returns how many. To be freed. */
static size_t threads_of(const struct report *r, size_t side, json_int_t **threads)
{
    size_t n = 0, kept = 0, room = 1;
    for (size_t f = 0; f < r->files; f++)
        room += json_array_size(json_object_get(r->file[f].context, "roofs"));
    *threads = malloc(room * sizeof **threads);
    for (size_t f = 0; *threads && f < r->files; f++) {
        const json_t *roofs = json_object_get(r->file[f].context, "roofs");
        for (size_t i = 0; r->side_of[f] == side && i < json_array_size(roofs); i++)
            (*threads)[n++] =
                json_integer_value(json_object_get(json_array_get(roofs, i), "threads"));
    }
    if (n) qsort(*threads, n, sizeof **threads, by_size);
    for (size_t i = 0; i < n; i++)
        if ((*threads)[i] > 0 && (*threads)[i] <= INT_MAX &&
            (!kept || (*threads)[i] != (*threads)[kept - 1]))
            (*threads)[kept++] = (*threads)[i];
    return kept;
}

static void roofs_of(FILE *out, const struct report *r, size_t side)
{
    json_int_t *threads;
    const size_t n = threads_of(r, side, &threads);
    for (size_t i = 0; i < n; i++)
        for (int isa = ISA_AVX2; isa <= ISA_AVX512; isa++) {
            const char *name = isa_name((enum isa)isa);
            if (isfinite(report_roof(r, side, name, (int)threads[i], "gflops")))
                roof_row(out, r, side, name, (int)threads[i]);
        }
    free(threads);
}

static void roofs_table(FILE *out, const struct report *r)
{
    static const char *const head[] = {"roof",           "#MHz",        "#GFLOP/s",
                                       "#load L1, GB/s", "#load L2",    "#load L3",
                                       "#load DRAM",     "#store DRAM", "#copy DRAM"};
    html_table(out, &(struct html_table){"Roofs: the highest of all files of a side", head,
                                         sizeof head / sizeof *head, false});
    for (size_t s = 0; s < r->sides; s++) roofs_of(out, r, s);
    html_table_end(out);
}

static void sides_table(FILE *out, const struct report *r)
{
    static const char *const head[] = {"side", "machine", "#files", "#rows"};
    html_table(out, &(struct html_table){"Sides: a machine with its settings", head, 4, false});
    for (size_t s = 0; s < r->sides; s++) {
        const struct report_side *side = &r->side[s];
        char cpus[64];
        char *text = html_format(
            "%.100s, %s threads, %.60s, %.60s", read_context_text(side->first, "cpu"),
            fact_of(side->first, "num_cpus", cpus), read_context_text(side->first, "compiler"),
            read_context_text(side->first, "onednn"));
        html_row(out, side->name);
        html_cell(out, "p", text ? text : "");
        fprintf(out, "<td>%zu</td><td>%zu</td></tr>\n", side->files, side->rows);
        free(text);
    }
    html_table_end(out);
}

void html_machines(FILE *out, const struct report *r)
{
    if (!r->sides) {
        fputs("<p>No file of results or of a machine.</p>\n", out);
        return;
    }
    fputs(
        "<p>Files of one machine with the same settings are one side. Files that hold the same row "
        "are different sides, the earlier named first.</p>\n",
        out);
    sides_table(out, r);
    if (r->sides > 1 && any_different(r)) facts_table(out, r, true, "What tells the sides apart");
    roofs_table(out, r);
    html_fold(out, r->sides > 1 ? "What is the same on all sides" : "The machine in full", false);
    facts_table(out, r, false, "Machine, settings and build");
    html_fold_end(out);
}

/* ---- the context of each file */

static void context_of(FILE *out, const json_t *context)
{
    const char *key;
    json_t *value;
    fputs("<dl class=\"context\">\n", out);
    json_object_foreach((json_t *)context, key, value)
    {
        if (strncmp(key, "roofs", 5) == 0) continue; /* in the table of roofs */
        char *dump = json_is_string(value)
                         ? NULL
                         : json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(7));
        fputs("<dt>", out);
        html_text(out, key);
        fputs("</dt><dd>", out);
        html_text(out, json_is_string(value) ? json_string_value(value) : dump ? dump : "");
        fputs("</dd>\n", out);
        free(dump);
    }
    fputs("</dl>\n", out);
}

void html_files(FILE *out, const struct report *r)
{
    fputs("<p>What each file says of itself: the machine, the build, the settings, the "
          "command.</p>\n",
          out);
    for (size_t f = 0; f < r->files; f++) {
        char rows[64];
        char *summary = html_format("%s: %s: %s, %s", r->side[r->side_of[f]].name, r->file[f].path,
                                    html_count(r->file[f].rows, "row", rows),
                                    read_context_text(&r->file[f], "date"));
        html_fold(out, summary ? summary : "", false);
        context_of(out, r->file[f].context);
        html_fold_end(out);
        free(summary);
    }
    for (size_t s = 0; s < r->studies; s++) {
        html_fold(out, r->study[s].path, false);
        context_of(out, json_object_get(r->study[s].root, "machine"));
        html_fold_end(out);
    }
}
