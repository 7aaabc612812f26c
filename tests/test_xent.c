/* A target that is no class is refused in a sentence that names it, and nothing is written. */
#include <stdio.h>
#include <string.h>

#include "kernel.h"

enum { M = 3, N = 5 };

static int failures;

static void expect(enum status status, const char *sentence, const float *out, size_t n)
{
    bool untouched = true;
    for (size_t i = 0; i < n; i++) untouched = untouched && out[i] == 1.0f;
    if (status == STATUS_DATA && strcmp(status_text(), sentence) == 0 && untouched) return;
    printf("want %d \"%s\" and no write, got %d \"%s\"%s\n", STATUS_DATA, sentence, (int)status,
           status_text(), untouched ? "" : " and a write");
    failures++;
}

static void refused(int32_t target)
{
    const int32_t targets[M] = {N - 1, 0, target};
    const float src[M * N] = {0}, known[M] = {0};
    float loss[M], lse[M], dsrc[M * N];
    char text[128];
    for (size_t i = 0; i < M; i++) loss[i] = lse[i] = 1.0f;
    for (size_t i = 0; i < M * N; i++) dsrc[i] = 1.0f;
    const struct xent_fwd fwd = {.loss = loss,
                                 .lse = lse,
                                 .src = src,
                                 .target = targets,
                                 .m = M,
                                 .n = N,
                                 .ld_src = N,
                                 .tau = 1.0f};
    const struct xent_bwd bwd = {.dsrc = dsrc,
                                 .src = src,
                                 .lse = known,
                                 .dloss = known,
                                 .target = targets,
                                 .m = M,
                                 .n = N,
                                 .ld_dsrc = N,
                                 .ld_src = N,
                                 .tau = 1.0f};
    snprintf(text, sizeof text, "xent_fwd: the target of row 2 is %d; there are 5 classes", target);
    expect(xent_fwd(kernel_set_best(), 2, &fwd), text, loss, M);
    expect(xent_fwd(kernel_set_best(), 2, &fwd), text, lse, M);
    snprintf(text, sizeof text, "xent_bwd: the target of row 2 is %d; there are 5 classes", target);
    expect(xent_bwd(kernel_set_best(), 2, &bwd), text, dsrc, M * N);
}

int main(void)
{
    refused(N);
    refused(-1);
    return failures != 0;
}
