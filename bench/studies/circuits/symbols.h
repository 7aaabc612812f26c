/* symbols: names as numbers, in the order in which they are first seen. */
#ifndef CIRCUITS_SYMBOLS_H
#define CIRCUITS_SYMBOLS_H

#include "studies/circuits/circuit.h"

struct symbols {
    struct list text;  /* the names, each with a 0 behind it */
    struct list first; /* of each, where in text */
    uint32_t *slots;   /* of the hash table, number + 1 */
    size_t room;
};

/* The name's number; UINT32_MAX where memory is short. */
uint32_t symbol_of(struct symbols *s, const char *name, size_t length);
static inline const char *symbol_name(const struct symbols *s, uint32_t number)
{
    return (const char *)s->text.at + ((const size_t *)s->first.at)[number];
}
void symbols_close(struct symbols *s);

/* Things that need others: thing i those of need[start[i]] .. need[start[i + 1] - 1]. Fills order with all of them,
 * each behind what it needs. Returns count; or one that needs itself, through others or not; or SIZE_MAX where
 * memory is short. */
size_t order_of(size_t count, const size_t *start, const uint32_t *need, uint32_t *order);

#endif
