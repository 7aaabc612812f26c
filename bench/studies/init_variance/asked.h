/* asked: what `hinge study init-variance` is asked for beside its size. */
#ifndef INIT_VARIANCE_ASKED_H
#define INIT_VARIANCE_ASKED_H

#include <argp.h>
#include <stddef.h>

struct init_variance_asked {
    unsigned parts;         /* bit i: the i-th of init_variance_parts; 0: all */
    const char *mnist;      /* NULL: the usual folder */
    size_t points, repeats; /* 0: those of the size */
    char text[512];         /* all that the rows hang on, as it was given */
};

extern struct init_variance_asked init_variance_asked;
extern const struct argp init_variance_argp;
/* NULL at the end. */
extern const char *const init_variance_parts[];
/* The first option that was given; NULL: none. */
const char *init_variance_given(void);

#endif
