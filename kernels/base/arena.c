#include "arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

size_t arena_bytes(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ARENA_ALIGN)
        return SIZE_MAX;
    return (bytes + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
}

/* What Linux says can be had without swapping; SIZE_MAX where it does not say. */
static size_t free_bytes(void)
{
    size_t kib = SIZE_MAX / 1024;
    char line[128];
    FILE *file = fopen("/proc/meminfo", "r");
    if (!file) return SIZE_MAX;
    while (fgets(line, sizeof line, file) && sscanf(line, "MemAvailable: %zu kB", &kib) != 1) {}
    fclose(file);
    return kib * 1024;
}

static const char *human(double value, char text[32])
{
    static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int u = 0;
    for (; value >= 1024.0 && u < 6; u++) value /= 1024.0;
    snprintf(text, 32, value < 10.0 && u ? "%.1f %s" : "%.0f %s", value, unit[u]);
    return text;
}

enum status arena_fits(double bytes, size_t held, const char *what)
{
    char need[32], have[32];
    const double available = (double)free_bytes() + (double)held;
    if (bytes <= available) return STATUS_OK;
    return fail(STATUS_OS, "%s needs %s, %s free", what, human(bytes, need),
                human(available, have));
}

bool arena_addressable(size_t bytes)
{
    void *room = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) return false;
    munmap(room, bytes);
    return true;
}

enum status arena_open(struct arena *arena, size_t bytes, const char *what)
{
    char need[32];
    *arena = (struct arena){0};
    if (bytes == 0) bytes = ARENA_ALIGN;
    if (bytes == SIZE_MAX)
        return fail(STATUS_OS, "%s needs more memory than can be addressed", what);
    const enum status status = arena_fits((double)bytes, 0, what);
    if (status != STATUS_OK) return status;
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return fail(STATUS_OS, "%s needs %s, which the system refused", what,
                    human((double)bytes, need));
    (void)madvise(base, bytes, MADV_HUGEPAGE);
    memset(base, 0, bytes);
    *arena = (struct arena){base, bytes, 0};
    return STATUS_OK;
}

enum status arena_renew(struct arena *arena, size_t bytes, const char *what)
{
    if (arena->base && bytes <= arena->size) {
        arena->used = 0;
        return STATUS_OK;
    }
    arena_close(arena);
    return arena_open(arena, bytes, what);
}

void arena_close(struct arena *arena)
{
    if (arena->base) munmap(arena->base, arena->size);
    *arena = (struct arena){0};
}

void *arena_take(struct arena *arena, size_t count, size_t size)
{
    const size_t bytes = arena_bytes(count, size);
    assert(bytes <= arena->size - arena->used);
    void *taken = arena->base + arena->used;
    arena->used += bytes;
    return taken;
}
