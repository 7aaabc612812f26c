/* A first program on hinge's kernels: a layer of a network, then the angle between two vectors.
 *
 *     cc example.c $(pkg-config --cflags --libs hinge) -lm
 *
 * A kernel is a function that takes the lane to run on, the most threads that it may use, and its operands; the
 * header of each, such as hinge/dense_fwd/dense_fwd.h, is its contract.
 */
#include <hinge/base/par.h>
#include <hinge/kernel.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BATCH = 2, INPUTS = 3, OUTPUTS = 4 };

/* dst = max(0, src w + bias): rows of dst and src belong to the batch, row p of w to input p. */
static void layer(const struct kernel_set *lane, int threads, float dst[BATCH][OUTPUTS])
{
    static const float src[BATCH][INPUTS] = {{1, 2, 3}, {-1, 0, 1}};
    static const float w[INPUTS][OUTPUTS] = {{1, 0, 0, 1}, {0, 1, 0, -1}, {0, 0, 1, -1}};
    static const float bias[OUTPUTS] = {0.5f, 0.5f, 0.5f, 0.5f};
    /* Rows may lie further apart than they are long: ld_... is the step from one to the next, in floats. */
    const struct dense_fwd a = {.dst = *dst,
                                .src = *src,
                                .w = *w,
                                .bias = bias,
                                .m = BATCH,
                                .n = OUTPUTS,
                                .k = INPUTS,
                                .ld_dst = OUTPUTS,
                                .ld_src = INPUTS,
                                .ld_w = OUTPUTS,
                                .relu = true};
    dense_fwd(lane, threads, &a);
}

int main(void)
{
    /* The best lane that this CPU and its system run; HINGE_ISA=avx2 in the environment names another. */
    const struct kernel_set *best = kernel_set_best();
    const int threads = par_max_threads();
    float dst[BATCH][OUTPUTS];
    printf("lane %s, at most %d threads\n", best->name, threads);

    layer(best, threads, dst);
    printf("%s\n", kernel_spec("dense_fwd")->formula);
    for (int i = 0; i < BATCH; i++) {
        for (int j = 0; j < OUTPUTS; j++) printf(" %g", (double)dst[i][j]);
        putchar('\n');
    }

    /* One pass over two vectors gives their product and both squared norms, summed in double. */
    static const float x[] = {3, 0, 4}, y[] = {0, 5, 0}, z[] = {6, 0, 8};
    double sums[DOT_NORMS_FIELDS];
    dot_norms(best, threads, sums, x, y, 3);
    printf("cos(x, y) = %g\n", sums[DOT_NORMS_XY] / sqrt(sums[DOT_NORMS_XX] * sums[DOT_NORMS_YY]));
    dot_norms(best, threads, sums, x, z, 3);
    printf("cos(x, z) = %g\n", sums[DOT_NORMS_XY] / sqrt(sums[DOT_NORMS_XX] * sums[DOT_NORMS_YY]));

    /* Whatever the lane and the number of threads, the words are the same: dense_fwd's contract says so. */
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        const struct kernel_set *lane = kernel_set((enum isa)isa);
        float other[BATCH][OUTPUTS];
        if (!lane) continue; /* not on this CPU */
        layer(lane, 1, other);
        if (memcmp(other, dst, sizeof dst) != 0) return 1;
    }
    puts("every lane the same");
    return 0;
}
