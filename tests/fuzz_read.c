/* fuzz_read: the reader of result files on any bytes. With HINGE_FUZZ a target of libFuzzer; else a program that takes
 * the files of its arguments. What is read must hold what read.h promises; what is not must have a sentence. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/read.h"

static void insist(int truth, const char *what)
{
    if (truth) return;
    fprintf(stderr, "read breaks its promise: %s\n", what);
    abort();
}

static void insist_plain(const char *text)
{
    insist(text != NULL, "a text is NULL");
    for (; *text; text++)
        insist((unsigned char)*text >= 0x20 && *text != 0x7f, "a control character");
}

static void check_row(const struct read_row *r)
{
    const char *const text[] = {r->name,  r->kernel,   r->variant, r->impl,  r->isa,
                                r->cache, r->bound_by, r->roof,    r->level, r->vs_onednn_impl};
    size_t sum = 0;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) insist_plain(text[i]);
    insist(*r->name && r->case_length > 0 && r->case_length <= strlen(r->name), "the case");
    insist(r->threads >= 1, "threads");
    insist((r->state == READ_TIMED) == (r->error == NULL), "a time or an error");
    if (r->error) insist_plain(r->error);
    for (size_t f = 0; f < r->forks; f++) sum += r->count[f];
    insist(sum == r->samples, "the counts");
    for (size_t i = 0; i < r->samples; i++) insist(r->ns[i] > 0.0 && r->ns[i] <= READ_NS_MAX, "ns");
    if (r->state != READ_TIMED) return;
    insist(r->medians >= 1 && r->medians <= r->forks && r->median > 0.0, "medians");
    for (size_t f = 0; f < r->medians; f++) insist(isfinite(r->log_median[f]), "a median");
}

static void check(const char *text, size_t bytes)
{
    struct read_file file;
    const enum status status = read_bytes("a file", text, bytes, &file);
    if (status != STATUS_OK) {
        insist(status == STATUS_DATA, "the code of bad contents");
        insist(strncmp(status_text(), "a file", 6) == 0, "a sentence that names the file");
        insist_plain(status_text());
        insist(!file.row && !file.root && file.rows == 0, "a failure holds nothing");
        return;
    }
    for (size_t i = 0; i < file.rows; i++) check_row(&file.row[i]);
    insist_plain(read_context_text(&file, "cpu"));
    insist_plain(read_context_text(&file, "openmp.proc_bind"));
    (void)read_context_number(&file, "caches.x.y");
    read_free(&file);
}

#ifdef HINGE_FUZZ

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check((const char *)data, size);
    return 0;
}

#else

/* Also every beginning of a file: what a full disk leaves. */
static void check_file(const char *path)
{
    enum { ROOM = 1 << 20, STEPS = 64 };
    static char text[ROOM];
    FILE *in = fopen(path, "rb");
    insist(in != NULL, path);
    const size_t bytes = fread(text, 1, ROOM, in);
    fclose(in);
    for (size_t i = 0; i <= STEPS; i++) {
        const size_t part = bytes * i / STEPS;
        char *exact = malloc(part + 1); /* so that a sanitizer sees reads beyond it */
        insist(exact != NULL, "memory");
        memcpy(exact, text, part);
        check(exact, part);
        free(exact);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) check_file(argv[i]);
    printf("%d files\n", argc - 1);
    return argc > 1 ? 0 : 2;
}

#endif
