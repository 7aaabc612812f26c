/* doctor: all that `hinge doctor` has found, and how it is told. */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include <stdio.h>

#include "effect.h"
#include "measure/machine.h"
#include "probe.h"
#include "symptoms.h"

enum { DOCTOR_TEXT = 800 };

struct doctor {
    struct machine machine;
    struct watch watch;
    struct symptoms symptoms;
    struct probe probe; /* pairs == 0: there was none */
    struct effect effect[PROBE_KINDS];
    int kinds; /* that have an effect: 0 without a probe, or after too short a one */
    double min_effect;
    char summary[DOCTOR_TEXT];     /* in one sentence */
    char environment[DOCTOR_TEXT]; /* that runs here should have */
};

/* Fills summary and environment from the rest. */
void doctor_conclude(struct doctor *d);
/* At least one kind's effect in `ab` is min_effect or less. */
bool doctor_sees(const struct doctor *d);

/* verbose: why a good finding matters, too. */
void doctor_table(FILE *out, const struct doctor *d, bool verbose);
enum status doctor_json(const struct doctor *d, const char *path);

#endif
