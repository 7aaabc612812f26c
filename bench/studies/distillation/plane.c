/* Figure 1: three classes in two dimensions, a student of hard labels beside one of soft labels, and what they make of
 * the plane. */
#include <stdlib.h>

#include "base/status.h"
#include "studies/distillation/school.h"

enum { DRAWS_MOST = 40, CELLS = PLANE_SIDE * PLANE_SIDE };

static struct student cell(const struct school *school, bool hard)
{
    const struct training how = {
        .p = 150, .epochs = school_pick(school, 200, 4000, 4000), .lr = 1e-3, .beta2 = 0.999};
    return (struct student){
        .teacher = {{PLANE, 2, 60, 3, 0}, how}, .how = how, .rho = 0.6, .tau = 10.0, .hard = hard};
}

/* Soft less hard, pair by pair. */
static struct interval gain(struct school *school, size_t draws, enum outcome_field field)
{
    double x[DRAWS_MOST];
    struct student soft = cell(school, false), hard = cell(school, true);
    for (size_t i = 0; i < draws; i++) {
        soft.teacher.task.seed = hard.teacher.task.seed = school_seed(school, i);
        const double more = school_outcome(school, &soft)[field];
        x[i] = more - school_outcome(school, &hard)[field];
    }
    return stats_mean(x, draws);
}

static void map(const struct school *school, const char *name, const char *title,
                const int32_t *told)
{
    double at[PLANE_SIDE], *z = calloc(CELLS, sizeof *z);
    if (!z) out_of_memory();
    for (size_t i = 0; i < PLANE_SIDE; i++) at[i] = 2.0 * ((double)i + 0.5) / PLANE_SIDE - 1.0;
    for (size_t i = 0; i < CELLS; i++) z[i] = (double)told[i];
    school_heat(school, name,
                &(struct svg_heat){.title = title,
                                   .x = {.label = "x"},
                                   .y = {.label = "y"},
                                   .z = {.label = "class", .lo = 0.0, .hi = 2.0},
                                   .at_x = at,
                                   .at_y = at,
                                   .at_z = z,
                                   .columns = PLANE_SIDE,
                                   .rows = PLANE_SIDE});
    free(z);
}

/* Of the first draw, trained once more: the sweep keeps no parameters. */
static enum status maps(const struct school *school)
{
    int32_t *told = calloc(3 * CELLS, sizeof *told);
    struct student soft = cell(school, false), hard = cell(school, true);
    soft.teacher.task.seed = hard.teacher.task.seed = school_seed(school, 0);
    float *param = calloc(teacher_parameters(&soft.teacher), sizeof *param);
    const struct session s = {.set = study_kernels(school->run)};
    double outcome[FIELDS];
    if (!told || !param) out_of_memory();
    enum status status = teacher_train(&s, &soft.teacher, param);
    if (status == STATUS_OK)
        status = student_train(&s, &soft, param, outcome, &(struct told){told, told + CELLS});
    if (status == STATUS_OK)
        status = student_train(&s, &hard, param, outcome, &(struct told){told, told + 2 * CELLS});
    if (status == STATUS_OK) {
        map(school, "plane-teacher", "The plane as the teacher has it", told);
        map(school, "plane-soft", "As a student of soft labels has it", told + CELLS);
        map(school, "plane-hard", "As a student of hard labels has it", told + 2 * CELLS);
    }
    free(told);
    free(param);
    return status;
}

void school_plane(struct school *school)
{
    const size_t draws = school_pick(school, 2, DRAWS_MOST, DRAWS_MOST);
    const struct interval held = gain(school, draws, HELD_OUT),
                          agree = gain(school, draws, MATCH_FRESH);
    struct student mixed = cell(school, false);
    mixed.shuffle = true;
    const struct interval control = school_mean(school, &mixed, draws, HELD_OUT);
    school_claim(school, "D9", held, draws);
    school_claim(school, "D9-b", agree, draws);
    school_claim(school, "D9-c", control, draws);
    /* Where memory is short there are no maps. */
    if (school->recording && !study_interrupted(school->run)) (void)maps(school);
}
