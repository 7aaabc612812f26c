/* summary: what a check came to, in print. */
#ifndef CHECK_SUMMARY_H
#define CHECK_SUMMARY_H

#include "fuzz.h"

void summary_print(const struct check_tally *t, bool twins, bool peers);
void summary_print_fuzz(const struct fuzz *fuzz, const struct fuzz_tally *t);

#endif
