/* launcher: what started this process as one of several, as its environment tells: Open MPI, another MPI by PMI, Slurm's
 * srun, or a job array of Slurm. No library of theirs is needed: the processes of a run never speak to each other, they
 * have a folder in common.
 */
#ifndef CLUSTER_LAUNCHER_H
#define CLUSTER_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct launcher {
    const char *name;              /* "Open MPI"; NULL: none */
    bool mpi;                      /* each process is started for a rank of its own */
    size_t rank, size;             /* 0 of 1 without a launcher */
    size_t local_rank, local_size; /* among those on this host; 0 of 1 where nothing tells */
    bool bound;                    /* it says that each process was bound to CPUs of its own */
};

/* An MPI's word goes before srun's, which may have started no more than its daemons. STATUS_USAGE names the variables
 * that are no numbers, of which one is missing, or that contradict each other. */
enum status launcher_read(struct launcher *launcher);

#endif
