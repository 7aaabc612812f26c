/* lapack: LAPACKE's functions, loaded when they are asked for: with them come a BLAS and another OpenMP library, which
 * every run of every other command would load and keep.
 */
#ifndef REFERENCE_LAPACK_H
#define REFERENCE_LAPACK_H

/* The address of that function, or NULL where there is no usable LAPACKE (Debian: liblapacke). From any thread. */
void *lapack_find(const char *function);
/* Keeps the BLAS behind it to one thread from here on: callers spread their problems over threads themselves. */
void lapack_serial(void);

#endif
