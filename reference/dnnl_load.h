/* dnnl_load: oneDNN is looked for when it is first asked for, so that a program which lacks it runs without twins. */
#ifndef REFERENCE_DNNL_LOAD_H
#define REFERENCE_DNNL_LOAD_H

#include "base/status.h"

/* From any thread. STATUS_UNAVAILABLE names the library and what is wrong with it; then no function of oneDNN may be
 * called. */
enum status dnnl_load(void);

#endif
