#include "machines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 1 };

const struct read_row *machines_cell(const struct machines *m, size_t row, size_t column)
{
    return m->cell[row * m->columns.count + column];
}

static enum status no_memory(void)
{
    return fail(STATUS_OS, "no memory to compare the files");
}

/* ---- rows */

/* key -> row, of the column's rows. NULL where there is no memory. */
static json_t *index_of(const struct columns *c, size_t column, const struct selection *s)
{
    const struct read_file *file = c->at[column].file;
    json_t *index = json_object();
    for (size_t i = 0; index && i < file->rows; i++) {
        if (!columns_has(c, column, &file->row[i], s)) continue;
        char *key = columns_key(c, &file->row[i]);
        const bool good = key && json_object_set_new(index, key, json_integer((json_int_t)i)) == 0;
        free(key);
        if (good) continue;
        json_decref(index);
        return NULL;
    }
    return index;
}

/* Fills the row of cells where all columns have it; takes the key. */
static void take(struct machines *m, json_t *const *index, char *key)
{
    for (size_t c = 0; c < m->columns.count; c++) {
        const json_t *at = json_object_get(index[c], key);
        if (!at) {
            free(key);
            return;
        }
        m->cell[m->rows * m->columns.count + c] =
            &m->columns.at[c].file->row[json_integer_value(at)];
    }
    m->key[m->rows++] = key;
}

static enum status collect(struct machines *m, const struct selection *s, json_t **index)
{
    const struct columns *columns = &m->columns;
    const struct read_file *first = columns->at[0].file;
    for (size_t c = 0; c < columns->count; c++)
        if (!(index[c] = index_of(columns, c, s))) return no_memory();
    for (size_t i = 0; i < first->rows; i++) {
        if (!columns_has(columns, 0, &first->row[i], s)) continue;
        char *key = columns_key(columns, &first->row[i]);
        if (!key) return no_memory();
        take(m, index, key);
    }
    for (size_t c = 0; c < columns->count; c++)
        m->figure[c].alone = json_object_size(index[c]) - m->rows;
    if (m->rows) return STATUS_OK;
    if (columns->by != AXIS_COUNT)
        return fail(STATUS_DATA, "%s: no row that was asked for is timed at every value of --by %s",
                    first->path, axis_name(columns->by));
    return fail(STATUS_DATA, "no row that was asked for is timed in all %zu files", columns->count);
}

/* ---- figures */

static struct explain_side side_of(const struct machines *m, size_t row, size_t column)
{
    return (struct explain_side){m->columns.at[column].file, machines_cell(m, row, column)};
}

double machines_threads(const struct machines *m, size_t row, size_t column)
{
    return (double)machines_cell(m, row, column)->threads / machines_cell(m, row, 0)->threads;
}

/* The speed of column c as a multiple of that of column `of`. */
static struct interval speed(const struct machines *m, size_t c, size_t of, double *room)
{
    for (size_t r = 0; r < m->rows; r++)
        room[r] = machines_cell(m, r, of)->median / machines_cell(m, r, c)->median;
    /* One row says nothing of others. */
    if (m->rows == 1) return (struct interval){room[0], NAN, NAN};
    return stats_geomean(room, m->rows, SEED);
}

/* Over the rows that count flops; a cycle: where each of them has a frequency. */
static void set_rates(const struct machines *m, size_t c, struct machine_column *x)
{
    double core = 0.0, cycle = 0.0;
    size_t n = 0;
    x->measured = true;
    for (size_t r = 0; r < m->rows; r++) {
        const struct explain_side side = side_of(m, r, c);
        bool measured;
        if (!(side.row->flops > 0.0)) continue;
        const double rate = log(side.row->flops / side.row->median / explain_cores(side));
        core += rate;
        cycle += rate - log(1e-3 * explain_mhz(side, &measured));
        x->measured = x->measured && measured;
        n++;
    }
    x->measured = x->measured && n;
    x->per_core = n ? exp(core / (double)n) : NAN;
    x->per_cycle = n ? exp(cycle / (double)n) : NAN;
}

static void set_figures(struct machines *m, size_t c, double *room)
{
    struct machine_column *const x = &m->figure[c];
    size_t n = 0;
    bool even = m->columns.dropped & AXIS_BIT(AXIS_THREADS);
    set_rates(m, c, x);
    for (size_t r = 0; r < m->rows; r++)
        if (machines_cell(m, r, c)->roof_share > 0.0)
            room[n++] = machines_cell(m, r, c)->roof_share;
    x->roof_share = n ? stats_median(room, n) : NAN;
    x->speed = c ? speed(m, c, 0, room) : (struct interval){1.0, 1.0, 1.0};
    for (size_t r = 1; r < m->rows; r++)
        even = even && machines_threads(m, r, c) == machines_threads(m, 0, c);
    x->efficiency = even ? x->speed.at / machines_threads(m, 0, c) : NAN;
    x->rank = 1;
    for (size_t other = 0; other < m->columns.count; other++)
        x->rank += other != c && speed(m, other, c, room).lo > 1.0;
}

/* ---- nodes */

static bool same(const struct read_file *a, const struct read_file *b, const char *field)
{
    return strcmp(read_context_text(a, field), read_context_text(b, field)) == 0;
}

/* One kind of machine and one build, each file of another host. */
static bool are_nodes(const struct machines *m)
{
    struct differences d;
    if (m->columns.by != AXIS_COUNT) return false;
    for (size_t c = 0; c < m->columns.count; c++) {
        const struct read_file *file = m->columns.at[c].file, *first = m->columns.at[0].file;
        if (strcmp(read_context_text(file, "host_name"), "unknown") == 0) return false;
        if (!same(file, first, "commit") || !same(file, first, "compiler")) return false;
        identity_machine(first, file, &d);
        if (d.count) return false;
        for (size_t k = 0; k < c; k++)
            if (same(file, m->columns.at[k].file, "host_name")) return false;
    }
    return true;
}

static enum status judge_nodes(struct machines *m)
{
    const size_t columns = m->columns.count;
    double *ns = malloc(m->rows * columns * sizeof *ns);
    if (!ns) return no_memory();
    for (size_t i = 0; i < m->rows * columns; i++) ns[i] = m->cell[i]->median;
    const enum status status = nodes_judge(&m->nodes, ns, m->rows, columns);
    free(ns);
    return status;
}

static void explain_column(struct machines *m, size_t c)
{
    struct explanation *why = &m->why[c * m->rows];
    for (size_t r = 0; r < m->rows; r++) why[r] = explain(side_of(m, r, 0), side_of(m, r, c));
    m->figure[c].mean = explain_mean(why, m->rows);
}

static bool make_room(struct machines *m, size_t most)
{
    const size_t columns = m->columns.count;
    m->figure = calloc(columns, sizeof *m->figure);
    m->cell = calloc(most * columns, sizeof *m->cell);
    m->key = calloc(most, sizeof *m->key);
    m->why = calloc(most * columns, sizeof *m->why);
    return m->figure && m->cell && m->key && m->why;
}

enum status machines_open(struct machines *m, const struct read_file *file, size_t files,
                          const struct selection *s, enum axis by)
{
    const size_t most = file[0].rows + 1;
    *m = (struct machines){.rows = 0};
    enum status status = columns_open(&m->columns, file, files, s, by);
    if (status != STATUS_OK) return status;
    const size_t columns = m->columns.count;
    json_t **index = calloc(columns, sizeof *index);
    double *room = malloc(most * sizeof *room);
    if (!make_room(m, most) || !index || !room) status = no_memory();
    for (size_t f = 0; f < files; f++)
        for (size_t i = 0; i < file[f].rows; i++) m->wrongs += file[f].row[i].state == READ_WRONG;
    if (status == STATUS_OK) status = collect(m, s, index);
    for (size_t c = 0; status == STATUS_OK && c < columns; c++) {
        set_figures(m, c, room);
        explain_column(m, c);
    }
    if (status == STATUS_OK && are_nodes(m)) status = judge_nodes(m);
    for (size_t c = 0; index && c < columns; c++) json_decref(index[c]);
    free(index);
    free(room);
    return status;
}

void machines_close(struct machines *m)
{
    for (size_t r = 0; r < m->rows; r++) free(m->key[r]);
    free(m->figure);
    free(m->cell);
    nodes_free(&m->nodes);
    free(m->key);
    free(m->why);
    columns_close(&m->columns);
    *m = (struct machines){.rows = 0};
}

/* ---- for those who show them */

bool machines_explains(const struct machines *m, size_t column)
{
    return !m->nodes.count || m->nodes.at[column].stand != NODE_WITH_OTHERS;
}

static const struct explanation *sorted; /* qsort has no context */

static int by_size(const void *a, const void *b)
{
    const size_t i = *(const size_t *)a, j = *(const size_t *)b;
    const double x = fabs(sorted[i].speed), y = fabs(sorted[j].speed);
    if (x != y) return x < y ? 1 : -1;
    return (i > j) - (i < j);
}

size_t *machines_order(const struct machines *m, size_t column)
{
    size_t *order = malloc((m->rows + 1) * sizeof *order);
    for (size_t r = 0; order && r < m->rows; r++) order[r] = r;
    sorted = &m->why[column * m->rows];
    if (order) qsort(order, m->rows, sizeof *order, by_size);
    return order;
}

const char *machines_name(const struct machines *m, size_t column)
{
    const struct column *c = &m->columns.at[column];
    return *c->name ? c->name : c->file->path;
}
