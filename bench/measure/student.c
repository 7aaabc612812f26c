#include "student.h"

#include <float.h>
#include <math.h>

/* The continued fraction of I_x(a, b) by Lentz's method; fast for x < (a + 1) / (a + b + 2). */
static double fraction(double a, double b, double x)
{
    enum { STEPS = 100000 };
    const double tiny = 1e-300;
    double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    for (int i = 1; i < STEPS; i++) {
        const double m = i;
        const double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        double step = 1.0;
        for (int half = 0; half < 2; half++) {
            const double term = half ? odd : even;
            d = 1.0 + term * d;
            c = 1.0 + term / c;
            d = 1.0 / (fabs(d) < tiny ? tiny : d);
            if (fabs(c) < tiny) c = tiny;
            step = c * d;
            value *= step;
        }
        if (fabs(step - 1.0) < 4.0 * DBL_EPSILON) break;
    }
    return value;
}

/* I_x(a, b) with y = 1 - x, which the caller has without cancellation. */
static double incomplete_beta(double a, double b, double x, double y)
{
    if (x <= 0.0) return 0.0;
    if (y <= 0.0) return 1.0;
    const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(y));
    if (x < (a + 1.0) / (a + b + 2.0)) return front * fraction(a, b, x) / a;
    return 1.0 - front * fraction(b, a, y) / b;
}

double student_tail(double t, double freedom)
{
    const double normal = 1e7;
    if (freedom > normal) return 0.5 * erfc(t / sqrt(2.0));
    const double t2 = t * t, sum = freedom + t2;
    const double beyond =
        isinf(t2) ? 0.0 : 0.5 * incomplete_beta(0.5 * freedom, 0.5, freedom / sum, t2 / sum);
    return t < 0.0 ? 1.0 - beyond : beyond;
}

static double density(double t, double freedom)
{
    const double normal = 1e7, root_two_pi = 2.5066282746310005024, pi = 3.14159265358979323846;
    if (freedom > normal) return exp(-0.5 * t * t) / root_two_pi;
    const double front = exp(lgamma(0.5 * (freedom + 1.0)) - lgamma(0.5 * freedom));
    return front / sqrt(freedom * pi) * exp(-0.5 * (freedom + 1.0) * log1p(t * t / freedom));
}

/* The tail is convex above 0: Newton's steps from there rise to the root and do not pass it. */
double student_quantile(double p, double freedom)
{
    enum { STEPS = 200 };
    const double tail = p < 0.5 ? p : 1.0 - p;
    double t = 0.0;
    for (int i = 0; i < STEPS; i++) {
        const double step = (student_tail(t, freedom) - tail) / density(t, freedom);
        t += step;
        if (!(step > 4.0 * DBL_EPSILON * t)) break;
    }
    return p < 0.5 ? -t : t;
}
