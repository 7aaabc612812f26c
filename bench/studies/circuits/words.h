/* words: circuits on integers as a digital computer has them: a word is up to 32 bit wires, the lowest first. */
#ifndef CIRCUITS_WORDS_H
#define CIRCUITS_WORDS_H

#include "studies/circuits/circuit.h"

enum { WORD_MOST = 32 };

void word_input(struct circuit *c, size_t bits, uint32_t *word);
void word_output(struct circuit *c, size_t bits, const uint32_t *word);

/* x + y and x y mod 2^bits; sum and product may be neither x nor y. */
void word_add(struct circuit *c, size_t bits, const uint32_t *x, const uint32_t *y, uint32_t *sum);
void word_multiply(struct circuit *c, size_t bits, const uint32_t *x, const uint32_t *y,
                   uint32_t *product);

/* The bits from `from` up of an integer x from 0 to 2^bits - 1, the highest first to be found, two layers each: one
 * in a neuron of its own, so that what is left is exact up to 22 bits. *rest is x without them; NULL where it is of
 * no use. */
void word_of(struct circuit *c, uint32_t x, size_t from, size_t bits, uint32_t *word,
             uint32_t *rest);
/* The integer: affine. */
uint32_t word_value(struct circuit *c, size_t bits, const uint32_t *word);
/* sum of 2^j (y_j ? x : 0): the product of an integer and a word, one layer. */
uint32_t word_times(struct circuit *c, uint32_t x, size_t bits, const uint32_t *y);

#endif
