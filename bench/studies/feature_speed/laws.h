/* laws: what theory says of the angle between feature updates and backward pass at random initialization, large width, batch 1,
 * when each of n trained layers contributes as much to the loss decay. The constants are derived (README.md), not the paper's.
 */
#ifndef FEATURE_SPEED_LAWS_H
#define FEATURE_SPEED_LAWS_H

#include <stddef.h>

/* cos(theta) above n trained layers, of which each factor of the layer-to-layer Jacobian has a spectrum of mean 1 and
 * second moment 1 + v: 1 / sqrt(1 + v (n - 1)(2 n - 1) / (6 n)). v = 2: ReLU, Gaussian weights, where it is sqrt(3 n / (2 n^2 + 1)); 1: linear
 * Gaussian, or orthogonal with ReLU; 0: orthogonal and linear. */
double law_chain(double v, double n);

/* cos(theta) of the last features of a ReLU ResNet with branches scaled by c / sqrt(depth), large width, then large depth. */
double law_resnet(double c);

/* By how much independent inputs widen the angle of the first trained layer: 1 / sqrt(1 + (m - 1) / pi^2). */
double law_batch(double m);

#endif
