/* net_check: networks of circuits as cases of `hinge check`. Their arithmetic is exact: every lane, any number of
 * threads, any blocking, by non-zeros or as full matrices, must return the very words of an integer program. */
#ifndef CIRCUITS_NET_CHECK_H
#define CIRCUITS_NET_CHECK_H

#include "check/engine.h"
#include "kernel.h"

/* Those that the plan wants, named "circuit/NETWORK/n:SIZE", in each of its lanes; the tally grows. As
 * check_kernel(). */
enum status net_check(const struct check_plan *plan, struct check_tally *tally);

/* All of them on one set of kernels, which may be a faulty one: how many networks are wrong there; SIZE_MAX where
 * memory is short. */
size_t net_check_set(const struct kernel_set *set);

#endif
