/* least_squares: the x of least norm among those that minimize |a x - b|: what the pseudo-inverse of a makes of b.
 *
 * By LAPACK's dgelsy (Debian: liblapacke), a complete orthogonal factorization with column pivoting: singular values
 * below max(m, n) 2^-52 of the greatest, by its estimate, count as 0. The words are those of the BLAS behind it on
 * this CPU, the same for any number of calling threads.
 *
 * a    m x n, row by row, any alignment; overwritten.
 * b    m doubles, with room for max(m, n); overwritten, its first n by x.
 * m, n any value below 2^31; with n = 0 nothing is written.
 */
#ifndef REFERENCE_LEAST_SQUARES_H
#define REFERENCE_LEAST_SQUARES_H

#include <stddef.h>

#include "base/status.h"

/* STATUS_UNAVAILABLE where there is no LAPACKE. From any thread. */
enum status least_squares(double *a, double *b, size_t m, size_t n);

#endif
