/* gpt_schedule: the learning rate of each step: up on a line, then down on half a cosine.
 *
 *   step <= warmup:  top step / warmup
 *   else:            end + (top - end) (1 + cos(pi (step - warmup) / (steps - warmup))) / 2
 *
 * step counts from 1 to steps, so the last has `end`, and the first behind the warm-up nearly top.
 * Source: Loshchilov, Hutter, "SGDR", arXiv:1608.03983, equation 5, without restarts.
 */
#ifndef TRAIN_GPT_SCHEDULE_H
#define TRAIN_GPT_SCHEDULE_H

#include <stddef.h>

struct gpt_schedule {
    double top, end;
    size_t warmup, steps; /* warmup <= steps */
};

double gpt_schedule_rate(const struct gpt_schedule *schedule, size_t step);

#endif
