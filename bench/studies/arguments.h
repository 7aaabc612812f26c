/* arguments: the options of `hinge study`. */
#ifndef STUDIES_ARGUMENTS_H
#define STUDIES_ARGUMENTS_H

#include "cluster/share.h"
#include "studies/study.h"

enum { STUDY_PATH_ROOM = 1024 };

struct study_arguments {
    const struct study *const *rows;
    const struct study *study; /* NULL: list them */
    enum study_size size;
    uint64_t seed, threads;
    bool no_json, resume;
    struct cluster_share share;             /* of the rows; count 0: all */
    const char *json, *figures, *rows_file; /* NULL where nothing is to be written */
    char default_json[STUDY_PATH_ROOM], default_figures[STUDY_PATH_ROOM],
        default_rows[STUDY_PATH_ROOM];
};

#endif
