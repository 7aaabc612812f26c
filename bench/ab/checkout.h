/* checkout: a revision of the repository around the working folder, built.
 *
 * A build lies in hinge/ab/COMMIT of the user's cache folder (XDG_CACHE_HOME, ~/.cache), with its log beside it,
 * and is used again whenever that commit is asked for. It is made by git, cmake and this build's compiler.
 */
#ifndef AB_CHECKOUT_H
#define AB_CHECKOUT_H

#include <stddef.h>

#include "base/status.h"

enum { COMMIT_ROOM = 65, CHECKOUT_PATH = 1024 };

/* The commit's full name. STATUS_USAGE where there is no such revision, STATUS_UNAVAILABLE where git is missing or
 * the working folder lies in no repository of hinge. */
enum status checkout_find(const char *revision, char commit[COMMIT_ROOM]);

/* The path of the hinge of that commit, which is built where it is not there. Tells on the standard error what takes
 * its time. */
enum status checkout_build(const char commit[COMMIT_ROOM], char program[CHECKOUT_PATH]);

/* The commits after `good` up to and with `bad`, along first parents, oldest first, each COMMIT_ROOM bytes; to be
 * freed. STATUS_USAGE where good is no ancestor of bad. */
enum status checkout_between(const char good[COMMIT_ROOM], const char bad[COMMIT_ROOM],
                             char (**commits)[COMMIT_ROOM], size_t *count);

/* "1a2b3c4d5e6f the first line of its message", shortened to the room. */
void checkout_title(const char commit[COMMIT_ROOM], char *text, size_t size);

#endif
