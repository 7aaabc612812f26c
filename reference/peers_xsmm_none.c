/* A build without libxsmm. */
#include "peers_run.h"

static enum status missing(void)
{
    return fail(STATUS_UNAVAILABLE, "this build has no libxsmm (Debian: libxsmm-dev)");
}

const char *xsmm_version(void)
{
    missing();
    return "none";
}

enum status xsmm_open(struct peer_run *run)
{
    (void)run;
    return missing();
}

void xsmm_exec(struct peer_run *run)
{
    (void)run;
}
void xsmm_close(struct peer_run *run)
{
    (void)run;
}
