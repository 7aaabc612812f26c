#include "symptom.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

const char *health_name(enum health health)
{
    static const char *const name[] = {"good", "note", "bad", "unknown"};
    return name[health];
}

struct symptom *symptom_add(struct symptoms *all, const char *id, const char *why)
{
    assert(all->count < SYMPTOMS_MAX);
    struct symptom *s = &all->at[all->count++];
    *s = (struct symptom){.id = id, .why = why, .health = HEALTH_UNKNOWN, .seen = "unknown"};
    return s;
}

void symptom_is(struct symptom *s, enum health health, const char *seen, ...)
{
    va_list args;
    s->health = health;
    va_start(args, seen);
    vsnprintf(s->seen, sizeof s->seen, seen, args);
    va_end(args);
}

void symptom_mend(struct symptom *s, const char *mend, ...)
{
    va_list args;
    va_start(args, mend);
    vsnprintf(s->mend, sizeof s->mend, mend, args);
    va_end(args);
}
