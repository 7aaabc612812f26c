/* rng: Philox4x32-10, a counter-based generator: four random words for each (counter, key), in any order.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

enum { PHILOX_ROUNDS = 10 };
#define PHILOX_M0 0xd2511f53u
#define PHILOX_M1 0xcd9e8d57u
#define PHILOX_W0 0x9e3779b9u
#define PHILOX_W1 0xbb67ae85u

void philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);
/* The same by words of 64 bits: counter and stream are the lower and the upper half, seed the key. */
void philox_words(uint32_t out[4], uint64_t counter, uint64_t stream, uint64_t seed);

#endif
