/* fuzz: what the targets share. A target is one reader of files: fuzz_one() gives it any bytes and insists on what its
 * contract promises. With HINGE_FUZZ libFuzzer makes the bytes; else a program takes the files of its arguments, whole
 * and cut short at 64 places.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* The target's. */
void fuzz_one(const char *data, size_t size);

/* Ends the program where it is not so: `what` is a promise. */
#define fuzz_insist(truth, what) ((truth) ? (void)0 : fuzz_broken(what))
_Noreturn void fuzz_broken(const char *what);
/* A text that may go to a terminal. */
void fuzz_insist_plain(const char *text);
/* Bytes of a file are at fault, and the sentence has its path; or it wants more memory than is free. */
void fuzz_insist_sentence(enum status status, const char *path);

/* Zeros, to be freed: for `count` and one more, so that there is room for none. */
void *fuzz_room(size_t count, size_t size);

/* A file that holds these bytes, of that name in a folder of this process; its path, for good. */
const char *fuzz_file(const char *name, const char *data, size_t size);
const char *fuzz_folder(void);

#endif
