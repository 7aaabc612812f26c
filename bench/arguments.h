/* arguments: the options of `hinge bench`. */
#ifndef BENCH_ARGUMENTS_H
#define BENCH_ARGUMENTS_H

#include "cluster/share.h"
#include "data/data.h"
#include "grid/grid.h"
#include "options.h"

struct arguments {
    struct options options;
    struct grid grid;
    struct grid given;      /* lists of the command line; empty where none was given */
    struct size_list heads; /* as given: no chain has any */
    const char *grid_name, *data, *json;
    const char *resume;               /* a journal, whose arguments are to be taken; NULL */
    const struct kernel_spec *kernel; /* its own shapes instead of chains; NULL */
    const char *plugin;               /* its kernels beside ours; NULL */
    bool all_rooms;                   /* of the plug-in; kernel is its first */
    double budget;                    /* seconds */
    size_t forks;                     /* processes that a row is sampled in, at most */
    double target;                    /* relative half width of a row's interval */
    unsigned onednn_isas;             /* oneDNN is held to the widest of these lanes */
    bool no_json, verbose, peers, cold, ftz, sweep;
    struct cluster_share share; /* of the rows; count 0: all */
    bool per_host;              /* all rows, into a file that is named by the host */
};

/* Exits with a sentence where the command line is wrong. argv[0] is the command's name. */
struct arguments arguments_read(int argc, char **argv);
void arguments_free(struct arguments *a);
/* Whether this process is one of several, each with a file of its own. */
bool arguments_are_of_many(const struct arguments *a);

/* Of libraries that --peers asks for, which are missing or held back: on the standard error. */
void arguments_warn(const struct arguments *a);
/* What the arguments ask for, before any row is made: oneDNN held to its lanes, the images read. A kernel's own shapes
 * need none. */
enum status arguments_apply(const struct arguments *a, struct data *data);

#endif
