#include <math.h>

#include "measure/likwid.h"
#include "report/table.h"

static bool is_apart(double ours, double theirs)
{
    return theirs < ours / (1.0 + LIKWID_APART) || theirs > ours * (1.0 + LIKWID_APART);
}

/* "  278 / 281  0.99 *" in 20 columns; true where they are apart. */
static bool print_pair(FILE *out, double ours, double theirs)
{
    if (!isfinite(theirs) || !(ours > 0.0)) {
        fprintf(out, "     - /%5.0f       ", ours);
        return false;
    }
    const bool apart = is_apart(ours, theirs);
    fprintf(out, " %5.0f /%5.0f %4.2f%s ", theirs, ours, theirs / ours, apart ? "*" : " ");
    return apart;
}

static int print_roof(FILE *out, const struct roof *ours, const struct roof *theirs)
{
    int apart = 0;
    fprintf(out, "%s, %d thread%s: FMA peak, GFLOP/s", isa_name(ours->isa), ours->threads,
            ours->threads > 1 ? "s" : "");
    apart += print_pair(out, ours->gflops, theirs->gflops);
    fputs("\n    GB/s in", out);
    for (int l = 0; l < LEVEL_COUNT; l++)
        fprintf(out, "%*s%-4s", l ? 16 : 7, "", level_name((enum level)l));
    fputc('\n', out);
    for (int b = BOUND_LOAD; b < BOUND_COUNT; b++) {
        fprintf(out, "    %-6s", bound_name((enum bound)b));
        for (int l = 0; l < LEVEL_COUNT; l++)
            apart += print_pair(out, ours->gbps[b][l], theirs->gbps[b][l]);
        fputc('\n', out);
    }
    return apart;
}

void table_likwid(FILE *out, const struct roofs *ours, const struct roofs *theirs)
{
    int apart = 0;
    if (!theirs->count) return;
    fputs("\nlikwid-bench / hinge, and their ratio\n", out);
    for (size_t i = 0; i < theirs->count; i++) {
        const struct roof *their = &theirs->at[i];
        const struct roof *our = roofs_find(ours, their->isa, their->threads);
        if (our) apart += print_roof(out, our, their);
    }
    if (!apart) {
        fprintf(out, "none apart by more than %.0f %%\n", 100.0 * LIKWID_APART);
        return;
    }
    fprintf(
        out,
        "*  %d apart by more than %.0f %%: others on the machine lower either; repeat before you"
        " believe it\n",
        apart, 100.0 * LIKWID_APART);
}
