/* resnet: what the experiments on ResNets share. */
#ifndef FEATURE_SPEED_RESNET_H
#define FEATURE_SPEED_RESNET_H

#include "studies/feature_speed/lab.h"

/* The authors' depth L counts the embedding and the read-out, which is no layer here. */
struct network_plan resnet_plan(size_t width, size_t depth, double beta, size_t branch);
/* cos and theta of the last features in each draw. */
enum status resnet_output(const struct lab *lab, const struct network_plan *plan, double part,
                          double *cosine, double *theta, size_t draws);

/* Parts of lab_resnet(), from `from` to `to` of its time: the authors' figures E1 to E4. */
enum status resnet_by_layer(const struct lab *lab, double from, double to);
enum status resnet_by_depth(const struct lab *lab, double from, double to);
enum status resnet_by_scale(const struct lab *lab, double from, double to);

#endif
