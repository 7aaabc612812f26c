#include "cluster/launcher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { RANKS_MOST = 1000000 };

/* NULL where it is not set, or empty. */
static const char *variable(const char *name)
{
    const char *text = getenv(name);
    return text && *text ? text : NULL;
}

static enum status read_number(const char *name, size_t *number)
{
    const char *text = variable(name);
    char *end = NULL;
    errno = 0;
    const unsigned long long x = text ? strtoull(text, &end, 10) : 0;
    if (!text || *text < '0' || *text > '9' || *end || errno || x > RANKS_MOST)
        return fail(STATUS_USAGE, "%s=%s: not a whole number up to %d", name, text ? text : "",
                    RANKS_MOST);
    *number = (size_t)x;
    return STATUS_OK;
}

/* ---- rank and size */

struct source {
    const char *name, *rank, *size;
    bool there;
    size_t at, of;
};

static enum status read_source(struct source *s)
{
    if (!variable(s->rank) && !variable(s->size)) return STATUS_OK;
    if (!variable(s->rank) || !variable(s->size))
        return fail(STATUS_USAGE, "%s is set and %s is not: no rank without a size",
                    variable(s->rank) ? s->rank : s->size, variable(s->rank) ? s->size : s->rank);
    enum status status = read_number(s->rank, &s->at);
    if (status == STATUS_OK) status = read_number(s->size, &s->of);
    if (status != STATUS_OK) return status;
    if (s->at >= s->of)
        return fail(STATUS_USAGE, "%s=%zu and %s=%zu: ranks count from 0 to the size less 1",
                    s->rank, s->at, s->size, s->of);
    s->there = true;
    return STATUS_OK;
}

/* A batch script has the number of tasks that its job may start, and is none of them. */
static enum status read_step(struct source *s)
{
    if (variable("SLURM_JOB_ID") && !variable("SLURM_STEP_ID")) return STATUS_OK;
    if (variable("SLURM_STEP_NUM_TASKS")) s->size = "SLURM_STEP_NUM_TASKS";
    return read_source(s);
}

/* Task ids may begin anywhere and go in steps; those of a list say nothing of their places in it. */
static enum status read_array(struct source *s)
{
    size_t least, most, step = 1, id;
    if (!variable(s->rank)) return STATUS_OK;
    enum status status = read_number(s->rank, &id);
    if (status == STATUS_OK) status = read_number(s->size, &s->of);
    if (status == STATUS_OK) status = read_number("SLURM_ARRAY_TASK_MIN", &least);
    if (status == STATUS_OK) status = read_number("SLURM_ARRAY_TASK_MAX", &most);
    if (status == STATUS_OK && variable("SLURM_ARRAY_TASK_STEP"))
        status = read_number("SLURM_ARRAY_TASK_STEP", &step);
    if (status != STATUS_OK) return status;
    if (step == 0 || id < least || id > most || (most - least) / step + 1 != s->of ||
        (id - least) % step != 0)
        return fail(STATUS_USAGE,
                    "%s=%zu of %zu tasks from %zu to %zu: not a range of ids, so that none of them "
                    "tells a share: give --share K/N",
                    s->rank, id, s->of, least, most);
    s->at = (id - least) / step;
    s->there = true;
    return STATUS_OK;
}

static enum status contradict(const struct source *a, const struct source *b)
{
    return fail(STATUS_USAGE,
                "%s says rank %zu of %zu (%s) and %s says %zu of %zu (%s): give --share K/N",
                a->name, a->at, a->of, a->rank, b->name, b->at, b->of, b->rank);
}

static enum status read_ranks(struct launcher *l)
{
    struct source mpi = {"Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", .of = 1};
    struct source pmi = {"MPI", "PMI_RANK", "PMI_SIZE", .of = 1};
    struct source step = {"srun", "SLURM_PROCID", "SLURM_NTASKS", .of = 1};
    struct source array = {"a job array of Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT",
                           .of = 1};
    enum status status = read_source(&mpi);
    if (status == STATUS_OK) status = read_source(&pmi);
    if (status == STATUS_OK) status = read_step(&step);
    if (status == STATUS_OK) status = read_array(&array);
    if (status != STATUS_OK) return status;
    if (mpi.there && pmi.there && (mpi.at != pmi.at || mpi.of != pmi.of))
        return contradict(&mpi, &pmi);
    const struct source *inner = mpi.there ? &mpi : pmi.there ? &pmi : &step;
    if (array.of > 1 && inner->of > 1) return contradict(&array, inner);
    const struct source *s = array.of > 1 || !inner->there ? &array : inner;
    l->name = s->there ? s->name : NULL;
    l->mpi = s->there && (s == &mpi || s == &pmi);
    l->rank = s->at;
    l->size = s->of;
    return STATUS_OK;
}

/* ---- those on this host */

/* "2(x3),1": so many tasks on each of three nodes, one on the next. 0 where it is no such list. */
static size_t tasks_on(const char *list, size_t node)
{
    while (*list) {
        char *end;
        const size_t tasks = strtoul(list, &end, 10);
        size_t times = 1;
        if (end == list) return 0;
        if (strncmp(end, "(x", 2) == 0) {
            times = strtoul(end + 2, &end, 10);
            if (*end++ != ')') return 0;
        }
        if (node < times) return tasks;
        node -= times;
        if (*end != ',') return 0;
        list = end + 1;
    }
    return 0;
}

static enum status read_slurm_host(struct launcher *l)
{
    const char *tasks = variable("SLURM_STEP_TASKS_PER_NODE");
    const char *bind = variable("SLURM_CPU_BIND_TYPE");
    size_t node = 0;
    if (!variable("SLURM_LOCALID")) return STATUS_OK;
    enum status status = read_number("SLURM_LOCALID", &l->local_rank);
    if (status == STATUS_OK && variable("SLURM_NODEID"))
        status = read_number("SLURM_NODEID", &node);
    if (tasks) l->local_size = tasks_on(tasks, node);
    if (l->local_size <= l->local_rank) l->local_size = l->local_rank + 1;
    l->bound = bind && strncmp(bind, "none", 4) != 0;
    return status;
}

static enum status read_host(struct launcher *l)
{
    struct source open = {"Open MPI", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE",
                          .of = 1};
    struct source other = {"MPI", "MPI_LOCALRANKID", "MPI_LOCALNRANKS", .of = 1};
    const char *bound = variable("OMPI_MCA_orte_bound_at_launch");
    if (!l->mpi) return l->size > 1 ? read_slurm_host(l) : STATUS_OK;
    enum status status = read_source(&open);
    if (status == STATUS_OK) status = read_source(&other);
    const struct source *s = open.there ? &open : &other;
    l->local_rank = s->at;
    l->local_size = s->of;
    l->bound = bound && strcmp(bound, "1") == 0;
    return status;
}

enum status launcher_read(struct launcher *l)
{
    *l = (struct launcher){.size = 1, .local_size = 1};
    const enum status status = read_ranks(l);
    return status == STATUS_OK ? read_host(l) : status;
}
