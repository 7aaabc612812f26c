/* tridiagonal: the edges of the spectrum of a symmetric tridiagonal matrix, and their eigenvectors.
 *
 * U = 2^-53, |T| the greatest sum of magnitudes in a row. No element's magnitude may pass 2^1020; a NaN or an infinity among them
 * makes every result NaN.
 *
 * Source  Sturm's sequence and bisection, inverse iteration: Parlett, "The symmetric eigenvalue problem", 1980, 3.3, 4.2;
 *         Barth, Martin, Wilkinson, "Calculation of the eigenvalues of a symmetric tridiagonal matrix by the method of
 *         bisection", Numer. Math. 9, 1967.
 */
#ifndef BASE_TRIDIAGONAL_H
#define BASE_TRIDIAGONAL_H

#include <stdbool.h>
#include <stddef.h>

struct tridiagonal {
    size_t n; /* at least 1 */
    const double *diagonal;
    const double *beside; /* n - 1: element (i, i + 1) */
};

/* The least eigenvalue, or the greatest, within 8 U |T|: of the sequence only its first sign is asked for, whether a
 * shifted matrix is definite. */
double tridiagonal_edge(const struct tridiagonal *t, bool greatest);
/* x, n doubles: a unit vector with |T x - edge x| <= 512 U |T|, of an edge as tridiagonal_edge() returns it. Inverse iteration with a
 * shift just outside the spectrum, where the matrix is definite and elimination needs no pivots. scratch: n doubles. */
void tridiagonal_vector(const struct tridiagonal *t, bool greatest, double edge, double *x,
                        double *scratch);

#endif
