/* The reader of result files: what is read holds what read.h promises. */
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "report/read.h"

static void check_row(const struct read_row *r)
{
    const char *const text[] = {r->name,  r->kernel,   r->variant, r->impl,  r->isa,
                                r->cache, r->bound_by, r->roof,    r->level, r->vs_onednn_impl};
    size_t sum = 0;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) fuzz_insist_plain(text[i]);
    fuzz_insist(*r->name && r->case_length > 0 && r->case_length <= strlen(r->name), "the case");
    fuzz_insist(r->threads >= 1, "threads");
    fuzz_insist((r->state == READ_TIMED) == (r->error == NULL), "a time or an error");
    if (r->error) fuzz_insist_plain(r->error);
    for (size_t f = 0; f < r->forks; f++) sum += r->count[f];
    fuzz_insist(sum == r->samples, "the counts");
    for (size_t i = 0; i < r->samples; i++)
        fuzz_insist(r->ns[i] > 0.0 && r->ns[i] <= READ_NS_MAX, "ns");
    if (r->state != READ_TIMED) return;
    fuzz_insist(r->medians >= 1 && r->medians <= r->forks && r->median > 0.0, "medians");
    for (size_t f = 0; f < r->medians; f++) fuzz_insist(isfinite(r->log_median[f]), "a median");
}

void fuzz_one(const char *text, size_t bytes)
{
    struct read_file file;
    const enum status status = read_bytes("a file", text, bytes, &file);
    if (status != STATUS_OK) {
        fuzz_insist(status == STATUS_DATA, "the code of bad contents");
        fuzz_insist_sentence(status, "a file");
        fuzz_insist(!file.row && !file.root && file.rows == 0, "a failure holds nothing");
        return;
    }
    for (size_t i = 0; i < file.rows; i++) check_row(&file.row[i]);
    fuzz_insist_plain(read_context_text(&file, "cpu"));
    fuzz_insist_plain(read_context_text(&file, "openmp.proc_bind"));
    (void)read_context_number(&file, "caches.x.y");
    read_free(&file);
}
