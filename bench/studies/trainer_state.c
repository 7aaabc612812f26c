/* A training's state in a file: a head, the parameters, AdamW's moments, a checksum of all that. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "report/file.h"
#include "studies/trainer.h"

enum { VERSION = 1 };
static const char MAGIC[8] = "hingetrn";

struct head {
    char magic[8];
    uint64_t version, training, step, count; /* count: of parameters; training: which it is */
    double loss;
};

static uint64_t sum_of(uint64_t sum, const void *data, size_t bytes)
{
    enum { PIECE = 1 << 30 }; /* zlib counts in 32 bits */
    const unsigned char *at = data;
    uint32_t low = (uint32_t)sum, high = (uint32_t)(sum >> 32);
    for (size_t i = 0; i < bytes; i += PIECE) {
        const size_t left = bytes - i;
        const uInt some = (uInt)(left < PIECE ? left : PIECE);
        low = (uint32_t)crc32(low, at + i, some);
        high = (uint32_t)adler32(high, at + i, some);
    }
    return (uint64_t)high << 32 | low;
}

/* Whatever the words after a step depend on. */
static uint64_t training_of(const struct trainer *t)
{
    const struct trainer_plan *p = &t->plan;
    const struct trainee *y = &p->net;
    const uint64_t whole[] = {y->mlp.depth,  y->mlp.bias,      y->pair.numbers, y->pair.channels,
                              y->pair.heads, y->pair.hidden,   p->rows,         p->batch,
                              p->square,     p->probs != NULL, p->rule.sgd,     p->warmup,
                              p->seed,       p->stream};
    const double real[] = {p->rule.lr,  p->rule.beta1, p->rule.beta2,
                           p->rule.eps, p->rule.decay, (double)p->tau};
    uint64_t sum = sum_of(1ull << 32, whole, sizeof whole);
    sum = sum_of(sum, real, sizeof real);
    if (y->mlp.depth) sum = sum_of(sum, y->mlp.width, (y->mlp.depth + 1) * sizeof *y->mlp.width);
    sum = sum_of(sum, p->src, p->rows * trainee_inputs(y) * sizeof *p->src);
    if (p->probs)
        return sum_of(sum, p->probs, p->rows * trainee_classes(y, p->square) * sizeof *p->probs);
    return sum_of(sum, p->target, p->rows * sizeof *p->target);
}

/* The vectors behind the head. */
struct part {
    float *at;
    size_t bytes;
};
enum { PARTS = 3 };
static void parts_of(const struct trainer *t, struct part part[PARTS])
{
    const size_t bytes = trainee_parameters(&t->plan.net) * sizeof(float);
    const size_t moments = t->plan.rule.sgd ? 0 : bytes;
    part[0] = (struct part){t->a.param, bytes};
    part[1] = (struct part){t->a.moment1, moments};
    part[2] = (struct part){t->a.moment2, moments};
}

enum status trainer_save(const struct trainer *t, const char *path)
{
    struct head head = {.version = VERSION,
                        .training = training_of(t),
                        .step = t->step,
                        .count = trainee_parameters(&t->plan.net),
                        .loss = t->loss};
    struct part part[PARTS];
    struct file_out out;
    memcpy(head.magic, MAGIC, sizeof MAGIC);
    const enum status status = file_begin(&out, path);
    if (status != STATUS_OK) return status;
    uint64_t sum = sum_of(1ull << 32, &head, sizeof head);
    file_put(&out, &head, sizeof head);
    parts_of(t, part);
    for (int i = 0; i < PARTS; i++) {
        sum = sum_of(sum, part[i].at, part[i].bytes);
        file_put(&out, part[i].at, part[i].bytes);
    }
    file_put(&out, &sum, sizeof sum);
    return file_end(&out);
}

static enum status check(const struct trainer *t, const struct head *head, const char *path)
{
    if (memcmp(head->magic, MAGIC, sizeof MAGIC) != 0)
        return fail(STATUS_DATA, "%s: not the state of a training", path);
    if (head->version != VERSION)
        return fail(STATUS_DATA, "%s: version %llu; this program reads %d", path,
                    (unsigned long long)head->version, VERSION);
    if (head->training != training_of(t) || head->count != trainee_parameters(&t->plan.net))
        return fail(STATUS_DATA, "%s: the state of another training", path);
    return STATUS_OK;
}

/* Everything behind the head, into `to`. */
static enum status read_rest(FILE *file, const struct head *head, const struct part part[PARTS],
                             char *to, const char *path)
{
    uint64_t sum = sum_of(1ull << 32, head, sizeof *head), kept;
    for (int i = 0; i < PARTS; i++) {
        if (fread(to, 1, part[i].bytes, file) != part[i].bytes)
            return fail(STATUS_DATA, "%s: ends early", path);
        sum = sum_of(sum, to, part[i].bytes);
        to += part[i].bytes;
    }
    if (fread(&kept, sizeof kept, 1, file) != 1 || fgetc(file) != EOF)
        return fail(STATUS_DATA, "%s: of another length than it should be", path);
    return kept == sum ? STATUS_OK : fail(STATUS_DATA, "%s: its checksum is wrong", path);
}

enum status trainer_load(struct trainer *t, const char *path)
{
    struct head head;
    struct part part[PARTS];
    FILE *file = fopen(path, "rb");
    if (!file) return fail(STATUS_NO_INPUT, "%s: %s", path, strerror(errno));
    parts_of(t, part);
    enum status status = fread(&head, sizeof head, 1, file) == 1
                             ? check(t, &head, path)
                             : fail(STATUS_DATA, "%s: ends early", path);
    char *all = status == STATUS_OK ? malloc(part[0].bytes + 2 * part[1].bytes + 1) : NULL;
    if (status == STATUS_OK && !all) status = fail(STATUS_OS, "%s: no memory for it", path);
    if (status == STATUS_OK) status = read_rest(file, &head, part, all, path);
    fclose(file);
    const char *from = all;
    for (int i = 0; i < PARTS && status == STATUS_OK; i++) {
        if (part[i].bytes) memcpy(part[i].at, from, part[i].bytes);
        from += part[i].bytes;
    }
    free(all);
    if (status != STATUS_OK) return status;
    t->step = (size_t)head.step;
    t->loss = head.loss;
    return STATUS_OK;
}
