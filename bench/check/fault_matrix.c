#include "fault_matrix.h"

#include <stdio.h>
#include <string.h>

static const char letters[VERDICT_COUNT] = {
    [VERDICT_PASS] = '-',       [VERDICT_VALUE] = 'v',   [VERDICT_WORDS] = 'w',
    [VERDICT_REPEAT] = 'r',     [VERDICT_THREADS] = 't', [VERDICT_CRASH] = 'c',
    [VERDICT_OUTSIDE] = 'o',    [VERDICT_INPUT] = 'i',   [VERDICT_UNWRITTEN] = 'u',
    [VERDICT_MISTRUSTED] = 'm', [VERDICT_ORACLE] = 'n',  [VERDICT_TWIN] = 'x',
    [VERDICT_GRADIENT] = 'g'};

void fault_matrix_add(struct fault_matrix *m, const struct fault *fault, enum verdict found,
                      bool good)
{
    const bool sound = fault->expected == VERDICT_BIT(VERDICT_PASS);
    m->sound += sound;
    m->planted += !sound;
    m->wrong += !good;
    if (sound) return;
    if (good)
        m->found[fault->kind][fault->family][found]++;
    else
        m->escaped[fault->kind][fault->family]++;
}

/* "12u", "3u9v", "2v1!": by which checks how many were found, and how many escaped. */
static void cell(const struct fault_matrix *m, int kind, size_t family, char text[64])
{
    *text = '\0';
    for (int v = 0; v < VERDICT_COUNT; v++)
        if (m->found[kind][family][v])
            snprintf(text + strlen(text), 64 - strlen(text), "%zu%c", m->found[kind][family][v],
                     letters[v]);
    if (m->escaped[kind][family])
        snprintf(text + strlen(text), 64 - strlen(text), "%zu!", m->escaped[kind][family]);
    if (!*text) strcpy(text, ".");
}

static bool any(const struct fault_matrix *m, int kind)
{
    static const struct fault_matrix none;
    return memcmp(m->found[kind], none.found[kind], sizeof m->found[kind]) != 0 ||
           memcmp(m->escaped[kind], none.escaped[kind], sizeof m->escaped[kind]) != 0;
}

static bool any_of(const struct fault_matrix *m, size_t family)
{
    char text[64];
    for (int kind = 0; kind < FAULT_KIND_COUNT; kind++) {
        cell(m, kind, family, text);
        if (strcmp(text, ".") != 0) return true;
    }
    return false;
}

void fault_matrix_print(const struct fault_matrix *m)
{
    char text[64];
    if (!m->planted) return;
    printf("\n%-24s", "faults, and what found them");
    for (size_t f = 0; f < FAULT_FAMILIES; f++)
        if (any_of(m, f)) printf(" %7s", fault_family_name(f));
    putchar('\n');
    for (int kind = 0; kind < FAULT_KIND_COUNT; kind++) {
        if (!any(m, kind)) continue;
        printf("%-27s", fault_kind_name((enum fault_kind)kind));
        for (size_t f = 0; f < FAULT_FAMILIES; f++) {
            if (!any_of(m, f)) continue;
            cell(m, kind, f, text);
            printf(" %7s", text);
        }
        putchar('\n');
    }
    for (int v = VERDICT_VALUE; v < VERDICT_COUNT; v++)
        printf("%s%c %s", v == VERDICT_VALUE ? "" : ", ", letters[v],
               verdict_name((enum verdict)v));
    puts(", ! ESCAPED, . no such fault");
}
