#include "symbols.h"

#include <stdlib.h>
#include <string.h>

static size_t hash_of(const char *name, size_t length)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++) h = (h ^ (unsigned char)name[i]) * 0x100000001b3u;
    return (size_t)(h ^ h >> 32);
}

static bool grow(struct symbols *s)
{
    const size_t room = s->room ? 2 * s->room : 256;
    uint32_t *slots = calloc(room, sizeof *slots);
    if (!slots) return false;
    for (uint32_t i = 0; i < s->first.count; i++) {
        const char *name = symbol_name(s, i);
        size_t at = hash_of(name, strlen(name)) % room;
        while (slots[at]) at = (at + 1) % room;
        slots[at] = i + 1;
    }
    free(s->slots);
    s->slots = slots;
    s->room = room;
    return true;
}

uint32_t symbol_of(struct symbols *s, const char *name, size_t length)
{
    if (2 * s->first.count >= s->room && !grow(s)) return UINT32_MAX;
    size_t at = hash_of(name, length) % s->room;
    for (; s->slots[at]; at = (at + 1) % s->room) {
        const char *other = symbol_name(s, s->slots[at] - 1);
        if (strncmp(other, name, length) == 0 && other[length] == '\0') return s->slots[at] - 1;
    }
    char *text = list_add(&s->text, length + 1, 1);
    size_t *first = text ? list_add(&s->first, 1, sizeof *first) : NULL;
    if (!first) return UINT32_MAX;
    memcpy(text, name, length);
    text[length] = '\0';
    *first = s->text.count - length - 1;
    s->slots[at] = (uint32_t)s->first.count;
    return (uint32_t)s->first.count - 1;
}

void symbols_close(struct symbols *s)
{
    list_free(&s->text);
    list_free(&s->first);
    free(s->slots);
    *s = (struct symbols){0};
}

/* Depth first, with a stack of its own: chains are as long as files. */
size_t order_of(size_t count, const size_t *start, const uint32_t *need, uint32_t *order)
{
    enum { NEW, OPEN, DONE };
    unsigned char *state = calloc(count + 1, 1);
    uint32_t *stack = calloc(count + 1, sizeof *stack);
    size_t *next = calloc(count + 1, sizeof *next);
    size_t done = 0, cycle = count;
    for (size_t root = 0; state && stack && next && root < count && cycle == count; root++) {
        size_t depth = 0;
        if (state[root] != NEW) continue;
        stack[depth++] = (uint32_t)root;
        state[root] = OPEN;
        next[root] = start[root];
        while (depth && cycle == count) {
            const uint32_t at = stack[depth - 1];
            if (next[at] == start[at + 1]) {
                state[at] = DONE;
                order[done++] = at;
                depth--;
                continue;
            }
            const uint32_t other = need[next[at]++];
            if (state[other] == OPEN) cycle = other;
            if (state[other] != NEW) continue;
            state[other] = OPEN;
            next[other] = start[other];
            stack[depth++] = other;
        }
    }
    if (!state || !stack || !next) cycle = SIZE_MAX;
    free(state);
    free(stack);
    free(next);
    return cycle;
}
