/* asked: the options of the study circuits: a circuit or a machine of the user's in place of its claims. */
#ifndef CIRCUITS_ASKED_H
#define CIRCUITS_ASKED_H

#include <argp.h>
#include <stdbool.h>

extern const struct argp circuits_argp;

/* Paths; NULL: not given. At most one is. */
struct circuits_asked {
    const char *circuit, *machine;
};
extern struct circuits_asked circuits_asked;

/* struct study: the first option that was given; whether it asks for another run than that of the claims. */
const char *circuits_given(void);
bool circuits_own(void);

#endif
