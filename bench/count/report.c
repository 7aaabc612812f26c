#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER = 32 };

/* "1,234,567"; "-" for 0. */
static const char *grouped(uint64_t value, char text[NUMBER])
{
    char plain[NUMBER];
    const size_t digits = (size_t)snprintf(plain, sizeof plain, "%" PRIu64, value);
    size_t used = 0;
    for (size_t i = 0; i < digits; i++) {
        if (i && (digits - i) % 3 == 0) text[used++] = ',';
        text[used++] = plain[i];
    }
    text[used] = '\0';
    return value ? text : "-";
}

/* ---- every count, the lanes side by side */

static bool same_line(const struct compared *a, const struct compared *b)
{
    return a->threads == b->threads && strcmp(a->name, b->name) == 0;
}

/* The lanes that have a count, in their order. */
static unsigned lanes_of(const struct comparison *c)
{
    unsigned lanes = 0;
    for (size_t i = 0; i < c->count; i++) lanes |= 1u << c->at[i].isa;
    return lanes;
}

static void print_head(FILE *out, unsigned lanes, enum report_style style)
{
    fprintf(out, style == REPORT_MARKDOWN ? "| %s | %s |" : "%-60s %2s", "case", "th");
    for (int isa = 0; isa < ISA_COUNT; isa++)
        if (lanes >> isa & 1u)
            fprintf(out, style == REPORT_MARKDOWN ? " %s |" : " %11s", isa_name((enum isa)isa));
    fputc('\n', out);
    if (style != REPORT_MARKDOWN) return;
    fputs("| --- | --: |", out);
    for (int isa = 0; isa < ISA_COUNT; isa++)
        if (lanes >> isa & 1u) fputs(" --: |", out);
    fputc('\n', out);
}

static void print_line(FILE *out, const struct comparison *c, size_t first, unsigned lanes,
                       enum report_style style)
{
    char text[NUMBER];
    fprintf(out, style == REPORT_MARKDOWN ? "| %s | %d |" : "%-60s %2d", c->at[first].name,
            c->at[first].threads);
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        const char *cell = "-";
        if (!(lanes >> isa & 1u)) continue;
        for (size_t i = first; i < c->count; i++)
            if (c->at[i].isa == (enum isa)isa && same_line(&c->at[first], &c->at[i]))
                cell = c->at[i].change == CHANGE_VARIES ? "varies" : grouped(c->at[i].is, text);
        fprintf(out, style == REPORT_MARKDOWN ? " %s |" : " %11s", cell);
    }
    fputc('\n', out);
}

static void print_all(FILE *out, const struct comparison *c, enum report_style style)
{
    const unsigned lanes = lanes_of(c);
    print_head(out, lanes, style);
    for (size_t i = 0; i < c->count; i++) {
        size_t before = 0;
        while (before < i && !same_line(&c->at[before], &c->at[i])) before++;
        if (before == i) print_line(out, c, i, lanes, style);
    }
    fputc('\n', out);
}

/* ---- what differs */

static const char *growth(const struct compared *c, char text[NUMBER])
{
    if (c->change == CHANGE_VARIES) {
        char other[NUMBER];
        snprintf(text, NUMBER, "or %.28s", grouped(c->other, other));
        return text;
    }
    if (!c->was || !c->is) return "";
    snprintf(text, NUMBER, "%+.2f %%", compared_growth(c));
    return text;
}

static void print_differences(FILE *out, const struct comparison *c, enum report_style style)
{
    const bool markdown = style == REPORT_MARKDOWN;
    char was[NUMBER], is[NUMBER], percent[NUMBER];
    if (c->of[CHANGE_SAME] == c->count) return;
    if (markdown)
        fputs("| | kept | now | | threads | lane | case |\n"
              "| --- | --: | --: | --: | --: | --- | --- |\n",
              out);
    else
        fprintf(out, "%-6s %10s %10s %9s %2s %-8s %s\n", "", "kept", "now", "", "th", "lane",
                "case");
    for (int change = 0; change < CHANGE_SAME; change++)
        for (size_t i = 0; i < c->count; i++) {
            const struct compared *one = &c->at[i];
            if (one->change != (enum change)change) continue;
            fprintf(out,
                    markdown ? "| %s | %s | %s | %s | %d | %s | %s |\n"
                             : "%-6s %10s %10s %9s %2d %-8s %s\n",
                    change_name(one->change), grouped(one->was, was), grouped(one->is, is),
                    growth(one, percent), one->threads, isa_name(one->isa), one->name);
        }
    fputc('\n', out);
}

/* "3 grew by more than 0.5 %, 1 grew less, ...", without those that are none. */
static void print_tally(FILE *out, const struct comparison *c)
{
    static const char *const what[] = {[CHANGE_GONE] = "are no longer counted",
                                       [CHANGE_VARIES] = "vary from call to call",
                                       [CHANGE_MORE] = "grew less",
                                       [CHANGE_FELL] = "fell",
                                       [CHANGE_NEW] = "are new",
                                       [CHANGE_SAME] = "are the same"};
    fprintf(out, "%zu counts beside those in %s: %zu grew by more than %g %%", c->count, c->kept_in,
            c->of[CHANGE_GREW], c->tolerance);
    for (int change = CHANGE_GREW + 1; change < CHANGE_COUNT; change++)
        if (c->of[change]) fprintf(out, ", %zu %s", c->of[change], what[change]);
    fputs(".\n", out);
    if (c->of[CHANGE_SAME] + c->of[CHANGE_VARIES] < c->count)
        fputs("Where that is meant, keep the new counts: hinge count --update\n", out);
}

static void print_not_covered(FILE *out)
{
    fputs("Of all threads together: hinge's own code and what it calls in libc and libm; waiting "
          "threads and\nOpenMP's library are left out. Lanes avx512 and omp_avx512 are not "
          "counted: valgrind has no AVX-512\nand hides it. results/avx512/instructions.csv has "
          "avx512, counted under emulation.\n",
          out);
}

void report_print(FILE *out, const struct comparison *c, enum report_style style, bool all)
{
    const bool compared = c->kept_in && c->same_compiler;
    if (style == REPORT_MARKDOWN)
        fprintf(out, "### hinge count: %s\n\n",
                !compared                        ? "instructions of each call"
                : c->of[CHANGE_GREW]             ? "regressed"
                : c->of[CHANGE_GONE]             ? "cases are gone"
                : c->of[CHANGE_VARIES]           ? "inconclusive"
                : c->of[CHANGE_SAME] == c->count ? "unchanged"
                                                 : "no regression");
    fprintf(out, "Instructions of one call, %s, by %s.\n\n", c->compiler, c->counter);
    if (all || !compared) print_all(out, c, style);
    if (compared) {
        print_differences(out, c, style);
        print_tally(out, c);
    } else if (!c->kept_in) {
        fprintf(out, "%zu counts, compared with none: no baseline.\n", c->count);
    }
    print_not_covered(out);
}
