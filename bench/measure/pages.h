/* pages: how Linux has laid out the memory of operands. */
#ifndef MEASURE_PAGES_H
#define MEASURE_PAGES_H

/* The share of the mapping around `at` that lies in huge pages, of what of it is in memory; NaN where Linux does not
 * say. Takes some milliseconds. */
double pages_huge(const void *at);
/* "full" (stack, libraries, heap), "partial" (no heap) or "off": whether another process gets other addresses. */
const char *pages_aslr(void);

#endif
