/* Which kernels have maps over depth, width and initialization scale. */
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "html_map.h"
#include "report.h"

static double batch_of(const struct report_entry *e)
{
    return map_shape(e, "m");
}

static bool has_place(const struct report_entry *e)
{
    return e->row->state == READ_TIMED && map_shape(e, "depth") >= 1.0 &&
           map_shape(e, "n") >= 1.0 && batch_of(e) >= 1.0 &&
           map_shape(e, "n") == map_shape(e, "k") && e->row->scale > 0.0;
}

static int by_batch(const void *a, const void *b)
{
    const struct report_entry *x = *(const struct report_entry *const *)a;
    const struct report_entry *y = *(const struct report_entry *const *)b;
    if (batch_of(x) != batch_of(y)) return batch_of(x) < batch_of(y) ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* What is put before the first map of a variant: a fold, or for the leading one the heading. */
static void begin(FILE *out, const struct report *r, const struct report_entry *e, bool leads)
{
    char name[256];
    if (leads) {
        fputs("<h3>", out);
        html_text(out, report_group_name(r, e, false, name));
        fputs("</h3>\n", out);
    } else {
        html_fold(out, report_group_name(r, e, true, name), false);
    }
}

/* All maps of a variant, a batch after the other. */
static bool maps_of(FILE *out, const struct report *r, size_t from, size_t end, bool leads)
{
    const struct report_entry **list = malloc((end - from) * sizeof *list);
    size_t n = 0;
    bool any = false;
    for (size_t i = from; list && i < end; i++)
        if (has_place(&r->entry[i])) list[n++] = &r->entry[i];
    if (n) qsort(list, n, sizeof *list, by_batch);
    for (size_t at = 0, next; at < n; at = next) {
        struct map m = {.r = r, .entry = list + at, .batch = batch_of(list[at])};
        for (next = at; next < n && batch_of(list[next]) == m.batch;) next++;
        m.entries = next - at;
        if (map_place(&m)) {
            if (!any) begin(out, r, &r->entry[from], leads);
            any = true;
            map_draw(out, &m, leads);
        }
        map_free(&m);
    }
    if (any && !leads) html_fold_end(out);
    free(list);
    return any;
}

/* The widest of hinge's vector lanes leads; the others follow, folded. */
static bool line(FILE *out, const struct report *r, size_t from, size_t end)
{
    size_t lead = r->entries;
    bool any = false;
    for (size_t i = from; i < end; i = report_group_end(r, i))
        if (report_is_hand(r->entry[i].row)) lead = i;
    if (lead == r->entries) return false;
    any = maps_of(out, r, lead, report_group_end(r, lead), true);
    for (size_t i = from; any && i < end; i = report_group_end(r, i))
        if (i != lead && strncmp(r->entry[i].row->variant, "avx", 3) == 0)
            maps_of(out, r, i, report_group_end(r, i), false);
    return any;
}

void html_heat(FILE *out, const struct report *r)
{
    bool any = false;
    fputs("<p>Chains of layers: depth and width across, initialization scale (multiples of "
          "He\u2019s) down. "
          "Ratios are orange below 1 and blue above; all else goes from dark to light as it "
          "grows.</p>\n",
          out);
    for (size_t from = 0, end; from < r->entries; from = end) {
        for (end = from; end < r->entries && report_same_line(&r->entry[from], &r->entry[end]);)
            end = report_group_end(r, end);
        any |= line(out, r, from, end);
    }
    if (!any) fputs("<p>No kernel was timed over several depths, widths or scales.</p>\n", out);
}
