#include "versions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum status no_memory(void)
{
    return fail(STATUS_OS, "no memory to compare the files");
}

/* ---- names: a hash from a row's name, or its case's, to a number */

static const struct read_row *find(const json_t *index, const struct read_file *file,
                                   const char *name)
{
    const json_t *at = json_object_get(index, name);
    return at ? &file->row[json_integer_value(at)] : NULL;
}

static json_t *index_of(const struct read_file *file)
{
    json_t *index = json_object();
    for (size_t i = 0; index && i < file->rows; i++)
        if (json_object_set_new(index, file->row[i].name, json_integer((json_int_t)i)) != 0) {
            json_decref(index);
            return NULL;
        }
    return index;
}

/* The number of the row's case; a new one where it has none. */
static bool group_of(json_t *groups, const struct read_row *row, size_t *group)
{
    char *name = strndup(row->name, row->case_length);
    const json_t *at = name ? json_object_get(groups, name) : NULL;
    *group = at ? (size_t)json_integer_value(at) : json_object_size(groups);
    const bool good =
        name && (at || json_object_set_new(groups, name, json_integer((json_int_t)*group)) == 0);
    free(name);
    return good;
}

/* ---- rows */

static unsigned kind_of(const struct read_row *row)
{
    return (row->threads > 1 ? 1u : 0u) + (strcmp(row->cache, "cold") == 0 ? 2u : 0u);
}

static struct verdict_row row_of(const struct read_row *old, const struct read_row *new)
{
    return (struct verdict_row){.old = old->log_median,
                                .new = new->log_median,
                                .olds = old->medians,
                                .news = new->medians,
                                .kind = kind_of(new)};
}

/* A library's row whose code is surely the same: what it moves is the machine's. */
static bool is_control(const struct versions *v, const struct pair *p)
{
    if (strcmp(p->old->impl, p->new->impl) != 0 || p->old->fell_out || p->new->fell_out)
        return false;
    return strncmp(p->new->variant, "dnnl", 4) != 0 ||
           strcmp(read_context_text(v->old, "onednn"), read_context_text(v->new, "onednn")) == 0;
}

static bool selected(const struct selection *s, const struct read_row *row)
{
    return s->match(s->ctx, row) && (!read_is_library(row) || s->named(s->ctx, row));
}

static void add_pair(struct versions *v, const struct read_row *old, const struct read_row *new,
                     const struct selection *s)
{
    struct pair p = {.old = old, .new = new};
    const bool library = read_is_library(new), judged = selected(s, new);
    if (library && strcmp(old->impl, new->impl) != 0) v->changed[v->changes++] = p;
    if (old->state != READ_TIMED || new->state != READ_TIMED) {
        if (judged) v->rest[UNTIMED][v->rests[UNTIMED]++] = new;
        return;
    }
    p.control = library && !judged && is_control(v, &p);
    if (!judged && !p.control) return;
    v->row[v->pairs] = row_of(old, new);
    v->row[v->pairs].control = p.control;
    v->pair[v->pairs++] = p;
}

static bool make_room(struct versions *v)
{
    const size_t most = v->new->rows + v->old->rows + 1;
    v->pair = calloc(most, sizeof *v->pair);
    v->row = calloc(most, sizeof *v->row);
    v->wrong = calloc(most, sizeof *v->wrong);
    v->changed = calloc(most, sizeof *v->changed);
    v->order = calloc(most, sizeof *v->order);
    bool good = v->pair && v->row && v->wrong && v->changed && v->order;
    for (int w = 0; w < WHERE_COUNT; w++) {
        v->rest[w] = calloc(most, sizeof *v->rest[w]);
        good = good && v->rest[w];
    }
    return good;
}

enum status versions_open(struct versions *v, const struct read_file *old,
                          const struct read_file *new, const struct selection *s)
{
    *v = (struct versions){.old = old, .new = new};
    json_t *in_old = index_of(old), *in_new = index_of(new);
    const bool good = make_room(v) && in_old && in_new;
    identity_machine(old, new, &v->machine);
    identity_settings(old, new, &v->settings);
    for (size_t i = 0; good && i < new->rows; i++) {
        const struct read_row *row = &new->row[i], *before = find(in_old, old, row->name);
        if (row->state == READ_WRONG) v->wrong[v->wrongs++] = row;
        if (before)
            add_pair(v, before, row, s);
        else if (selected(s, row))
            v->rest[ONLY_NEW][v->rests[ONLY_NEW]++] = row;
    }
    for (size_t i = 0; good && i < old->rows; i++)
        if (!find(in_new, new, old->row[i].name) && selected(s, &old->row[i]))
            v->rest[ONLY_OLD][v->rests[ONLY_OLD]++] = &old->row[i];
    json_decref(in_old);
    json_decref(in_new);
    return good ? STATUS_OK : no_memory();
}

/* ---- calibration runs: rows that are timed in a file and in the one after it */

static bool add_batch(struct versions *v, const struct read_file file[2], size_t batch,
                      json_t *groups)
{
    json_t *index = index_of(&file[0]);
    struct verdict_row *more = realloc(v->row, (v->rows + file[1].rows + 1) * sizeof *more);
    bool good = more && index;
    if (more) v->row = more;
    for (size_t i = 0; good && i < file[1].rows; i++) {
        const struct read_row *new = &file[1].row[i], *old = find(index, &file[0], new->name);
        if (!old || old->state != READ_TIMED || new->state != READ_TIMED) continue;
        if (old->fell_out || new->fell_out || strcmp(old->impl, new->impl) != 0) continue;
        more[v->rows] = row_of(old, new);
        more[v->rows].batch = batch;
        good = group_of(groups, new, &more[v->rows++].group);
    }
    json_decref(index);
    return good;
}

static bool add_calibration(struct versions *v, const struct calibration *c)
{
    json_t *groups = json_object();
    bool good = groups != NULL;
    for (size_t i = 0; good && i < v->pairs; i++)
        good = group_of(groups, v->pair[i].new, &v->row[i].group);
    v->rows = v->pairs;
    for (size_t b = 1; good && b < c->files; b++) good = add_batch(v, &c->file[b - 1], b, groups);
    json_decref(groups);
    return good;
}

/* ---- verdicts */

static int rank_of(enum change_verdict verdict)
{
    static const int rank[] = {[CHANGE_REGRESSED] = 0,
                               [CHANGE_IMPROVED] = 1,
                               [CHANGE_INCONCLUSIVE] = 2,
                               [CHANGE_UNCHANGED] = 3};
    return rank[verdict];
}

static int by_verdict(const void *a, const void *b)
{
    const struct pair *p = *(const struct pair *const *)a, *q = *(const struct pair *const *)b;
    const int rank = rank_of(p->says->verdict) - rank_of(q->says->verdict);
    const double x = fabs(p->says->at), y = fabs(q->says->at);
    if (rank) return rank;
    return x != y ? (x < y) - (x > y) : strcmp(p->new->name, q->new->name);
}

enum status versions_judge(struct versions *v, const struct calibration *calibration, double least)
{
    const struct verdict_rules rules = {.least = least};
    v->least = least;
    if (!add_calibration(v, calibration) || !verdict_judge(v->row, v->rows, &rules, &v->noise))
        return no_memory();
    for (size_t i = 0; i < v->pairs; i++) {
        const struct verdict_row *r = v->pair[i].says = &v->row[i];
        if (v->pair[i].control) continue;
        v->order[v->judged++] = &v->pair[i];
        v->count[r->verdict]++;
        v->open += r->verdict == CHANGE_INCONCLUSIVE && r->hi > least;
    }
    qsort(v->order, v->judged, sizeof *v->order, by_verdict);
    return STATUS_OK;
}

enum status versions_status(const struct versions *v)
{
    if (v->wrongs) return STATUS_WRONG;
    if (v->count[CHANGE_REGRESSED]) return STATUS_REGRESSION;
    return v->open || v->judged == 0 ? STATUS_INCONCLUSIVE : STATUS_OK;
}

void versions_close(struct versions *v)
{
    free(v->pair);
    free(v->row);
    free(v->wrong);
    free(v->changed);
    free(v->order);
    for (int w = 0; w < WHERE_COUNT; w++) free(v->rest[w]);
    *v = (struct versions){0};
}
