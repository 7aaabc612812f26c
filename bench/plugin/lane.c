#include "lane.h"

#include <string.h>

#include "loaded.h"

struct plugin_state plugin_state;

const struct plugin *plugin_loaded(void)
{
    return plugin_state.entries ? &plugin_state.is : NULL;
}

unsigned plugin_seconds(void)
{
    return plugin_state.seconds;
}

const struct plugin_entry *plugin_entry(const struct kernel_spec *spec)
{
    for (size_t i = 0; i < plugin_state.entries; i++)
        if (strcmp(plugin_state.entry[i].spec->name, spec->name) == 0)
            return &plugin_state.entry[i];
    return NULL;
}

bool plugin_has(const struct kernel_spec *spec)
{
    return plugin_entry(spec) != NULL;
}

const char *plugin_option(unsigned isas, char text[512])
{
    int used = 0;
    for (int isa = 0; isa < ISA_COUNT; isa++)
        if (isa != ISA_PLUGIN && isas >> isa & 1u)
            used += snprintf(text + used, 512 - (size_t)used, "%s%s", used ? "," : "--isa ",
                             isa_name((enum isa)isa));
    if (!used) used = snprintf(text, 512, "--isa scalar");
    if (isas >> ISA_PLUGIN & 1u)
        snprintf(text + used, 512 - (size_t)used, " --plugin '%.400s'", plugin_state.is.path);
    return text;
}

enum status plugin_offers(const struct kernel_spec *spec)
{
    if (!spec || plugin_has(spec)) return STATUS_OK;
    return fail(STATUS_USAGE, "--kernel %s: %s has no such kernel; its first is %s", spec->name,
                plugin_state.is.path, plugin_state.entry[0].spec->name);
}

void plugin_print(FILE *out)
{
    fprintf(out, "plug-in %s%s%s%s%s%s:", plugin_state.is.name, *plugin_state.is.release ? " " : "",
            plugin_state.is.release, *plugin_state.is.note ? " (" : "", plugin_state.is.note,
            *plugin_state.is.note ? ")" : "");
    for (size_t i = 0; i < plugin_state.entries; i++)
        fprintf(out, "%s %s%s", i ? "," : "", plugin_state.entry[i].spec->name,
                plugin_state.entry[i].runs ? "" : " (not on this CPU)");
    fputc('\n', out);
}

enum isa plugin_isa(const struct kernel_spec *spec)
{
    const struct plugin_entry *e = plugin_entry(spec);
    return e ? e->isa : ISA_SCALAR;
}

const char *plugin_refusal(const struct kernel_spec *spec, const struct shape *shape)
{
    const struct plugin_entry *e = plugin_entry(spec);
    if (!e) return "";
    if (!e->runs)
        return e->isa == ISA_AVX512 ? "needs avx512, which this CPU or its system has not"
                                    : "needs avx2, which this CPU or its system has not";
    if (e->flags & HINGE_PLUGIN_OWN_LAYOUT)
        return "dense_pack: its layout is its own, and held to by the kernels that read it";
    return e->without & shape->flags ? "its table says that it does not take them" : NULL;
}

bool plugin_own_layout(void)
{
    const struct plugin_entry *e = plugin_entry(kernel_spec("dense_pack"));
    return e && e->runs && e->flags & HINGE_PLUGIN_OWN_LAYOUT;
}

bool plugin_keeps_words(const struct kernel_spec *spec, enum isa isa)
{
    const struct plugin_entry *e = isa == ISA_PLUGIN ? plugin_entry(spec) : NULL;
    if (isa == ISA_OMP_AVX2 || isa == ISA_OMP_AVX512) return false;
    return isa != ISA_PLUGIN || (e && e->flags & HINGE_PLUGIN_SAME_WORDS);
}
