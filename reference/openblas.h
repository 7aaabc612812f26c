/* openblas: what has to be known before OpenBLAS is loaded, by its own name or as LAPACK's. */
#ifndef REFERENCE_OPENBLAS_H
#define REFERENCE_OPENBLAS_H

#include <stdbool.h>

/* While it is loaded, OpenBLAS asks again and again, for ever, for buffers that the system refuses (a limit on addresses):
 * whether it will get them. */
bool openblas_has_room(void);

#endif
