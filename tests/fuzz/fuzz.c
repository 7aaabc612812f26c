#define _GNU_SOURCE /* nftw, mkdtemp */
#include "fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/plain.h"

enum { FOLDER_ROOM = 40, PATH_ROOM = 128, NAMES = 4 };

void fuzz_broken(const char *what)
{
    fprintf(stderr, "a promise is broken: %s; the last sentence: %s\n", what, status_text());
    abort();
}

void fuzz_insist_plain(const char *text)
{
    fuzz_insist(text != NULL, "a text is NULL");
    fuzz_insist(plain_is(text), "a control character, or no UTF-8");
}

void fuzz_insist_sentence(enum status status, const char *path)
{
    fuzz_insist(status == STATUS_DATA || status == STATUS_OS, "the code of bad contents");
    fuzz_insist(status == STATUS_OS || strstr(status_text(), path),
                "a sentence that names the file");
    fuzz_insist_plain(status_text());
}

void *fuzz_room(size_t count, size_t size)
{
    void *at = calloc(count + 1, size);
    fuzz_insist(at != NULL, "memory for a target");
    return at;
}

/* ---- files */

static char folder[FOLDER_ROOM];

static int remove_one(const char *path, const struct stat *is, int kind, struct FTW *at)
{
    (void)is, (void)kind, (void)at;
    return remove(path);
}

static void remove_folder(void)
{
    nftw(folder, remove_one, NAMES, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_folder(void)
{
    const char *memory = "/dev/shm";
    if (*folder) return folder;
    snprintf(folder, sizeof folder, "%s/hinge-fuzz-XXXXXX",
             access(memory, W_OK) == 0 ? memory : "/tmp");
    fuzz_insist(mkdtemp(folder) != NULL, "a folder for files");
    atexit(remove_folder);
    return folder;
}

const char *fuzz_file(const char *name, const char *data, size_t size)
{
    static char kept[NAMES][PATH_ROOM];
    char path[PATH_ROOM];
    size_t i = 0;
    snprintf(path, sizeof path, "%s/%.80s", fuzz_folder(), name);
    while (i < NAMES && *kept[i] && strcmp(kept[i], path) != 0) i++;
    fuzz_insist(i < NAMES, "room for the names of files");
    strcpy(kept[i], path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    fuzz_insist(fd >= 0 && write(fd, data, size) == (ssize_t)size, "room for a file");
    close(fd);
    return kept[i];
}

#ifdef HINGE_FUZZ

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_one((const char *)data, size);
    return 0;
}

#else

/* Also beginnings of a file: what a full disk leaves. */
static void replay(const char *path)
{
    enum { ROOM = 1 << 20, STEPS = 64 };
    static char text[ROOM];
    FILE *in = fopen(path, "rb");
    fuzz_insist(in != NULL, path);
    const size_t bytes = fread(text, 1, ROOM, in);
    fuzz_insist(feof(in), "an input of less than 1 MiB");
    fclose(in);
    for (size_t i = 0; i <= STEPS; i++) {
        const size_t part = bytes * i / STEPS;
        char *exact = malloc(part + 1); /* so that a sanitizer sees reads beyond it */
        fuzz_insist(exact != NULL, "memory");
        memcpy(exact, text, part);
        fuzz_one(exact, part);
        free(exact);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) replay(argv[i]);
    printf("%d files\n", argc - 1);
    return argc > 1 ? 0 : 2;
}

#endif
