/* An index that points at nothing is refused in a sentence that names it: a token that is in no row of the table, of which
 * nothing is written; rows and columns of a sparse matrix. */
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

static void sparse(const int32_t start[M + 1], const int32_t col[M], const char *sentence)
{
    const struct sparse_relu_fwd a = {.start = start, .col = col, .m = 1, .n = M, .k = N};
    const enum status status = sparse_relu_fwd_valid(&a);
    if (sentence ? status == STATUS_DATA && strcmp(status_text(), sentence) == 0
                 : status == STATUS_OK)
        return;
    printf("want \"%s\", got %d \"%s\"\n", sentence ? sentence : "", (int)status, status_text());
    failures++;
}

int main(void)
{
    sparse((int32_t[]){0, 2, 2, 3}, (int32_t[]){0, N - 1, 2}, NULL);
    sparse((int32_t[]){-1, 2, 2, 3}, (int32_t[]){0, 1, 2},
           "sparse_relu_fwd: row 0 is from -1 to 2");
    sparse((int32_t[]){0, 2, 1, 3}, (int32_t[]){0, 1, 2}, "sparse_relu_fwd: row 1 is from 2 to 1");
    sparse((int32_t[]){0, 2, 2, 3}, (int32_t[]){0, N, 2},
           "sparse_relu_fwd: weight 1 of row 0 is in column 5 of 5");
    sparse((int32_t[]){0, 2, 2, 3}, (int32_t[]){0, 1, -2},
           "sparse_relu_fwd: weight 2 of row 2 is in column -2 of 5");
    refused(VOCAB, "4: the table has rows 0 to 3");
    refused(-1, "-1: the table has rows 0 to 3");
    return failures != 0;
}
