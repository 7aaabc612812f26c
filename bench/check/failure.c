#include "failure.h"

#include <string.h>

/* A case's name as an extended regular expression that matches nothing else. */
static void quote(const char *name, char *text, size_t size)
{
    size_t used = 0;
    for (; *name && used + 4 < size; name++) {
        if (strchr("+.", *name)) {
            text[used++] = '[';
            text[used++] = *name;
            text[used++] = ']';
        } else {
            text[used++] = *name;
        }
    }
    text[used] = '\0';
}

static void end_repeat(FILE *out, const struct check_plan *plan)
{
    fprintf(out, " --seed %llu", (unsigned long long)plan->seed);
    if (plan->fault) fprintf(out, " --fault \"%s\"", plan->fault);
    fputc('\n', out);
}

/* The command that runs once more a case that its kernel's spec has. */
static void repeat_own(FILE *out, const struct check_plan *plan, const struct problem *p,
                       const char *option)
{
    char pattern[512];
    quote(p->name, pattern, sizeof pattern);
    fputs("repeat: hinge check", out);
    if (!plan->fault) fprintf(out, " --kernel %s", p->spec->name);
    fprintf(out, " --filter '^%s$' %s --fill %s", pattern, option, fill_name(p->fill));
    end_repeat(out, plan);
}

void failure_repeat(FILE *out, const struct check_plan *plan, const char *case_name, enum fill fill,
                    const char *option)
{
    fprintf(out, "repeat: hinge check --case '%s' %s --fill %s --threads ", case_name, option,
            fill_name(fill));
    for (size_t i = 0; i < plan->thread_count; i++)
        fprintf(out, "%s%d", i ? "," : "", plan->threads[i]);
    fprintf(out, " --shift %d", plan->shift);
    end_repeat(out, plan);
}

void failure_report(struct trial *t, const char *lane, const char *option, const struct finding *f,
                    const char *where, size_t *shown)
{
    enum { SHOWN = 3 };
    const struct check_plan *plan = t->work->plan;
    const struct problem *p = t->p;
    if (t->work->tally->first.verdict == VERDICT_PASS) t->work->tally->first = *f;
    t->work->tally->found[f->verdict]++;
    if (!plan->out) return;
    if ((*shown)++ >= SHOWN && !plan->verbose) return;
    fprintf(plan->out, "FAIL %s %s, fill %s, seed %llu: %s\n     %s\n     %s%s", p->name, lane,
            fill_name(p->fill), (unsigned long long)p->seed, verdict_name(f->verdict), f->text,
            where, *where ? "\n     " : "");
    if (t->care == CARE_DRAWN)
        failure_repeat(plan->out, plan, p->name, p->fill, option);
    else
        repeat_own(plan->out, plan, p, option);
    fflush(plan->out);
}
