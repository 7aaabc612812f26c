#include "train/gpt_schedule.h"

#include <math.h>

double gpt_schedule_rate(const struct gpt_schedule *s, size_t step)
{
    if (step <= s->warmup) return s->top * (double)step / (double)s->warmup;
    const double way = (double)(step - s->warmup) / (double)(s->steps - s->warmup);
    return s->end + (s->top - s->end) * 0.5 * (1.0 + cos(M_PI * way));
}
