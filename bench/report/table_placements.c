/* What a sweep over placements shows: the best, median and worst of each variant. */
#include <math.h>
#include <string.h>

#include "placements.h"
#include "table.h"

/* "dst 4, src 2080": where the operands begin, modulo 4096. */
static const char *offsets(const struct row *row, size_t placement, char text[160])
{
    struct operand op[OPERANDS_MAX];
    const size_t ops = row->work.spec->operands(&row->work.shape, op);
    size_t used = 0;
    *text = '\0';
    for (size_t o = 0; o < ops && used < 160; o++) {
        if (!operand_extent(&op[o])) continue;
        used += (size_t)snprintf(text + used, 160 - used, "%s%.16s %zu", used ? ", " : "",
                                 op[o].name, placement_offset(placement, o, &op[o]));
    }
    return text;
}

static void print_swept(FILE *out, const struct row *row, size_t i)
{
    const struct variant *v = &row->variant[i];
    struct placements p;
    char best[16], median[16], worst[16], spread[48], at[160];
    if (!v->summary.whole || !placements_of(v, &p)) return;
    snprintf(spread, sizeof spread, isfinite(p.spread.lo) ? "%.2f [%.2f, %.2f]" : "%.2f",
             p.spread.at, p.spread.lo, p.spread.hi);
    fprintf(out, "  %-11s %s %s %s  %-18s %s\n", i == row->best_twin ? "oneDNN" : v->name,
            human_time(p.best.at, best), human_time(p.median.at, median),
            human_time(p.worst.at, worst), spread, offsets(row, p.worst_at, at));
}

void table_placements(FILE *out, const struct result *r)
{
    fprintf(out,
            "\nPlacement: a call at the best, the median and the worst of %d; worst over best with "
            "its 95 %%\ninterval over processes; where the operands of the worst begin, modulo %d\n"
            "              best     median   worst    worst over best    worst at\n",
            PLACEMENTS, PLACEMENT_PAGE);
    for (size_t i = 0; i < r->count; i++) {
        const struct row *row = &r->rows[i];
        if (!row->forks) continue;
        fprintf(out, "%s, %d thread%s\n", row->name, row->threads, row->threads > 1 ? "s" : "");
        for (size_t v = 0; v < row->variants; v++) print_swept(out, row, v);
    }
    fputs("Best and worst are chosen in all processes but one and timed in that one.\n", out);
}
