/* Races that the thread sanitizer must report, and the same work without them, of which it must say nothing:
 * test_race none, seam or barrier. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/par.h"

enum { COUNT = 64, GRAIN = 16, THREADS = 2 };

struct work {
    bool seam, barrier; /* the faults */
    float x[COUNT], partial[THREADS], sum[THREADS];
};

/* With the fault a range writes the first element of the next one too. */
static void range(size_t begin, size_t end, void *ctx)
{
    struct work *w = ctx;
    const size_t last = w->seam && end < COUNT ? end + 1 : end;
    for (size_t i = begin; i < last; i++) w->x[i] = 1.0f;
}

/* With the fault a member reads what the other may not have written yet. */
static void member(const struct team *team, void *ctx)
{
    struct work *w = ctx;
    w->partial[team->id] = w->x[team->id];
    if (!w->barrier) team_barrier(team);
    w->sum[team->id] = w->partial[0] + w->partial[team->size - 1];
}

int main(int argc, char **argv)
{
    const char *fault = argc > 1 ? argv[1] : "none";
    struct work w = {.seam = strcmp(fault, "seam") == 0, .barrier = strcmp(fault, "barrier") == 0};
    par_for(THREADS, COUNT, GRAIN, range, &w);
    par_team(THREADS, member, &w);
    printf("%s: %g\n", fault, (double)w.sum[0]);
    return 0;
}
