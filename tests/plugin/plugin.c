/* A plug-in of two kernels in plain C: cc -O2 -shared -fPIC $(pkg-config --cflags hinge) -o plain.so plugin.c, then
 * hinge check --plugin ./plain.so and hinge bench --plugin ./plain.so. */
#include <hinge/plugin.h>

/* NaN is not below 0, and stays. */
static float rectified(float x)
{
    return x < 0.0f ? 0.0f : x;
}

static void plain_relu_fwd(float *dst, const float *src, size_t n)
{
    for (size_t i = 0; i < n; i++) dst[i] = rectified(src[i]);
}

/* The weights as they are: k x n, row after row. */
static void plain_dense_fwd(const struct dense_fwd *a)
{
    for (size_t i = 0; i < a->m; i++) {
        float *dst = a->dst + i * a->ld_dst;
        const float *src = a->src + i * a->ld_src;
        for (size_t j = 0; j < a->n; j++) dst[j] = a->bias ? a->bias[j] : 0.0f;
        for (size_t p = 0; p < a->k; p++)
            for (size_t j = 0; j < a->n; j++) dst[j] += src[p] * a->w[p * a->ld_w + j];
        for (size_t j = 0; a->relu && j < a->n; j++) dst[j] = rectified(dst[j]);
    }
}

static const struct hinge_plugin_kernel kernels[] = {
    HINGE_PLUGIN_KERNEL(relu_fwd, plain_relu_fwd, .flags = HINGE_PLUGIN_SAME_WORDS),
    HINGE_PLUGIN_KERNEL(dense_fwd, plain_dense_fwd, .without = "packed"),
};

const struct hinge_plugin hinge_plugin = HINGE_PLUGIN(kernels, .name = "plain", .release = "1.0",
                                                      .note = "loops, as a compiler has them");
