/* A token that is in no row of the table is refused in a sentence that names it, and nothing is written. */
#include <stdio.h>
#include <string.h>

#include "kernel.h"

enum { M = 3, N = 5, VOCAB = 4 };

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

static void refused(int32_t token, const char *why)
{
    const int32_t tokens[M] = {3, 0, token};
    const float table[VOCAB * N] = {0}, position[M * N] = {0}, ddst[M * N] = {0};
    float dst[M * N], dwte[VOCAB * N], dwpe[M * N];
    char text[128];
    for (size_t i = 0; i < M * N; i++) dst[i] = dwpe[i] = 1.0f;
    for (size_t i = 0; i < VOCAB * N; i++) dwte[i] = 1.0f;
    const struct embed_fwd fwd = {dst, tokens, table, position, M, N, VOCAB, M};
    const struct embed_bwd bwd = {dwte, dwpe, ddst, tokens, M, N, VOCAB, M};
    snprintf(text, sizeof text, "embed_fwd: token 2 is %s", why);
    expect(embed_fwd(kernel_set_best(), 2, &fwd), text, dst, M * N);
    snprintf(text, sizeof text, "embed_bwd: token 2 is %s", why);
    expect(embed_bwd(kernel_set_best(), 2, &bwd), text, dwte, VOCAB * N);
}

int main(void)
{
    refused(VOCAB, "4: the table has rows 0 to 3");
    refused(-1, "-1: the table has rows 0 to 3");
    return failures != 0;
}
