/* asked: what `hinge study distillation` is asked for beside its size: some of its experiments, or a sweep of the
 * user's own. */
#ifndef DISTILLATION_ASKED_H
#define DISTILLATION_ASKED_H

#include <argp.h>

#include "studies/distillation/task.h"

enum { LIST_MOST = 64 };

struct reals {
    double at[LIST_MOST];
    size_t count; /* 0: not given */
};

enum shuffling { SHUFFLE_NO, SHUFFLE_YES, SHUFFLE_BOTH };

/* The user's own sweep, over all combinations of its lists. */
struct own_sweep {
    enum model model; /* MODELS: none is asked for */
    struct reals d, n, c, p, student_p, rho, tau;
    double lr, student_lr, decay;
    size_t epochs, student_epochs, batch, draws;
    enum shuffling shuffle;
    bool hard;
};

struct asked {
    unsigned experiments; /* bit i: the i-th; 0: all */
    double save_every;    /* seconds */
    struct own_sweep own;
    char text[1024]; /* all that the rows hang on, as it was given */
};

extern struct asked distillation_asked;
extern const struct argp distillation_argp;
/* The first option that was given; NULL: none. */
const char *distillation_given(void);

/* The experiments' names, NULL at the end. */
extern const char *const experiment_names[];

#endif
