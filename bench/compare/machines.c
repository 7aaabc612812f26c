#include "machines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 1 };

static const struct read_row *cell(const struct machines *m, size_t row, size_t column)
{
    return m->cell[row * m->columns + column];
}

static bool usable(const struct read_row *row, const struct selection *s)
{
    return row->state == READ_TIMED && s->match(s->ctx, row) &&
           (!read_is_library(row) || s->named(s->ctx, row));
}

/* name -> row, of usable rows. */
static json_t *index_usable(const struct read_file *file, const struct selection *s)
{
    json_t *index = json_object();
    for (size_t i = 0; index && i < file->rows; i++)
        if (usable(&file->row[i], s) &&
            json_object_set_new(index, file->row[i].name, json_integer((json_int_t)i)) != 0) {
            json_decref(index);
            return NULL;
        }
    return index;
}

/* Fills the row of cells where all files have it. */
static bool fill(struct machines *m, json_t *const *index, const char *name)
{
    for (size_t c = 0; c < m->columns; c++) {
        const json_t *at = json_object_get(index[c], name);
        if (!at) return false;
        m->cell[m->rows * m->columns + c] = &m->column[c].file->row[json_integer_value(at)];
    }
    m->rows++;
    return true;
}

static enum status collect(struct machines *m, const struct selection *s, json_t **index)
{
    const struct read_file *first = m->column[0].file;
    for (size_t c = 0; c < m->columns; c++) {
        const struct read_file *file = m->column[c].file;
        if (!(index[c] = index_usable(file, s)))
            return fail(STATUS_OS, "no memory to compare the files");
        for (size_t i = 0; i < file->rows; i++) m->wrongs += file->row[i].state == READ_WRONG;
    }
    for (size_t i = 0; i < first->rows; i++) (void)fill(m, index, first->row[i].name);
    for (size_t c = 0; c < m->columns; c++)
        m->column[c].alone = json_object_size(index[c]) - m->rows;
    if (m->rows) return STATUS_OK;
    return fail(STATUS_DATA, "no row that was asked for is timed in all %zu files", m->columns);
}

/* ---- figures */

/* The speed of column c as a multiple of that of column `of`. */
static struct interval speed(const struct machines *m, size_t c, size_t of, double *room)
{
    for (size_t r = 0; r < m->rows; r++) room[r] = cell(m, r, of)->median / cell(m, r, c)->median;
    /* One row says nothing of others. */
    if (m->rows == 1) return (struct interval){room[0], NAN, NAN};
    return stats_geomean(room, m->rows, SEED);
}

static void set_figures(struct machines *m, size_t c, double *room)
{
    struct machine_column *const x = &m->column[c];
    const double mhz = read_context_number(x->file, "mhz_per_cpu");
    double sum = 0.0;
    size_t n = 0;
    for (size_t r = 0; r < m->rows; r++) {
        const struct read_row *row = cell(m, r, c);
        if (!(row->flops > 0.0)) continue;
        sum += log(row->flops / row->median / row->threads);
        n++;
    }
    x->per_thread = n ? exp(sum / (double)n) : NAN;
    x->per_cycle = mhz > 0.0 ? 1e3 * x->per_thread / mhz : NAN;
    n = 0;
    for (size_t r = 0; r < m->rows; r++)
        if (cell(m, r, c)->roof_share > 0.0) room[n++] = cell(m, r, c)->roof_share;
    x->roof_share = n ? stats_median(room, n) : NAN;
    x->speed = c ? speed(m, c, 0, room) : (struct interval){1.0, 1.0, 1.0};
    x->rank = 1;
    for (size_t other = 0; other < m->columns; other++)
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
    for (size_t c = 0; c < m->columns; c++) {
        const struct read_file *file = m->column[c].file, *first = m->column[0].file;
        if (strcmp(read_context_text(file, "host_name"), "unknown") == 0) return false;
        if (!same(file, first, "commit") || !same(file, first, "compiler")) return false;
        identity_machine(first, file, &d);
        if (d.count) return false;
        for (size_t k = 0; k < c; k++)
            if (same(file, m->column[k].file, "host_name")) return false;
    }
    return true;
}

static enum status judge_nodes(struct machines *m)
{
    double *ns = malloc(m->rows * m->columns * sizeof *ns);
    if (!ns) return fail(STATUS_OS, "no memory to compare the files");
    for (size_t i = 0; i < m->rows * m->columns; i++) ns[i] = m->cell[i]->median;
    const enum status status = nodes_judge(&m->nodes, ns, m->rows, m->columns);
    free(ns);
    return status;
}

enum status machines_open(struct machines *m, const struct read_file *file, size_t files,
                          const struct selection *s)
{
    const size_t most = file[0].rows + 1;
    *m = (struct machines){.column = calloc(files, sizeof *m->column),
                           .columns = files,
                           .cell = calloc(most * files, sizeof *m->cell)};
    json_t **index = calloc(files, sizeof *index);
    double *room = malloc(most * sizeof *room);
    enum status status = STATUS_OK;
    if (!m->column || !m->cell || !index || !room)
        status = fail(STATUS_OS, "no memory to compare the files");
    for (size_t c = 0; status == STATUS_OK && c < files; c++) m->column[c].file = &file[c];
    if (status == STATUS_OK) status = collect(m, s, index);
    for (size_t c = 0; status == STATUS_OK && c < files; c++) set_figures(m, c, room);
    if (status == STATUS_OK && are_nodes(m)) status = judge_nodes(m);
    for (size_t c = 0; index && c < files; c++) json_decref(index[c]);
    free(index);
    free(room);
    return status;
}

void machines_close(struct machines *m)
{
    free(m->column);
    free(m->cell);
    nodes_free(&m->nodes);
    *m = (struct machines){0};
}
