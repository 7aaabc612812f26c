/* topology: what shares what on this machine, by hwloc: packages, NUMA nodes, caches, cores and hardware threads. */
#ifndef REPORT_TOPOLOGY_H
#define REPORT_TOPOLOGY_H

#include <jansson.h>

/* A new list of one object for each, the widest first: type as hwloc abbreviates it, os_index where the system numbers
 * them, cpus as a list such as "0-3,8", bytes of caches and of the memory of NUMA nodes. Empty where hwloc fails. */
json_t *topology_json(void);

#endif
