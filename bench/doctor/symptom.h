/* symptom: one thing about this machine that bears on how noisy a measurement is. */
#ifndef DOCTOR_SYMPTOM_H
#define DOCTOR_SYMPTOM_H

#include <stddef.h>

enum health {
    HEALTH_GOOD,
    HEALTH_NOTE,   /* matters in some cases, which `why` names */
    HEALTH_BAD,    /* measurements suffer */
    HEALTH_UNKNOWN /* could not be read: neither good nor bad */
};

enum { SYMPTOM_TEXT = 200, SYMPTOMS_MAX = 32 };

struct symptom {
    const char *id, *why; /* in one line, what it does to a measurement */
    enum health health;
    char seen[SYMPTOM_TEXT]; /* what was read */
    char mend[SYMPTOM_TEXT]; /* the setting or command, "" where there is none or no need */
};

struct symptoms {
    struct symptom at[SYMPTOMS_MAX];
    size_t count;
};

const char *health_name(enum health health);

/* A further one, unknown until symptom_is(). */
struct symptom *symptom_add(struct symptoms *all, const char *id, const char *why);
__attribute__((format(printf, 3, 4))) void symptom_is(struct symptom *s, enum health health,
                                                      const char *seen, ...);
__attribute__((format(printf, 2, 3))) void symptom_mend(struct symptom *s, const char *mend, ...);

#endif
