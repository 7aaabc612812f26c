/* child: a process of `hinge worker`, from the side of the one that started it. The protocol is in serve.h. */
#ifndef WORKER_CHILD_H
#define WORKER_CHILD_H

#include <sys/types.h>

#include "base/status.h"
#include "channel.h"

enum { CHILD_PROTOCOL = 1 };

/* Zero: none. */
struct child {
    pid_t pid;
    struct channel channel;
    json_t *hello;
    char died[64];    /* how it ended when it ended unasked: "SIGSEGV", "exit code 71" */
    char variant[24]; /* that was running then; "" where that is not known */
};

/* Runs `program` with argv (argv[1] is "worker") on every CPU that this process may use, and waits for its
 * hello. It ignores Ctrl-C and is killed when this process ends. STATUS_UNAVAILABLE where it does not start, or is
 * no worker of this protocol. */
enum status child_start(struct child *c, const char *program, char *const argv[]);
/* Takes the request's reference. The answer, a new reference: the object under `key`. NULL and `*failed` where the
 * worker could not do it: the sentence is status_text(). NULL otherwise: there is no worker any more, c->died says how
 * it ended; it was killed where a signal has arrived here in the meantime. */
json_t *child_ask(struct child *c, json_t *request, const char *key, enum status *failed);
/* Lets it end, and waits for that. */
void child_end(struct child *c);
/* At once. */
void child_kill(struct child *c);

#endif
