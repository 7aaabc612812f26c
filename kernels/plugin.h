/* plugin: kernels of your own, checked and timed beside hinge's and oneDNN's.
 *
 * A plug-in is a shared object with one constant table under the name hinge_plugin:
 *
 *     #include <hinge/plugin.h>
 *
 *     static void my_relu(float *dst, const float *src, size_t n) { ... }
 *
 *     static const struct hinge_plugin_kernel kernels[] = {
 *         HINGE_PLUGIN_KERNEL(relu_fwd, my_relu, .isa = "avx2", .flags = HINGE_PLUGIN_SAME_WORDS)};
 *     const struct hinge_plugin hinge_plugin =
 *         HINGE_PLUGIN(kernels, .name = "mine", .release = "1.0");
 *
 *     cc -O3 -mavx2 -shared -fPIC $(pkg-config --cflags hinge) -o mine.so mine.c
 *     hinge check --plugin ./mine.so
 *     hinge bench --plugin ./mine.so
 *
 * A kernel has the type that its room's header gives, here relu_fwd_fn of hinge/relu_fwd/relu_fwd.h, and keeps the
 * contract there: it is a leaf, which starts no threads. hinge cuts the work among threads as it does for its own; one
 * that takes a team waits in team_barrier() of libhinge (base/par.h).
 *
 * Compatibility: members are only ever added, at the end of a struct, and `size` and `kernel_size` say which there are.
 * The version grows where a room's function or argument changes its type: another is refused.
 */
#ifndef HINGE_PLUGIN_H
#define HINGE_PLUGIN_H

#include <stdint.h>

#include "list.h"

enum { HINGE_PLUGIN_VERSION = 1 };

enum {
    /* It rounds in the contract's order: held to the words of hinge's scalar lane. Otherwise to the oracle's bound alone,
     * and on several threads, or at another place in memory, its words may be others. */
    HINGE_PLUGIN_SAME_WORDS = 1,
    /* Of dense_pack alone: the plug-in's kernels read packed weights in an order of its own, and all that it is asked for
     * are its own. dense_pack is then held to no words, but keeps the size of dst, and panel j of sixteen columns of w
     * (transposed: rows) at dst + 16 j k (dst + 16 j n): threads are cut there. */
    HINGE_PLUGIN_OWN_LAYOUT = 2
};

typedef void hinge_plugin_call(void); /* of any kernel's type */

struct hinge_plugin_kernel {
    const char *room; /* "dense_fwd" */
    /* NULL of a composed room, such as gpt2_step, which has no code of its own: it is run on the plug-in's kernels. */
    hinge_plugin_call *call;
    const char *
        isa; /* what it must have: NULL for any x86-64, "avx2" (with FMA), "avx512" (F, BW, DQ, VL) */
    /* Flags of the room's cases that it does not take, like "packed,nobias"; NULL: it takes all. */
    const char *without;
    uint32_t flags;
};

struct hinge_plugin {
    uint32_t version, size, kernel_size, kernel_count;
    const struct hinge_plugin_kernel *kernels;
    const char *name;    /* of its lane in every table: up to 11 of a-z 0-9 _ . -, a letter first */
    const char *release; /* "1.0"; NULL: none */
    const char *note;    /* who made it, how, of what; NULL: none */
};

/* The compiler refuses a function that has not the room's type. */
#define HINGE_PLUGIN_KERNEL(kernel, function, ...)                                                 \
    {                                                                                              \
        .room = #kernel,                                                                           \
        .call = (hinge_plugin_call *)_Generic(&(function), kernel##_fn *                           \
                                              : &(function)),                                      \
        __VA_ARGS__                                                                                \
    }
#define HINGE_PLUGIN(table, ...)                                                                   \
    {                                                                                              \
        .version = HINGE_PLUGIN_VERSION, .size = sizeof(struct hinge_plugin),                      \
        .kernel_size = sizeof(struct hinge_plugin_kernel),                                         \
        .kernel_count = sizeof(table) / sizeof *(table), .kernels = (table), __VA_ARGS__           \
    }

extern const struct hinge_plugin hinge_plugin;

#endif
