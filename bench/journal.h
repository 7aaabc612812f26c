/* journal: what a run of `hinge bench` has done so far, so that another call can go on with it after it was killed.
 *
 * A file beside the result file, FILE.part: JSON, one object a line. The first says what was begun, by which build and
 * where; each of the others is a finished visit of one row by one process, the worker's answers in full, and is written
 * at once and in one piece: whatever kills the run, each line but the last is whole, and that is dropped if it is not.
 * A run goes on only where it began: on that machine, with that build, those arguments and that OpenMP environment;
 * another would put samples of two things into one row. That is asked for by name (--resume FILE.part) and never
 * done unasked, since a run that is repeated is usually meant to be a new one.
 */
#ifndef BENCH_JOURNAL_H
#define BENCH_JOURNAL_H

#include "measure/machine.h"
#include "rows.h"

/* Zero: none. */
struct journal {
    char path[1024];
    int fd, error;                 /* errno of the first line that could not be written */
    struct json_t *begun, *visits; /* of a journal that is resumed */
    double spent;                  /* seconds before this call */
    size_t resumed;                /* times, this one included */
    bool any_host;                 /* it may go on on another host that is the same in all else */
    struct json_t *hosts;          /* names of those that it was on before */
};

/* Makes FILE.part for the result file `result`. STATUS_NO_OUTPUT where there is one already, or another run has it. */
enum status journal_begin(struct journal *j, const char *result, const struct machine *m, int argc,
                          char *const argv[]);

/* Reads one. STATUS_NO_INPUT, STATUS_DATA name it and what is wrong with it. Its texts are plain. */
enum status journal_read(struct journal *j, const char *path);
/* The arguments of the run that it is of, argv[0] its command's name; the words are the journal's. NULL where memory is
 * short. */
char **journal_argv(const struct journal *j, int *argc);
/* Whether its run was begun with these arguments, argv[0] apart. */
bool journal_is_of(const struct journal *j, int argc, char *const argv[]);
/* What its run was to write: its path without ".part". */
void journal_result(const struct journal *j, char path[1024]);
/* STATUS_USAGE where it was begun elsewhere or by another build; the machine's date and command become those of the
 * beginning. Otherwise its visits become forks of the rows, and the journal is ready for more. */
enum status journal_resume(struct journal *j, struct machine *m, struct rows *rows);

/* A visit that is done (a new reference is taken), `spent` seconds after the run began. */
void journal_add(struct journal *j, const struct row *row, struct json_t *visit, double spent);
/* The result file is written: the journal goes. */
void journal_remove(struct journal *j);
void journal_close(struct journal *j);

#endif
