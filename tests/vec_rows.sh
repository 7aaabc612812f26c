#!/usr/bin/env bash
# Every operation of the vocabulary is defined on each lane and has a row in vec_ops.c. Run from the root.
set -u
bad=0
operations=$(sed -nE 's/^V_INLINE [a-z_]+ (v[di]?_[a-z0-9_]+)\(.*/\1/p' kernels/simd/vec_model.h)
[ "$(wc -w <<<"$operations")" -ge 45 ] || { echo "too few operations found: run from the root" >&2; bad=1; }
for operation in $operations; do
    for lane in avx2 avx512; do
        grep -qE "^(V_INLINE [a-z]+ |FOLD\()$operation[(,]" "kernels/simd/vec_$lane.h" ||
            { echo "vec_$lane.h lacks $operation" >&2; bad=1; }
    done
    grep -qE "X\($operation," tests/vec_ops.c || { echo "tests/vec_ops.c has no row for $operation" >&2; bad=1; }
done
exit $bad
