/* The registry: every kernel on every lane, and what a harness must know to drive a kernel it has
 * never heard of. */
#ifndef KERNELS_KERNEL_H
#define KERNELS_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "list.h"

/* The lanes, slowest first: the order in which dispatch prefers them is the last that runs. The omp
 * lanes are the scalar source with OpenMP simd directives; the model defines each vector operation.
 * The last is none of hinge's own: it is there once a plug-in is (plugin.h).
 */
enum isa {
    ISA_SCALAR,
    ISA_MODEL,
    ISA_OMP_AVX2,
    ISA_OMP_AVX512,
    ISA_AVX2,
    ISA_AVX512,
    ISA_PLUGIN,
    ISA_COUNT
};

/* One typed pointer per kernel; one constant set per lane. */
struct kernel_set {
    enum isa isa;
    const char *name;
#define X(kernel) kernel##_fn *kernel;
    KERNELS(X)
#undef X
};

/* NULL where this CPU or its operating system cannot run that lane. */
const struct kernel_set *kernel_set(enum isa isa);
/* The set that applications call: the widest hand-written lane that runs here, scalar at the least; or that of the
 * lane that the environment's HINGE_ISA names, where it runs here. */
const struct kernel_set *kernel_set_best(void);
/* From here on that set, which stays the caller's, is the lane ISA_PLUGIN: before any thread asks for it. */
void kernel_set_plug(const struct kernel_set *set);
/* True where this build runs that lane's source through SIMDe on AVX2: for checks, never to be timed. */
bool kernel_set_emulated(enum isa isa);
/* Present whether or not the lane runs here. */
const char *isa_name(enum isa isa);
/* ISA_COUNT where no lane has that name. */
enum isa isa_from_name(const char *name);

/* One problem. Fields that a kernel does not use are 0. */
struct shape {
    size_t m, n, k; /* batch, outputs, inputs; a vector kernel uses n alone */
    size_t depth;   /* layers of a chain or a language model */
    size_t heads;   /* of attention: m is its batch, n its positions, k the width of a head */
    size_t vocab;   /* tokens of a language model, outputs of a classifier */
    size_t nnz;     /* of a sparse matrix: weights of a row that are not 0, the mean */
    size_t pad;     /* by how much each leading dimension exceeds its row */
    unsigned flags; /* bit i is the spec's flag_names[i] */
    float scale;    /* multiple of He's sqrt(2 / fan_in); the factor of axpy; a learning rate */
};

/* Its sizes, in the order in which a case's name has them. */
enum { SHAPE_SIZES = 8 };
struct shape_size {
    const char *name;
    size_t offset;
};
extern const struct shape_size shape_sizes[SHAPE_SIZES];
static inline size_t *shape_size(struct shape *s, size_t i)
{
    return (size_t *)(void *)((char *)s + shape_sizes[i].offset);
}

/* The scale of a kernel for which 0, left out of the name, is 1: of weights or scores, a temperature. */
static inline float shape_scale(const struct shape *s)
{
    return s->scale == 0.0f ? 1.0f : s->scale;
}

enum role {
    ROLE_IN,     /* read only: must be the same words after the call */
    ROLE_OUT,    /* written; what it held before must not matter */
    ROLE_INOUT,  /* read and written */
    ROLE_PACKED, /* made by prepare() from the inputs, read only in the call */
    ROLE_SCRATCH /* the caller's work space: contents never matter */
};
enum type { TYPE_F32, TYPE_F64, TYPE_I32 };

/* rows x cols elements, row i at element i * ld. The ld - cols elements between rows are not part
 * of it. */
struct operand {
    const char *name;
    enum role role;
    enum type type;
    size_t rows, cols, ld;
    /* Factor on unit-normal contents: 0 means 1, below 0 makes them absolute; weights use scale *
     * sqrt(2 / fan_in). TYPE_I32: contents are from 0 to gain - 1. */
    float gain;
};
enum { OPERANDS_MAX = 13, FLAGS_MAX = 8 };

/* Bytes of an element; elements without gaps; bytes from the first element to behind the last. */
size_t operand_size(const struct operand *op);
size_t operand_elements(const struct operand *op);
size_t operand_extent(const struct operand *op);
bool operand_written(const struct operand *op);

/* Two operands of one type and layout that the contract lets be the same memory. */
struct alias {
    int one, same_as; /* where only one of them is written, it is the first */
};

/* What the contents of the inputs may be in a check; a spec lists those its contract defines. */
enum fill {
    FILL_UNIT,    /* standard normal times the operand's gain */
    FILL_EXACT,   /* integers -8..8: every sum is exact, every variant returns the exact value */
    FILL_HUGE,    /* normal times 1e15: products near 1e30 */
    FILL_TINY,    /* normal times 1e-30: every product underflows */
    FILL_NEG,     /* minus the absolute value of a normal */
    FILL_OFFSET,  /* normal plus 1024: what takes differences from a mean must not lose them */
    FILL_SPECIAL, /* one element in eight is NaN, +-Inf, +-0, a subnormal or FLT_MAX */
    /* The same with 1 for FLT_MAX, in its place for a plug-in that rounds in an order of its own: what overflows in one
     * order does not in another. */
    FILL_NONFINITE,
    FILL_COUNT
};
#define FILL_BIT(fill) (1u << (fill))
#define FILLS_ALL ((1u << FILL_NONFINITE) - 1u)

/* What the gradients of a backward kernel are held to beside its oracle: central differences in f64 of the
 * forward pass, which the oracle of the forward kernel says once more and no backward code has touched. */
struct grad {
    int ddst; /* the operand with the gradient of what forward() makes */
    const struct grad_pair {
        int x,
            dx; /* the operand that is varied, or 0 where it is no input, and that with its gradient */
    } * pairs;
    size_t count;
    /* Before the call: sets in buf what the forward pass would have stored, in x what it was given where that
     * is no operand of the backward pass. x[o] are the contents of operand o in f64, without gaps. NULL where
     * there is nothing to set. */
    void (*settle)(const struct shape *s, void *const buf[], double *const x[]);
    /* dst in the order of ddst's elements, without gaps. Returns a number that tells which branches were taken,
     * such as the sides of the kinks of a ReLU: where it differs between x - h and x + h, the difference
     * is left out, and counted. Smooth ones return 0. */
    uint64_t (*forward)(const struct shape *s, const double *const x[], double *dst);
};

struct kernel_spec {
    const char *name;
    const char *flag_names[FLAGS_MAX]; /* as in a case's name: "relu", "packed" */
    const char *formula;               /* one line for `hinge list` */
    const struct shape *check_shapes;  /* tails, zeros, strides: small */
    size_t check_shape_count;
    const struct shape *bench_shapes; /* what `hinge bench --kernel` times */
    size_t bench_shape_count;
    /* Of the shapes whose sizes and flags are those that check_shapes use, which the contract and the oracle cover.
     * NULL: all. */
    bool (*legal)(const struct shape *s);
    unsigned fills;              /* FILL_BIT()s */
    bool same_words;             /* scalar, model and every vector lane return the same words */
    const struct alias *aliases; /* each is checked alone */
    size_t alias_count;
    size_t (*operands)(const struct shape *s, struct operand op[OPERANDS_MAX]);
    /* Inputs of FILL_UNIT, once they are drawn: what is not normal with one gain, such as factors about 1. NULL:
     * nothing. */
    void (*adjust)(const struct shape *s, void *const buf[]);
    /* Untimed: fills the ROLE_PACKED operands. NULL where there are none. */
    void (*prepare)(const struct kernel_set *set, const struct shape *s, void *const buf[]);
    void (*call)(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads);
    /* For each written operand o: want[o][i] and slack[o][i], how far a right result may lie from
     * it, at element i = row * cols + col (no gaps). buf holds the contents before the call. Where
     * want is NaN the result must be NaN; where it is infinite, that infinity; where it is finite and
     * slack infinite, anything, as after an overflow that depends on the order: held to words alone. */
    void (*oracle)(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[]);
    /* Where oneDNN's algorithm cancels and the contract's does not: what is added to the slack before oneDNN is held to
     * twice of it, as a share of the greatest input; and the FILL_BIT()s at which it overflows on its way. */
    double twin_slack;
    unsigned twin_undefined;
    /* Bit o: operand o is not what oneDNN's composition makes, or hangs on which side of a kink its own roundings fall:
     * its results there are not looked at. */
    unsigned twin_without;
    const struct grad *grad; /* NULL where the kernel makes no gradient, or none is declared */
    double (*flops)(const struct shape *s);
    double (*bytes)(const struct shape *s);  /* compulsory traffic: each operand once */
    size_t (*tokens)(const struct shape *s); /* of text that a call works through; NULL: no text */
};

extern const struct kernel_spec *const kernel_specs[];
extern const size_t kernel_count;
/* NULL where no kernel has that name. */
const struct kernel_spec *kernel_spec(const char *name);

/* "dense_fwd/m:32/n:64/k:64/pad:3/relu+packed": fields that are 0 are left out, m n k are not where
 * the kernel uses them. Returns the length; size as for snprintf. */
size_t case_name(const struct kernel_spec *spec, const struct shape *s, char *text, size_t size);

#endif
