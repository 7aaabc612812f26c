/* student: Student's t distribution with any positive number of degrees of freedom, INFINITY included
 * (the normal distribution).
 *
 * The tail is half the regularized incomplete beta function I_x(f / 2, 1 / 2), x = f / (f + t^2), by its
 * continued fraction (Press et al., Numerical Recipes, 6.4). Relative error below 1e-9, in the tails too;
 * above 1e7 degrees of freedom the normal distribution stands in, with t^4 / 4e7 at most.
 */
#ifndef MEASURE_STUDENT_H
#define MEASURE_STUDENT_H

/* P(T > t). */
double student_tail(double t, double freedom);
/* t with P(T <= t) = p, 0 < p < 1. */
double student_quantile(double p, double freedom);

#endif
