/* A build without oneDNN: every twin is unavailable, in a sentence. */
#include "dnnl.h"

struct twin_run *run_open(const char *kernel, int threads, enum form form)
{
    (void)threads, (void)form;
    fail(STATUS_UNAVAILABLE, "%s: this build has no oneDNN (Debian: libdnnl-dev) to compare with",
         kernel);
    return NULL;
}

enum status run_ready(struct twin_run *run, struct twin_run **out)
{
    (void)run;
    *out = NULL;
    return STATUS_UNAVAILABLE;
}

float *run_scratch(struct twin_run *run, size_t floats)
{
    (void)run, (void)floats;
    return NULL;
}

void run_dense_fwd(struct twin_run *run, const struct dense_views *v)
{
    (void)run, (void)v;
}

void run_dense_add(struct twin_run *run, struct view dst, struct view a, struct view b)
{
    (void)run, (void)dst, (void)a, (void)b;
}

void run_dense_bwd_data(struct twin_run *run, struct view dsrc, struct view ddst, struct view w)
{
    (void)run, (void)dsrc, (void)ddst, (void)w;
}

void run_dense_bwd_weights(struct twin_run *run, const struct weights_views *v)
{
    (void)run, (void)v;
}

void run_step(struct twin_run *run, struct view w, float lr, struct view dw)
{
    (void)run, (void)w, (void)lr, (void)dw;
}

void run_add_column(struct twin_run *run, struct view dst, const float *column)
{
    (void)run, (void)dst, (void)column;
}

void run_relu_fwd(struct twin_run *run, struct view dst, struct view src)
{
    (void)run, (void)dst, (void)src;
}

void run_relu_bwd(struct twin_run *run, struct view dsrc, struct view ddst, struct view dst)
{
    (void)run, (void)dsrc, (void)ddst, (void)dst;
}

void run_gelu_fwd(struct twin_run *run, struct view dst, struct view src, bool tanh)
{
    (void)run, (void)dst, (void)src, (void)tanh;
}

void run_gelu_bwd(struct twin_run *run, struct view dsrc, struct view ddst, struct view src,
                  bool tanh)
{
    (void)run, (void)dsrc, (void)ddst, (void)src, (void)tanh;
}

void run_softmax_fwd(struct twin_run *run, struct view dst, struct view src)
{
    (void)run, (void)dst, (void)src;
}

void run_softmax_bwd(struct twin_run *run, struct view dsrc, struct view ddst, struct view dst)
{
    (void)run, (void)dsrc, (void)ddst, (void)dst;
}

void run_sum(struct twin_run *run, struct view dst, float a, struct view x, float b, struct view y)
{
    (void)run, (void)dst, (void)a, (void)x, (void)b, (void)y;
}

void run_products(struct twin_run *run, const struct product_views *v)
{
    (void)run, (void)v;
}

void run_softmax_grad(struct twin_run *run, struct view grad, struct view rows)
{
    (void)run, (void)grad, (void)rows;
}

struct view run_causal_mask(struct twin_run *run, size_t t)
{
    (void)run, (void)t;
    return (struct view){0};
}

void run_panels(struct twin_run *run, float *dst, struct view src)
{
    (void)run, (void)dst, (void)src;
}

void run_scale_rows(struct twin_run *run, struct view dst, struct view src, const float *by)
{
    (void)run, (void)dst, (void)src, (void)by;
}

void run_adamw(struct twin_run *run, const struct adamw_views *a)
{
    (void)run, (void)a;
}

void run_layernorm_fwd(struct twin_run *run, const struct layernorm_views *v)
{
    (void)run, (void)v;
}

void run_layernorm_bwd(struct twin_run *run, const struct layernorm_views *v)
{
    (void)run, (void)v;
}

void run_rsqrt(struct twin_run *run, const float *dst, const float *src, size_t n, float eps)
{
    (void)run, (void)dst, (void)src, (void)n, (void)eps;
}

void run_finish(struct twin_run *run)
{
    (void)run;
}

void run_unpack(struct twin_run *run, struct view dst, const float *panels)
{
    (void)run, (void)dst, (void)panels;
}

enum status twin_copy(struct twin_run *run, size_t copies, size_t stride)
{
    (void)run, (void)copies, (void)stride;
    return STATUS_UNAVAILABLE;
}

void twin_use(struct twin_run *run, size_t copy)
{
    (void)run, (void)copy;
}

void twin_warm(const struct twin_run *run, size_t copy)
{
    (void)run, (void)copy;
}

void twin_finish(struct twin_run *run)
{
    (void)run;
}
void twin_exec(struct twin_run *run)
{
    (void)run;
}
void twin_close(struct twin_run *run)
{
    (void)run;
}

const char *twin_impl(const struct twin_run *run)
{
    (void)run;
    return "none";
}

bool twin_is_ref(const struct twin_run *run)
{
    (void)run;
    return false;
}

const char *twin_version(void)
{
    return "none";
}
const char *twin_cpu_isa(void)
{
    return "none";
}

enum status twin_limit_isa(enum isa isa)
{
    (void)isa;
    return STATUS_OK;
}
