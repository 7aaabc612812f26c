#include "studies/feature_speed/laws.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>

static const double PI = 3.14159265358979323846;

double law_chain(double v, double n)
{
    return 1.0 / sqrt(1.0 + v * (n - 1.0) * (2.0 * n - 1.0) / (6.0 * n));
}

double law_batch(double m)
{
    return 1.0 / sqrt(1.0 + (m - 1.0) / (PI * PI));
}

/* How far masks of layers a part s of the depth apart agree: P(both on). */
static double both_on(double c, double s)
{
    return 0.25 + asin(exp(-c * c * s / 2.0)) / (2.0 * PI);
}

/* With t, s in [0, 1] positions along the depth, p(s) at t:
 *   B(t, s) = 1/2 + c^2 int_t^1 e^{-c^2 (r - t)} (2 q(|s - r|) - 1/2) dr
 *   p' = -c^2 p + c^2 p(t) + (2 c^2 t^2 + 2 t) B(t, s);  N' = -c^2 N + 2 c^2 t^2 + 2 c^2 p(t) + 2 t;  cos = 1 / sqrt(N(1))
 * by Heun's method and the trapezoidal rule. */
double law_resnet(double c)
{
    enum { T = 800 };
    const double h = 1.0 / T, c2 = c * c, fade = exp(-c2 * h);
    double *p = calloc(T + 1, sizeof *p), *slope = malloc((T + 1) * sizeof *slope),
           *b = malloc((size_t)(T + 1) * (T + 1) * sizeof *b), n = 0.0;
    if (!p || !slope || !b) out_of_memory();
    for (int s = 0; s <= T; s++) {
        double integral = 0.0;
        b[(size_t)T * (T + 1) + (size_t)s] = 0.5;
        for (int t = T - 1; t >= 0; t--) {
            const double near = 2.0 * both_on(c, fabs((s - t) * h)) - 0.5,
                         far = 2.0 * both_on(c, fabs((s - t - 1) * h)) - 0.5;
            integral = fade * integral + 0.5 * h * (near + fade * far);
            b[(size_t)t * (T + 1) + (size_t)s] = 0.5 + c2 * integral;
        }
    }
    for (int t = 0; t < T; t++) {
        const double now = t * h, next = now + h, at = p[t];
        const double force = 2.0 * c2 * now * now + 2.0 * now,
                     force_next = 2.0 * c2 * next * next + 2.0 * next;
        const double *here = b + (size_t)t * (T + 1), *there = here + T + 1;
        for (int s = 0; s <= T; s++) slope[s] = -c2 * p[s] + c2 * at + force * here[s];
        const double at_next = p[t + 1] + h * slope[t + 1];
        const double n_slope = -c2 * n + force + 2.0 * c2 * at;
        const double n_slope_next = -c2 * (n + h * n_slope) + force_next + 2.0 * c2 * at_next;
        n += 0.5 * h * (n_slope + n_slope_next);
        for (int s = 0; s <= T; s++) {
            const double guess = p[s] + h * slope[s];
            const double slope_next = -c2 * guess + c2 * at_next + force_next * there[s];
            p[s] += 0.5 * h * (slope[s] + slope_next);
        }
    }
    free(p);
    free(slope);
    free(b);
    return 1.0 / sqrt(n);
}
