/* loaded: what a plug-in's table has said, between load.c, which reads it, and lane.c, which is asked. */
#ifndef PLUGIN_LOADED_H
#define PLUGIN_LOADED_H

#include "lane.h"
#include "plugin.h"

#define X(room) +1
enum { PLUGIN_ROOMS = 0 KERNELS(X) COMPOSED(X) };
#undef X

struct plugin_entry {
    const struct kernel_spec *spec;
    enum isa isa;
    bool runs; /* this CPU has that */
    unsigned without;
    uint32_t flags;
};

struct plugin_state {
    struct plugin is;
    struct kernel_set set;
    struct plugin_entry entry[PLUGIN_ROOMS];
    size_t entries; /* 0: none is loaded */
    unsigned seconds;
};
extern struct plugin_state plugin_state;

/* NULL where its table has not that room. */
const struct plugin_entry *plugin_entry(const struct kernel_spec *spec);

#endif
