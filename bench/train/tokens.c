#include "train/tokens.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/rng.h"
#include "model/format.h"

#ifndef HINGE_DATA_DIR
#define HINGE_DATA_DIR "bench/data"
#endif

enum {
    MAGIC = 20240520,
    VERSION = 1,
    HEADER = 256,
    PATH_ROOM = 1024,
    CHUNK = 1 << 16,
    DRAW = 0x64726177 /* the stream of Philox that windows are drawn from: no tensor's */
};

void tokens_close(struct tokens *tokens)
{
    free(tokens->id);
    *tokens = (struct tokens){0};
}

/* crc32() of zlib counts bytes in 32 bits. */
static void seal(struct tokens *tokens)
{
    tokens->crc32 =
        (uint32_t)crc32_z(0, (const unsigned char *)tokens->id, tokens->count * sizeof *tokens->id);
}

/* ---- plain text */

static enum status room_for(struct tokens *tokens, size_t more, size_t *room, const char *path)
{
    if (tokens->count + more > TOKENS_MOST)
        return fail(STATUS_DATA, "%s: more than %d bytes of text", path, TOKENS_MOST);
    if (tokens->count + more <= *room) return STATUS_OK;
    const size_t wanted = 2 * (tokens->count + more), held = *room * sizeof *tokens->id;
    /* A gzip file may be a thousandth of its text. */
    const enum status fits = arena_fits((double)wanted * sizeof *tokens->id, held, path);
    if (fits != STATUS_OK) return fits;
    uint16_t *id = realloc(tokens->id, wanted * sizeof *id);
    if (!id) return fail(STATUS_OS, "%s: no memory for %zu bytes of text", path, wanted);
    tokens->id = id;
    *room = wanted;
    return STATUS_OK;
}

static enum status read_bytes(struct tokens *tokens, gzFile file, const char *path)
{
    static unsigned char chunk[CHUNK];
    size_t room = 0;
    int got, code;
    while ((got = gzread(file, chunk, CHUNK)) > 0) {
        const enum status status = room_for(tokens, (size_t)got, &room, path);
        if (status != STATUS_OK) return status;
        for (int i = 0; i < got; i++) tokens->id[tokens->count++] = chunk[i];
    }
    const char *text = gzerror(file, &code);
    /* A gzip file that was cut short reads like one that ends. */
    if (got < 0 || code != Z_OK)
        return fail(STATUS_DATA, "%s: %s", path, code == Z_ERRNO ? strerror(errno) : text);
    return STATUS_OK;
}

enum status tokens_read_text(struct tokens *tokens, const char *path)
{
    const char *folder = getenv("HINGE_DATA");
    char committed[PATH_ROOM];
    struct input input;
    *tokens = (struct tokens){.vocab = TOKENS_BYTES};
    snprintf(committed, sizeof committed, "%s/moby-dick.txt.gz", folder ? folder : HINGE_DATA_DIR);
    if (!path) path = committed;
    enum status status = input_open(&input, path);
    gzFile file = status == STATUS_OK ? gzdopen(input.fd, "rb") : NULL;
    if (status == STATUS_OK && !file) status = fail(STATUS_OS, "%s: no memory to read it", path);
    if (status == STATUS_OK) status = read_bytes(tokens, file, path);
    if (file)
        gzclose(file); /* and the descriptor */
    else
        input_close(&input);
    if (status == STATUS_OK) seal(tokens);
    if (status != STATUS_OK) tokens_close(tokens);
    return status;
}

/* ---- token files */

static enum status read_header(const struct input *input, size_t *count)
{
    int32_t header[HEADER];
    if (input->bytes < sizeof header)
        return fail(STATUS_DATA, "%s: %llu bytes, shorter than a token file's header of %zu",
                    input->path, (unsigned long long)input->bytes, sizeof header);
    const enum status status = input_read(input, 0, header, sizeof header);
    if (status != STATUS_OK) return status;
    if (header[0] != MAGIC)
        return fail(STATUS_DATA, "%s: magic number %d, a token file of llm.c for GPT-2 has %d",
                    input->path, header[0], MAGIC);
    if (header[1] != VERSION)
        return fail(STATUS_DATA, "%s: version %d; only %d is read, tokens of 16 bits", input->path,
                    header[1], VERSION);
    const uint64_t body = input->bytes - sizeof header;
    if (header[2] < 0 || body != (uint64_t)header[2] * sizeof(uint16_t))
        return fail(STATUS_DATA,
                    "%s: %llu bytes behind its header, which says %d tokens of 2 bytes",
                    input->path, (unsigned long long)body, header[2]);
    *count = (size_t)header[2];
    return STATUS_OK;
}

static enum status read_tokens(struct tokens *tokens, const struct input *input)
{
    enum status status = read_header(input, &tokens->count);
    if (status != STATUS_OK) return status;
    const size_t bytes = tokens->count * sizeof *tokens->id;
    tokens->id = malloc(bytes + 1);
    if (!tokens->id)
        return fail(STATUS_OS, "%s: no memory for %zu tokens", input->path, tokens->count);
    status = input_read(input, HEADER * sizeof(int32_t), tokens->id, bytes);
    for (size_t i = 0; i < tokens->count && status == STATUS_OK; i++)
        if (tokens->id[i] >= tokens->vocab)
            status = fail(STATUS_DATA, "%s: token %zu is %u; the vocabulary has %zu", input->path,
                          i, tokens->id[i], tokens->vocab);
    return status;
}

enum status tokens_read_file(struct tokens *tokens, const char *path, size_t vocab)
{
    struct input input;
    *tokens = (struct tokens){.vocab = vocab};
    enum status status = input_open(&input, path);
    if (status == STATUS_OK) status = read_tokens(tokens, &input);
    input_close(&input);
    if (status == STATUS_OK) seal(tokens);
    if (status != STATUS_OK) tokens_close(tokens);
    return status;
}

/* ---- windows */

static void copy_window(const struct windows *w, size_t start, int32_t *token, int32_t *target)
{
    const uint16_t *id = w->tokens->id + w->from + start;
    for (size_t i = 0; i < w->t; i++) {
        token[i] = id[i];
        target[i] = id[i + 1];
    }
}

void windows_draw(const struct windows *w, uint64_t seed, uint64_t step, int32_t *token,
                  int32_t *target)
{
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    for (size_t row = 0; row < w->batch; row++) {
        const uint32_t counter[4] = {(uint32_t)step, (uint32_t)(step >> 32), (uint32_t)row, DRAW};
        uint32_t out[4];
        philox4x32_10(counter, key, out);
        const uint64_t word = (uint64_t)out[1] << 32 | out[0];
        /* 64 random bits onto the starts, of which there are less than 2^31: none is preferred by more than 2^-33. */
        const unsigned __int128 start = (unsigned __int128)word * (w->count - w->t) >> 64;
        copy_window(w, (size_t)start, token + row * w->t, target + row * w->t);
    }
}

void windows_spread(const struct windows *w, size_t first, size_t total, int32_t *token,
                    int32_t *target)
{
    const size_t last = w->count - w->t - 1;
    for (size_t row = 0; row < w->batch; row++) {
        const size_t start = total > 1 ? (first + row) * last / (total - 1) : 0;
        copy_window(w, start, token + row * w->t, target + row * w->t);
    }
}
