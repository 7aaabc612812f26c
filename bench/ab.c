/* hinge ab: two builds beside each other in one run, and which rows of the new one are slower. */
#include <argp.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ab/pairs.h"
#include "base/clock.h"
#include "base/rng.h"
#include "commands.h"
#include "measure/stats.h"
#include "options.h"

static volatile sig_atomic_t interrupted;
static void on_interrupt(int number)
{
    interrupted = number;
}
static bool stop(void)
{
    return interrupted != 0;
}
static void progress(const struct pairs *p, const struct pair_row *row)
{
    if (!isatty(STDERR_FILENO)) return;
    fprintf(stderr, "\r\033[Kpair %zu, %.0f s left: %.60s", p->pairs, p->until - clock_seconds(), row->name);
}

int cmd_ab(int argc, char **argv)
{
    if (argc < 4) return STATUS_USAGE;
    struct pairs p = {.target = 0.005, .seed = 1, .stop = stop, .progress = progress};
    static char worker[] = "worker";
    char *args[64];
    for (int s = 0; s < 2; s++) {
        char **a = calloc(64, sizeof *a);
        a[0] = argv[1 + s];
        a[1] = worker;
        int n = 2;
        for (int i = 4; i < argc; i++) a[n++] = argv[i];
        p.side[s] = (struct side){.label = s ? "new" : "old", .program = argv[1 + s], .argv = a};
    }
    (void)args;
    signal(SIGINT, on_interrupt);
    const double from = clock_seconds();
    p.until = from + atof(argv[3]);
    enum status status = pairs_open(&p);
    if (status == STATUS_OK) status = pairs_run(&p);
    fprintf(stderr, "\r\033[K");
    printf("%zu pairs in %.1f s\n", p.pairs, clock_seconds() - from);
    for (size_t i = 0; i < p.rows; i++)
        for (size_t l = 0; l < p.row[i].lanes; l++) {
            const struct lane_pairs *x = &p.row[i].lane[l];
            const struct interval r = stats_mean(x->log_ratio, x->pairs);
            printf("%-40s %-8s %2zu %10.1f ns %+6.2f %% [%+.2f, %+.2f] visit %.3f %s%s\n", p.row[i].name, x->name, x->pairs,
                   exp(x->log_ns[0][0]), 100 * r.at, 100 * r.lo, 100 * r.hi, p.row[i].seconds, p.row[i].note, p.row[i].wrong);
        }
    if (status != STATUS_OK) fprintf(stderr, "hinge ab: %s\n", status_text());
    pairs_close(&p);
    return (int)status;
}
