#!/usr/bin/env bash
# Every header compiles alone. headers.sh COMPILER ONEDNN_INCLUDE_DIR|none; run from the root.
set -u
compiler=$1 dnnl=$2 bad=0 count=0
flags=(-std=gnu17 -fsyntax-only -x c -Wall -Wextra -Wno-unused-function -Ikernels -Ireference -Ibench -mavx2 -mfma)
[ "$dnnl" = none ] || flags+=(-isystem "$dnnl")
for header in $(find kernels reference bench -name '*.h'); do
    case $header in
    kernels/simd/vec_model.h | kernels/simd/vec_avx*.h) continue ;; # the lanes of vec.h, which includes one of them
    reference/dnnl*.h)
        if [ "$dnnl" = none ]; then
            echo "SKIPPED $header: no oneDNN here"
            continue
        fi
        ;;
    esac
    count=$((count + 1))
    if ! echo "#include \"$header\"" | "$compiler" "${flags[@]}" -Werror -I. -; then
        echo "$header does not compile alone" >&2
        bad=1
    fi
done
echo "$count headers"
[ "$count" -gt 10 ] || bad=1
exit $bad
