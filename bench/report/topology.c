#include "topology.h"

#include <hwloc.h>
#include <stdlib.h>

static json_t *object_json(hwloc_obj_t obj)
{
    char type[32], *cpus = NULL;
    hwloc_obj_type_snprintf(type, sizeof type, obj, 0);
    if (hwloc_bitmap_list_asprintf(&cpus, obj->cpuset) < 0) cpus = NULL;
    json_t *one = json_pack("{s:s, s:s}", "type", type, "cpus", cpus ? cpus : "unknown");
    free(cpus);
    if (obj->os_index != HWLOC_UNKNOWN_INDEX)
        json_object_set_new(one, "os_index", json_integer(obj->os_index));
    if (hwloc_obj_type_is_cache(obj->type))
        json_object_set_new(one, "bytes", json_integer((json_int_t)obj->attr->cache.size));
    if (obj->type == HWLOC_OBJ_NUMANODE)
        json_object_set_new(one, "bytes",
                            json_integer((json_int_t)obj->attr->numanode.local_memory));
    return one;
}

static void add_depth(json_t *list, hwloc_topology_t topology, int depth)
{
    const unsigned count = hwloc_get_nbobjs_by_depth(topology, depth);
    for (unsigned i = 0; i < count; i++)
        json_array_append_new(list, object_json(hwloc_get_obj_by_depth(topology, depth, i)));
}

json_t *topology_json(void)
{
    json_t *list = json_array();
    hwloc_topology_t topology;
    if (hwloc_topology_init(&topology)) return list;
    hwloc_topology_set_icache_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_ALL);
    if (hwloc_topology_load(topology) == 0) {
        add_depth(list, topology, HWLOC_TYPE_DEPTH_NUMANODE);
        /* Behind the first depth, which is the machine as a whole. */
        for (int depth = 1; depth < hwloc_topology_get_depth(topology); depth++)
            add_depth(list, topology, depth);
    }
    hwloc_topology_destroy(topology);
    return list;
}
