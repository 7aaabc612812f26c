/* nearest: which kernels somebody may have meant. */
#ifndef BENCH_NEAREST_H
#define BENCH_NEAREST_H

/* The names of kernels that the fewest edits make of the word, like " (is it relu_fwd or gelu_fwd?)"; "" where none is
 * near. */
const char *nearest_kernels(const char *word, char text[128]);

#endif
