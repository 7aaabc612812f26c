#include "dnnl_load.h"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl_version.h>
#include <pthread.h>
#include <stdio.h>

/* Those that the dnnl files call: one that is missing here is missing for the linker. */
#define CALLS(X)                                                                                   \
    X(dnnl_engine_create)                                                                          \
    X(dnnl_engine_destroy)                                                                         \
    X(dnnl_get_effective_cpu_isa)                                                                  \
    X(dnnl_memory_create)                                                                          \
    X(dnnl_memory_desc_equal)                                                                      \
    X(dnnl_memory_desc_get_size)                                                                   \
    X(dnnl_memory_destroy)                                                                         \
    X(dnnl_memory_get_data_handle)                                                                 \
    X(dnnl_memory_get_memory_desc)                                                                 \
    X(dnnl_memory_set_data_handle)                                                                 \
    X(dnnl_post_ops_append_binary)                                                                 \
    X(dnnl_post_ops_append_eltwise)                                                                \
    X(dnnl_post_ops_append_sum)                                                                    \
    X(dnnl_post_ops_create)                                                                        \
    X(dnnl_post_ops_destroy)                                                                       \
    X(dnnl_post_ops_len)                                                                           \
    X(dnnl_primitive_attr_create)                                                                  \
    X(dnnl_primitive_attr_destroy)                                                                 \
    X(dnnl_primitive_attr_set_post_ops)                                                            \
    X(dnnl_primitive_attr_set_scratchpad_mode)                                                     \
    X(dnnl_primitive_create)                                                                       \
    X(dnnl_primitive_desc_clone)                                                                   \
    X(dnnl_primitive_desc_destroy)                                                                 \
    X(dnnl_primitive_desc_query)                                                                   \
    X(dnnl_primitive_desc_query_md)                                                                \
    X(dnnl_primitive_destroy)                                                                      \
    X(dnnl_primitive_execute)                                                                      \
    X(dnnl_primitive_get_primitive_desc)                                                           \
    X(dnnl_reorder_primitive_desc_create)                                                          \
    X(dnnl_set_max_cpu_isa)                                                                        \
    X(dnnl_stream_create)                                                                          \
    X(dnnl_stream_destroy)                                                                         \
    X(dnnl_stream_wait)                                                                            \
    X(dnnl_sum_primitive_desc_create)                                                              \
    X(dnnl_version)

#if DNNL_VERSION_MAJOR >= 3
#define CALLS_OF_RELEASE(X)                                                                        \
    X(dnnl_binary_primitive_desc_create)                                                           \
    X(dnnl_eltwise_backward_primitive_desc_create)                                                 \
    X(dnnl_eltwise_forward_primitive_desc_create)                                                  \
    X(dnnl_inner_product_backward_data_primitive_desc_create)                                      \
    X(dnnl_inner_product_backward_weights_primitive_desc_create)                                   \
    X(dnnl_inner_product_forward_primitive_desc_create)                                            \
    X(dnnl_layer_normalization_backward_primitive_desc_create)                                     \
    X(dnnl_layer_normalization_forward_primitive_desc_create)                                      \
    X(dnnl_matmul_primitive_desc_create)                                                           \
    X(dnnl_memory_desc_create_with_strides)                                                        \
    X(dnnl_memory_desc_create_with_tag)                                                            \
    X(dnnl_memory_desc_destroy)                                                                    \
    X(dnnl_softmax_backward_primitive_desc_create)                                                 \
    X(dnnl_softmax_forward_primitive_desc_create)
#else
#define CALLS_OF_RELEASE(X)                                                                        \
    X(dnnl_binary_desc_init)                                                                       \
    X(dnnl_eltwise_backward_desc_init)                                                             \
    X(dnnl_eltwise_forward_desc_init)                                                              \
    X(dnnl_inner_product_backward_data_desc_init)                                                  \
    X(dnnl_inner_product_backward_weights_desc_init)                                               \
    X(dnnl_inner_product_forward_desc_init)                                                        \
    X(dnnl_layer_normalization_backward_desc_init)                                                 \
    X(dnnl_layer_normalization_forward_desc_init)                                                  \
    X(dnnl_matmul_desc_init)                                                                       \
    X(dnnl_memory_desc_init_by_strides)                                                            \
    X(dnnl_memory_desc_init_by_tag)                                                                \
    X(dnnl_primitive_attr_set_output_scales)                                                       \
    X(dnnl_primitive_desc_create)                                                                  \
    X(dnnl_softmax_backward_desc_init)                                                             \
    X(dnnl_softmax_forward_desc_init)
#endif

/* Each is a jump through a pointer, which is what a call into a linked library is too. */
#define X(name)                                                                                    \
    static void *name##_at __attribute__((used));                                                  \
    __asm__(".pushsection .text\n"                                                                 \
            ".globl " #name "\n"                                                                   \
            ".type " #name ", @function\n" #name ": jmp *" #name "_at(%rip)\n"                     \
            ".size " #name ", . - " #name "\n"                                                     \
            ".popsection\n");
CALLS(X)
CALLS_OF_RELEASE(X)
#undef X

#define X(name) {#name, &name##_at},
static const struct {
    const char *name;
    void **at;
} calls[] = {CALLS(X) CALLS_OF_RELEASE(X)};
#undef X

static char wrong[512]; /* "": it is here */

static void load(void)
{
    void *library = dlopen(HINGE_DNNL_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        snprintf(wrong, sizeof wrong, "no oneDNN: %s (Debian: libdnnl%d)", dlerror(),
                 DNNL_VERSION_MAJOR);
    for (size_t i = 0; library && i < sizeof calls / sizeof *calls; i++) {
        *calls[i].at = dlsym(library, calls[i].name);
        if (!*calls[i].at)
            snprintf(wrong, sizeof wrong, "no oneDNN: " HINGE_DNNL_LIBRARY " lacks %s",
                     calls[i].name);
    }
}

enum status dnnl_load(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return *wrong ? fail(STATUS_UNAVAILABLE, "%s", wrong) : STATUS_OK;
}
