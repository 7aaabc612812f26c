#include "cluster/part.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cluster/launcher.h"
#include "report/read.h"

/* But for the share: what the parts of a run have in common. */
static json_t *arguments_json(const struct part *p)
{
    json_t *list = json_array();
    for (int i = 1; i < p->argc; i++)
        if (!p->arguments->share.count || strncmp(p->argv[i], "--share=", 8) != 0)
            json_array_append_new(list, json_string(p->argv[i]));
    return list;
}

/* ---- what is there */

static const char *differs(const struct part *p, const struct machine *m,
                           const struct read_file *file)
{
    const json_t *cluster = json_object_get(file->context, "cluster");
    const struct {
        const char *name, *here;
    } build[] = {{"commit", m->commit},
                 {"compiler", m->compiler},
                 {"flags", m->flags},
                 {"lane_flags", m->lane_flags}};
    json_t *arguments = arguments_json(p);
    const bool same = json_equal(arguments, json_object_get(cluster, "arguments"));
    json_decref(arguments);
    if (!same) return "arguments";
    for (size_t i = 0; i < sizeof build / sizeof *build; i++)
        if (strcmp(read_context_text(file, build[i].name), build[i].here) != 0)
            return build[i].name;
    return NULL;
}

static enum status find_done(struct part *p, const struct machine *m)
{
    struct read_file file;
    const enum status status = read_file(p->path, &file);
    if (status != STATUS_OK) return status;
    const char *other = differs(p, m, &file);
    read_free(&file);
    p->state = PART_IS_DONE;
    if (!other) return STATUS_OK;
    return fail(STATUS_NO_OUTPUT,
                "%s is there, of a run with other %s: remove it, or name another --json", p->path,
                strcmp(other, "commit") == 0 ? "code (commit)" : other);
}

static enum status find_journal(struct part *p, struct journal *j, const char *path)
{
    const enum status status = journal_read(j, path);
    if (status != STATUS_OK) return status;
    p->state = PART_GOES_ON;
    j->any_host = p->arguments->share.count > 0;
    if (journal_is_of(j, p->argc, p->argv)) return STATUS_OK;
    return fail(STATUS_NO_OUTPUT,
                "%s is there, of a run with other arguments: go on with that one by `hinge bench "
                "--resume %s`, remove it, or name another --json",
                path, path);
}

static enum status find(struct part *p, const struct machine *m, struct journal *j)
{
    const struct arguments *a = p->arguments;
    struct stat there;
    const enum status status =
        a->per_host ? share_host_path(p->path, a->json) : share_path(p->path, a->json, &a->share);
    char journal[SHARE_PATH + 8];
    snprintf(journal, sizeof journal, "%s.part", p->path);
    if (status != STATUS_OK) return status;
    if (stat(p->path, &there) == 0) return find_done(p, m);
    if (stat(journal, &there) != 0) return STATUS_OK;
    if (there.st_size > 0) return find_journal(p, j, journal);
    unlink(journal); /* killed before its first line */
    return STATUS_OK;
}

/* ---- what this process is among others */

enum status part_open(struct part *p, const struct machine *m, struct journal *j)
{
    const struct arguments *a = p->arguments;
    struct launcher l;
    p->state = PART_BEGINS;
    if (!arguments_are_of_many(a))
        return share_check_alone("--share rank deals the rows out, --per-host times all on each "
                                 "host");
    enum status status = launcher_read(&l);
    if (status == STATUS_OK && a->per_host && l.local_size > 1)
        return fail(STATUS_USAGE,
                    "--per-host: %zu ranks on this host: start one (mpirun --map-by ppr:1:node, "
                    "srun --ntasks-per-node=1)",
                    l.local_size);
    if (status == STATUS_OK) status = share_settle_cpus("bench", p->argc, p->argv);
    if (status != STATUS_OK) return status;
    if (!j->resumed) return find(p, m, j);
    journal_result(j, p->path); /* --resume has named it */
    j->any_host = a->share.count > 0;
    p->state = PART_GOES_ON;
    return STATUS_OK;
}

/* ---- what it says of itself */

static json_t *rows_json(const struct rows *rows)
{
    json_t *all = json_object();
    for (size_t i = 0; i < rows->count; i++) {
        char name[256];
        snprintf(name, sizeof name, "%s/threads:%d", rows->at[i].name, rows->at[i].threads);
        json_object_set_new(all, name, json_integer((json_int_t)rows->at[i].number));
    }
    return all;
}

static json_t *hosts_json(const struct machine *m, const struct journal *j)
{
    json_t *all = json_array(), *here = json_string(m->host), *host;
    bool known = false;
    size_t i;
    json_array_foreach(j->hosts, i, host)
    {
        bool again = false;
        for (size_t k = 0; k < json_array_size(all); k++)
            again |= json_equal(json_array_get(all, k), host) == 1;
        if (!again) json_array_append(all, host);
        known |= json_equal(host, here) == 1;
    }
    if (!known) json_array_append(all, here);
    json_decref(here);
    return all;
}

json_t *part_json(const struct part *p, const struct machine *m, const struct journal *j,
                  const struct rows *rows)
{
    const struct cluster_share *share = &p->arguments->share;
    json_t *o =
        json_pack("{s:o, s:o, s:o, s:I}", "arguments", arguments_json(p), "hosts", hosts_json(m, j),
                  "rows", rows_json(rows), "total", (json_int_t)rows->total);
    if (!share->count) {
        json_object_set_new(o, "per_host", json_true());
        return o;
    }
    json_object_set_new(o, "share", json_integer((json_int_t)share->index));
    json_object_set_new(o, "of", json_integer((json_int_t)share->count));
    return o;
}
