/* A plug-in that packs weights in an order of its own: the columns of a panel from the last to the first. */
#include <hinge/plugin.h>

enum { WIDTH = 16 };

static void reversed_pack(const struct dense_pack *a)
{
    const size_t outputs = a->transpose ? a->k : a->n, inputs = a->transpose ? a->n : a->k;
    for (size_t j = 0; j < (outputs + WIDTH - 1) / WIDTH; j++)
        for (size_t p = 0; p < inputs; p++)
            for (size_t c = 0; c < WIDTH; c++) {
                const size_t output = WIDTH * j + c;
                const float *w =
                    a->transpose ? a->w + output * a->ld_w + p : a->w + p * a->ld_w + output;
                a->dst[(j * inputs + p) * WIDTH + WIDTH - 1 - c] = output < outputs ? *w : 0.0f;
            }
}

static void reversed_dense_fwd(const struct dense_fwd *a)
{
    for (size_t i = 0; i < a->m; i++)
        for (size_t j = 0; j < a->n; j++) {
            const size_t panel = j / WIDTH, column = WIDTH - 1 - j % WIDTH;
            float sum = a->bias ? a->bias[j] : 0.0f;
            for (size_t p = 0; p < a->k; p++)
                sum +=
                    a->src[i * a->ld_src + p] *
                    (a->packed ? a->w[(panel * a->k + p) * WIDTH + column] : a->w[p * a->ld_w + j]);
            a->dst[i * a->ld_dst + j] = a->relu && sum < 0.0f ? 0.0f : sum;
        }
}

static const struct hinge_plugin_kernel kernels[] = {
#ifdef STATED
    HINGE_PLUGIN_KERNEL(dense_pack, reversed_pack, .flags = HINGE_PLUGIN_OWN_LAYOUT),
#else
    HINGE_PLUGIN_KERNEL(dense_pack, reversed_pack, .isa = NULL),
#endif
    HINGE_PLUGIN_KERNEL(dense_fwd, reversed_dense_fwd, .isa = NULL),
};

const struct hinge_plugin hinge_plugin = HINGE_PLUGIN(kernels, .name = "reversed");
