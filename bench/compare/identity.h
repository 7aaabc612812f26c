/* identity: whether two result files come from one machine, and what else of their settings differs. */
#ifndef COMPARE_IDENTITY_H
#define COMPARE_IDENTITY_H

#include <jansson.h>
#include <stdbool.h>

#include "report/read.h"

enum { DIFFERENCES_MAX = 64, DIFFERENCE_TEXT = 72 };

/* One field of the context that two files give differently. */
struct difference {
    const char *field;
    char old[DIFFERENCE_TEXT], new[DIFFERENCE_TEXT];
};

struct differences {
    struct difference at[DIFFERENCES_MAX];
    size_t count;
};

/* What makes a machine: processor, cores, caches, NUMA, memory within 2 % (kernels keep some of it). What either file
 * does not know is not compared. Empty: one machine, as far as the files tell. */
void identity_machine(const struct read_file *old, const struct read_file *new,
                      struct differences *found);
/* What may move times on one machine: instruction set, binding, compiler, pages, FTZ, governor, libraries, ... */
void identity_settings(const struct read_file *old, const struct read_file *new,
                       struct differences *found);

/* Whether a field of identity_settings() is one that is chosen, so that its values are beside each other: masked lanes,
 * binding, pages, FTZ, data. The others come with time: compilers, kernels, libraries, hosts. */
bool identity_is_chosen(const char *field);

/* Whether such a field is what each host has of its own, however alike they are set: its name, where its threads were. */
bool identity_is_of_host(const char *field);

/* Whether it is one that a build or a run of one commit is given: compiler and flags, binding, pages, FTZ, the governor. */
bool identity_is_setting(const char *field);

/* A context of what the first two look at and no more. NULL where there is no memory. */
json_t *identity_keep(const struct read_file *file);

#endif
