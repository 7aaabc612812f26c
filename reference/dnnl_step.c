/* What a training step takes beside its layers. */
#include "dnnl_run.h"

void run_scale_rows(struct twin_run *run, struct view dst, struct view src, const float *by)
{
    if (!run || run->status) return;
    binary_add(run, dnnl_binary_mul, dst, src, view_of(by, src.rows, 1, 1));
}

/* dst = a sqrt(src) + b. */
static void root_add(struct twin_run *run, struct view dst, struct view src, float a, float b)
{
    struct desc d = {0};
    if (desc_view(run, &d, dst)) {
        dnnl_memory_t to = memory_of(run, &d, dst.data);
        eltwise_add(run, to, memory_of(run, &d, src.data), &d, dnnl_eltwise_sqrt,
                    (const float[]){0.0f, 0.0f});
        eltwise_add(run, to, to, &d, dnnl_eltwise_linear, (const float[]){a, b});
    }
    desc_free(&d);
}

void run_adamw(struct twin_run *run, const struct adamw_views *a)
{
    const struct adamw_factors *by = &a->by;
    const struct view w = view_of(a->w, 1, a->n, a->n), m = view_of(a->m, 1, a->n, a->n),
                      v = view_of(a->v, 1, a->n, a->n), dw = view_of(a->dw, 1, a->n, a->n);
    if (!run || run->status) return;
    const struct view part = view_of(run_scratch(run, a->n), 1, a->n, a->n);
    binary_add(run, dnnl_binary_mul, part, dw, dw);
    run_sum(run, m, by->beta1, m, by->rest1, dw);
    run_sum(run, v, by->beta2, v, by->rest2, part);
    root_add(run, part, v, by->root, by->eps);
    binary_add(run, dnnl_binary_div, part, m, part);
    run_sum(run, w, by->keep, w, -by->rate, part);
}
