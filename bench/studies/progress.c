/* The line of progress, and what ends a study. */
#include <math.h>
#include <unistd.h>

#include "base/clock.h"
#include "interrupt.h"
#include "record.h"

bool study_interrupted(const struct study_run *run)
{
    (void)run;
    return interrupted();
}

const char *human_seconds(double seconds, char text[16])
{
    const double minutes = seconds / 60.0;
    if (seconds < 9.95)
        snprintf(text, 16, "%.2g s", seconds);
    else if (seconds < 99.5)
        snprintf(text, 16, "%.0f s", seconds);
    else if (minutes < 99.5)
        snprintf(text, 16, "%.*f min", minutes < 9.95, minutes);
    else
        snprintf(text, 16, "%.1f h", minutes / 60.0);
    return text;
}

/* The guess for the whole run, scaled by what a guessed second has turned out to be; half a second of guesses
 * must have been seen before experience outweighs them. */
static double left(const struct study_run *run, double done, double took)
{
    const double prior = 0.5, guess = fmax(run->study->seconds[run->size], prior);
    return guess * (1.0 - done) * (took + prior) / (guess * done + prior);
}

void study_progress(struct study_run *run, double done, double total, const char *what)
{
    const double at_least_apart = 0.1, now = clock_seconds();
    if (!isatty(STDERR_FILENO) || !(total > 0.0)) return;
    if (run->shown > 0.0 && now < run->shown + at_least_apart) return;
    run->shown = now;
    const double share = fmin(fmax(done / total, 0.0), 1.0);
    const long eta = lround(fmin(left(run, share, now - run->began), 1e6));
    fprintf(stderr, "\r\033[K%3.0f %%, %ld:%02ld left: %.60s", 100.0 * share, eta / 60, eta % 60,
            what);
}

void progress_clear(void)
{
    if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
}
