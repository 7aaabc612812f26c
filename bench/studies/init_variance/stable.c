#include "studies/init_variance/stable.h"

#include <math.h>

/* The scale between a stable one and its neighbour at which the accuracy is `least`. */
static double crossing(double stable_scale, double above, double scale, double below, double least)
{
    const double part = (above - least) / (above - below);
    return exp(log(stable_scale) + part * (log(scale) - log(stable_scale)));
}

struct stable stable_band(const double *scale, const double *accuracy, const bool *finite, size_t n,
                          double chance)
{
    const struct stable none = {NAN, NAN, NAN, false, false};
    size_t best = n;
    for (size_t i = 0; i < n; i++) {
        if (isnan(accuracy[i])) return none;
        if (finite[i] && (best == n || accuracy[i] > accuracy[best])) best = i;
    }
    if (best == n || accuracy[best] < 0.5 * (chance + 1.0)) return none;
    const double least = chance + STABLE_SHARE * (accuracy[best] - chance);
    size_t first = best, last = best;
    while (first > 0 && finite[first - 1] && accuracy[first - 1] >= least) first--;
    while (last + 1 < n && finite[last + 1] && accuracy[last + 1] >= least) last++;
    struct stable s = {scale[first], scale[last], scale[best], first == 0, last + 1 == n};
    if (first > 0)
        s.lower = crossing(scale[first], accuracy[first], scale[first - 1],
                           finite[first - 1] ? accuracy[first - 1] : chance, least);
    if (last + 1 < n)
        s.upper = crossing(scale[last], accuracy[last], scale[last + 1],
                           finite[last + 1] ? accuracy[last + 1] : chance, least);
    return s;
}
