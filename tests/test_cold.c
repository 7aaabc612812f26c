/* Cold rows: the copies that calls take turns at exceed the caches together, and a call is on its own copy
 * alone: with the inputs of all others spoilt it writes the same words, beside the first's, and nothing
 * else. A form of oneDNN that updates weights of its own must start from them anew on each copy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "rows.h"

enum { COPIES = 3 };
static size_t failures, variants_ran;

static void expect(bool good, const char *name, const char *variant, const char *what)
{
    if (good) return;
    failures++;
    printf("FAIL %s %s: %s\n", name, variant, what);
}

/* ---- how many */

static void count_copies(const struct roofs *roofs, const struct kernel_spec *spec, int threads)
{
    struct rows rows;
    struct arguments a = {.options = options_default(), .kernel = spec, .cold = true};
    a.options.threads[0] = threads;
    a.options.thread_count = 1;
    if (rows_make(&rows, &a, roofs) != STATUS_OK) {
        expect(false, spec->name, "", status_text());
        return;
    }
    const double cached = (double)roofs_cached(roofs, threads);
    for (size_t i = 0; i < rows.count; i++) {
        const struct row *row = &rows.at[i];
        const double held = row_traffic(row).held, copies = (double)row->work.copies;
        const double others = held / copies * (copies - 1.0);
        const size_t length = strlen(row->name);
        expect(copies >= 2.0 && others >= 2.0 * cached, row->name, "",
               "what the other copies hold fits the caches");
        expect(length > 5 && strcmp(row->name + length - 5, "/cold") == 0, row->name, "",
               "not named as cold");
        expect(roofs_level(roofs, (size_t)held, threads) == LEVEL_DRAM, row->name, "",
               "not held to the roof of DRAM");
    }
    rows_free(&rows);
}

/* ---- turns */

/* The inputs of the copy as they were, NaN in those of the others. */
static void spoil_others(const struct workload *w, const char *pristine, size_t copy)
{
    for (size_t c = 0; c < COPIES; c++) {
        void *buf[OPERANDS_MAX];
        workload_copy(w, c, buf);
        for (size_t o = 0; o < w->ops; o++) {
            const size_t extent = operand_extent(&w->op[o]);
            if (w->op[o].role != ROLE_IN && w->op[o].role != ROLE_PACKED) continue;
            if (c == copy)
                memcpy(buf[o], pristine + ((char *)w->buf[o] - (char *)w->buf[0]), extent);
            else
                memset(buf[o], 0xff, extent);
        }
    }
}

static void words_of_all(struct verify *verify, const struct workload *w, uint64_t words[COPIES])
{
    for (size_t c = 0; c < COPIES; c++) {
        verify_use(verify, w, c);
        words[c] = verify_words(verify);
    }
}

static void take_turns(struct variant *v, struct verify *verify, const char *pristine)
{
    struct row *row = v->row;
    bool seen[COPIES] = {false};
    uint64_t before[COPIES], after[COPIES], first = 0;
    spoil_others(&row->work, pristine, 0);
    for (size_t c = 0; c < COPIES; c++) {
        verify_use(verify, &row->work, c);
        verify_reset(verify);
    }
    if (call_open(v) != STATUS_OK) {
        call_close(v);
        return;
    }
    variants_ran++;
    for (size_t i = 0; i < COPIES; i++) {
        const size_t copy = row->turn;
        spoil_others(&row->work, pristine, copy);
        words_of_all(verify, &row->work, before);
        call_next(v);
        if (v->run) twin_finish(v->run);
        words_of_all(verify, &row->work, after);
        if (i == 0) first = after[copy];
        expect(!seen[copy], row->name, v->name, "a copy had two turns before another had one");
        expect(after[copy] == first, row->name, v->name, "other words on another copy");
        for (size_t c = 0; c < COPIES; c++)
            expect(c == copy || after[c] == before[c], row->name, v->name, "wrote another's copy");
        seen[copy] = true;
    }
    call_close(v);
}

static void take_turns_all(struct row *row, struct verify *verify, const char *pristine)
{
    const struct workload *w = &row->work;
    for (int i = 0; i < ISA_COUNT; i++) {
        struct variant v = {.isa = (enum isa)i, .peer = PEER_COUNT, .row = row, .name = "lane"};
        if (kernel_set((enum isa)i)) take_turns(&v, verify, pristine);
    }
    for (int f = 0; f < FORM_COUNT; f++) {
        struct variant v = {.isa = ISA_COUNT, .peer = PEER_COUNT, .row = row, .name = "oneDNN"};
        v.form = (enum form)f;
        if (twin_forms(w->spec->name, &w->shape) >> f & 1u) take_turns(&v, verify, pristine);
    }
    for (int p = 0; p < PEER_COUNT; p++) {
        struct variant v = {.isa = ISA_COUNT, .peer = (enum peer)p, .row = row, .name = "peer"};
        if (peer_has(w->spec->name) && peer_here(v.peer)) take_turns(&v, verify, pristine);
    }
}

static void test_case(const struct kernel_spec *spec, const struct shape *shape)
{
    struct row row = {.threads = 1, .work = {.spec = spec, .shape = *shape, .copies = COPIES}};
    struct arena memory = {0};
    struct verify verify = {.out = NULL};
    case_name(spec, shape, row.name, sizeof row.name);
    if (workload_open(&row.work, &memory) != STATUS_OK) abort();
    workload_draw(&row.work, 1);
    if (spec->prepare) spec->prepare(kernel_set_best(), shape, row.work.buf);
    workload_fill_copies(&row.work);
    char *pristine = malloc(row.work.stride + 1);
    if (!pristine || verify_open(&verify, &row.work) != STATUS_OK) abort();
    memcpy(pristine, row.work.buf[0], row.work.stride);
    take_turns_all(&row, &verify, pristine);
    free(pristine);
    verify_close(&verify);
    arena_close(&memory);
}

int main(void)
{
    struct roofs roofs;
    roofs_open(&roofs);
    for (size_t k = 0; k < kernel_count; k++) {
        const struct kernel_spec *spec = kernel_specs[k];
        count_copies(&roofs, spec, 1);
        count_copies(&roofs, spec, 2);
        for (size_t i = 0; i < spec->check_shape_count; i++)
            test_case(spec, &spec->check_shapes[i]);
    }
    expect(variants_ran > kernel_count, "all", "", "too few variants ran");
    printf("%zu kernels, %zu variants, %zu failures\n", kernel_count, variants_ran, failures);
    return failures != 0;
}
