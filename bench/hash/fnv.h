/* fnv: FNV-1a of 64 bits over bytes, as Fowler, Noll and Vo define it (draft-eastlake-fnv). It finds what changed; it does
 * not withstand somebody who looks for two contents with one hash. */
#ifndef HASH_FNV_H
#define HASH_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_START UINT64_C(0xcbf29ce484222325) /* the hash of nothing */

static inline uint64_t fnv(uint64_t hash, const void *data, size_t bytes)
{
    const unsigned char *byte = data;
    for (size_t i = 0; i < bytes; i++) hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

#endif
