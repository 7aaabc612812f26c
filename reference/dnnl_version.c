/* What oneDNN is, and what it may use. */
#include <stdio.h>

#include "dnnl_load.h"
#include "dnnl_run.h"

const char *twin_version(void)
{
    static char text[32];
    if (dnnl_load() != STATUS_OK) return "none";
    const dnnl_version_t *v = dnnl_version();
    snprintf(text, sizeof text, "oneDNN %d.%d.%d", v->major, v->minor, v->patch);
    return text;
}

const char *twin_cpu_isa(void)
{
    if (dnnl_load() != STATUS_OK) return "none";
    const unsigned isa = (unsigned)dnnl_get_effective_cpu_isa();
    const struct {
        dnnl_cpu_isa_t isa;
        const char *name;
    } known[] = {
        {dnnl_cpu_isa_avx512_core_amx, "avx512_core_amx"},
        {dnnl_cpu_isa_avx512_core_bf16, "avx512_core_bf16"},
        {dnnl_cpu_isa_avx512_core_vnni, "avx512_core_vnni"},
        {dnnl_cpu_isa_avx512_core, "avx512_core"},
        {dnnl_cpu_isa_avx2_vnni, "avx2_vnni"},
        {dnnl_cpu_isa_avx2, "avx2"},
        {dnnl_cpu_isa_avx, "avx"},
        {dnnl_cpu_isa_sse41, "sse41"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((isa & known[i].isa) == known[i].isa) return known[i].name;
    return "none";
}

enum status twin_limit_isa(enum isa isa)
{
    dnnl_cpu_isa_t limit = dnnl_cpu_isa_sse41;
    if (dnnl_load() != STATUS_OK) return STATUS_OK; /* it uses none */
    if (isa == ISA_OMP_AVX2 || isa == ISA_AVX2) limit = dnnl_cpu_isa_avx2;
    if (isa == ISA_OMP_AVX512 || isa == ISA_AVX512) limit = dnnl_cpu_isa_avx512_core;
    if (dnnl_set_max_cpu_isa(limit) == dnnl_success) return STATUS_OK;
    return fail(STATUS_UNAVAILABLE,
                "oneDNN has fixed its instruction set: %s for lane %s comes too late",
                twin_cpu_isa(), isa_name(isa));
}
