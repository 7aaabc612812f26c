/* exp2: powers of two for softmaxes and sigmoids, in fewer instructions than vec_math.h's exp: the factor on the
 * argument that a temperature needs anyway makes them powers of e.
 *
 *   v_exp2_nonpositive(y) = 2^y,  y <= 0
 *
 * Error     EXP2_ULP units in the last place: with u = 2^-24, at most 1.6 u of the polynomial of v_power_rest(), u of
 *           its last rounding, 0.7 u of those before. Over every f32 it is 1.97 units at -0x1.ddbfcp-3.
 * Special   2^0 is 1. Below 2^-126.5 it is +0: beside a sum that is at least 1, that is nothing. NaN gives NaN.
 */
#ifndef SIMD_EXP2_H
#define SIMD_EXP2_H

#include "vec_math.h"

#define EXP2_ULP 2.0
#define LOG2_E 0x1.715476p+0f

V_INLINE vf v_exp2_nonpositive(vf x)
{
    /* y = n - s; to v_power() 2^-127 is +0. */
    const vf y = v_max(v_set1(-127.0f), x), t = v_add(y, v_set1(V_POWER));
    return v_mul(v_power_rest(v_sub(v_sub(t, v_set1(V_POWER)), y)), v_power(t));
}

#endif
