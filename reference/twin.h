/* twin: oneDNN's version of a kernel, on the same operands, so that the same oracle checks it and
 * the same clock times it.
 *
 * A reference to compare with, not the judge: its ReLU maps NaN to +0, its order of rounding is its
 * own.
 */
#ifndef REFERENCE_TWIN_H
#define REFERENCE_TWIN_H

#include <stdbool.h>

#include "base/status.h"
#include "kernel.h"

/* How oneDNN gets the constant weights. The best of the four is the fair reference; which one that
 * is changes with the shape. A packed form whose layout would be the plain one is UNAVAILABLE. */
enum form {
    FORM_PLAIN,  /* as the spec stores them; also the only form of kernels without weights */
    FORM_PACKED, /* in the layout that oneDNN asks for (format_tag::any), reordered in open(),
                    untimed; a gradient of weights is left in such a layout */
    FORM_MATMUL, /* the matmul primitive instead of the inner product, weights as the spec stores
                    them */
    FORM_MATMUL_PACKED, /* the matmul primitive, weights as in FORM_PACKED */
    FORM_COUNT
};
#define FORM_BIT(form) (1u << (form))

struct twin_run;

/* Of a row X(name) of kernels/list.h: name_twin, in name_dnnl.c. */
struct twin {
    const char *none; /* why oneDNN has no such operation: a sentence, and the rest is NULL */
    /* FORM_BIT()s of the forms that make sense for the shape; 0 where oneDNN has none for it, which is when open() returns
     * STATUS_UNAVAILABLE and the reason. */
    unsigned (*forms)(const struct shape *s);
    /* buf holds the operands of the kernel's spec in the order of the room's enum. ROLE_PACKED ones
     * are not used. Constant weights may be read here, once: call open() again after changing them.
     * `threads` is what oneDNN may use. */
    enum status (*open)(struct twin_run **run, const struct shape *s, void *const buf[],
                        int threads, enum form form);
};

/* NULL where no kernel has that name. */
const struct twin *twin_of(const char *kernel);
/* Those of the kernel's twin; 0 where it has none. */
static inline unsigned twin_forms(const char *kernel, const struct shape *s)
{
    const struct twin *twin = twin_of(kernel);
    return twin && !twin->none ? twin->forms(s) : 0;
}

/* What is timed: from the input operands to the output operands. What a twin must do around its
 * primitives for that (masking a gradient, packing anew where that is the operation) is inside. */
void twin_exec(struct twin_run *run);
/* Untimed: writes those output operands that the run keeps in a layout of its own (weights that it
 * updates, gradients of packed weights). To be called before outputs are read. */
void twin_finish(struct twin_run *run);
/* Once, after open(): so many copies of the operands, each `stride` bytes behind the last. What the run
 * keeps to itself (packed weights, work space) gets as many, of the same contents. twin_close() is due
 * where it fails too. */
enum status twin_copy(struct twin_run *run, size_t copies, size_t stride);
/* The copy that the calls from here on are on: 0 is the one of open(). */
void twin_use(struct twin_run *run, size_t copy);
/* Untimed: brings oneDNN's own description of that copy, not its operands, into the caches. */
void twin_warm(const struct twin_run *run, size_t copy);
/* NULL is allowed. */
void twin_close(struct twin_run *run);

/* The implementations behind the primitives, each once: "brgemm:avx512_core+jit:avx2". */
const char *twin_impl(const struct twin_run *run);
/* A primitive fell back to oneDNN's unoptimized code, up to a thousand times slower: no reference
 * at all. */
bool twin_is_ref(const struct twin_run *run);

const char *form_name(enum form form); /* "plain", "packed", "matmul", "mmpack" */
const char *twin_version(void);        /* "oneDNN 2.6.3", or "none" where it is not */
const char *twin_cpu_isa(void);        /* what oneDNN may use here: "avx512_core", "none" */
/* Keeps oneDNN from instructions beyond those of a lane (scalar: sse41). Only before the first
 * open(): oneDNN fixes its choice then, and STATUS_UNAVAILABLE says so. */
enum status twin_limit_isa(enum isa isa);

#endif
