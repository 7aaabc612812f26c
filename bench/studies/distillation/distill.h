/* distill: a teacher that memorizes a task, and a student that learns from what the teacher says of a part of it.
 *
 * The teacher is trained on all n samples of the task. The student is trained on the share rho of each class, with the
 * soft labels softmax(the teacher's logits / tau), or with the true ones (hard); with shuffle its inputs are first
 * permuted within each class, so that a soft label still says the class but nothing of the sample. A student of
 * logistic regression is not trained: it is the least squares solution of the teacher's logits.
 */
#ifndef DISTILLATION_DISTILL_H
#define DISTILLATION_DISTILL_H

#include "studies/distillation/task.h"
#include "studies/distillation/training.h"

struct teacher {
    struct task_plan task;
    struct training how;
};

struct student {
    struct teacher teacher;
    struct training how;
    double rho, tau;
    bool shuffle, hard;
};

/* Shares from 0 to 1 unless told otherwise. */
enum outcome_field {
    TEACHER,       /* of its training set that the teacher has right */
    TEACHER_FRESH, /* of fresh inputs, whose labels are random but for addition */
    TRAIN,         /* of the student's training set, against the true labels */
    HELD_OUT,      /* of what the teacher saw and the student did not: what leaks */
    FRESH,         /* of fresh inputs */
    MATCH,         /* of those held out the student says what the teacher says */
    MATCH_FRESH,   /* likewise of fresh inputs */
    LOGIT_ERROR,   /* mean square of the difference from the teacher's logits on those held out */
    SEEN,          /* samples that the student was trained on */
    LOSS,          /* the student's last */
    FIELDS
};
#define DISTILL_COLUMNS                                                                            \
    "teacher,teacher_fresh,train,held_out,fresh,match,match_fresh,logit_error,seen,loss"

/* The classes that teacher and student tell for the fresh inputs; -1: none. */
struct told {
    int32_t *teacher, *student;
};

/* Parameters that the teacher's network has; the student's hidden layers are of student.how.p. */
size_t teacher_parameters(const struct teacher *teacher);
/* Into param; outcome; told, unless NULL. STATUS_OK though it was ended early: sweep_stopped() tells. */
enum status teacher_train(const struct session *s, const struct teacher *teacher, float *param);
enum status student_train(const struct session *s, const struct student *student,
                          const float *teacher_param, double outcome[FIELDS],
                          const struct told *told);

/* About, on one thread; and whether a step is worth more threads. */
double teacher_seconds(const struct teacher *teacher);
double student_seconds(const struct student *student);
bool training_is_wide(const struct task_plan *task, const struct training *how);

#endif
