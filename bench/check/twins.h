/* twins: oneDNN's version of a kernel, and other libraries', held to the same oracle. */
#ifndef CHECK_TWINS_H
#define CHECK_TWINS_H

#include "judge.h"
#include "peers.h"

enum twin_verdict {
    TWIN_ABSENT,  /* oneDNN has no such operation in this form */
    TWIN_SKIPPED, /* oneDNN is not here, or refused */
    TWIN_RIGHT,
    TWIN_WRONG
};

int twins_forms(void);
const char *twins_form_name(int form);
/* "oneDNN 2.6.3", or "no oneDNN". */
const char *twins_version(void);
/* out has room for problem_output_bytes(). Fills beyond finite numbers or far from 0 and operands in
 * one memory are ABSENT: oneDNN defines nothing there. */
enum twin_verdict twins_run(const struct problem *p, int form, int threads, void *out,
                            struct readout *seen, struct finding *finding);

/* The same for another library, on so many threads. */
enum twin_verdict peers_run(const struct problem *p, enum peer peer, int threads, void *out,
                            struct readout *seen, struct finding *finding);

#endif
