/* share: which part of a run this process does, where several do it together. They share a folder and nothing else: who
 * does what follows from the run's arguments and the number of shares alone, so that every process finds the same.
 */
#ifndef CLUSTER_SHARE_H
#define CLUSTER_SHARE_H

#include <stddef.h>

#include "base/status.h"

enum { SHARES_MOST = 100000, SHARE_PATH = 1024 };

struct cluster_share {
    size_t index, count; /* 1 of 4; count 0: this process does all */
};

/* "K/N", or "rank", which share_resolve() then replaces. */
enum status share_parse(const char *text, struct cluster_share *share);
/* A "rank" becomes what the launcher says (cluster/launcher.h); others stay. */
enum status share_resolve(struct cluster_share *share);

/* STATUS_USAGE where this is one of several ranks of an MPI, each of which would do the same; `instead` says what they
 * can do. */
enum status share_check_alone(const char *instead);

/* Of n units with these costs unit i is owner[i]'s, 1 to `shares`: the dearest first, each to the share that has the
 * least so far (Graham 1969). The same from the same. */
enum status share_deal(const double *cost, size_t n, size_t shares, size_t *owner);

/* "DIR/NAME.END" becomes "DIR/NAME.2-of-4.END", or "DIR/NAME.HOST.END". */
enum status share_path(char to[SHARE_PATH], const char *path, const struct cluster_share *share);
enum status share_host_path(char to[SHARE_PATH], const char *path);

/* The words of a command line with "--share=K/N" in place of what it said of a share; its strings are those of argv. To
 * be freed, with NULL behind the last of *count words; NULL where memory is short. */
char **share_words(int argc, char *const argv[], const struct cluster_share *share, int *count);

/* Ranks on one host get CPUs of their own: those that are allowed are cut by local rank, cores whole where that goes, and
 * the program is started again as `hinge COMMAND ARGV[1]...`. Returns where there is nothing to cut: one rank here, or
 * a launcher that has bound each. STATUS_USAGE where there are more ranks than CPUs. */
enum status share_settle_cpus(const char *command, int argc, char *const argv[]);

#endif
