#!/usr/bin/env bash
# The objects of a lane define only symbols that end in its name, and hold only its instructions.
# symbols.sh LANE OBJECT;OBJECT;...
set -u
lane=$1 bad=0 zmm=0 ymm=0
IFS=';' read -ra objects <<<"$2"
[ ${#objects[@]} -gt 0 ] || exit 1
for object in "${objects[@]}"; do
    others=$(nm --defined-only --extern-only "$object" | awk -v end="_$lane\$" '$3 !~ end { print $3 }')
    if [ -n "$others" ]; then
        echo "$object defines $others, which do not end in _$lane" >&2
        bad=1
    fi
    text=$(objdump -d --no-show-raw-insn "$object")
    grep -q '%zmm' <<<"$text" && zmm=$((zmm + 1))
    grep -q '%ymm' <<<"$text" && ymm=$((ymm + 1))
    case $lane in
    avx512 | omp_avx512) ;;
    avx2 | omp_avx2)
        # EVEX in any width: zmm, the upper sixteen registers, or a mask.
        if grep -E '%zmm|%[xy]mm(1[6-9]|2[0-9]|3[01])|%k[0-7]' <<<"$text" | head -3 | grep . >&2; then
            echo "$object holds AVX-512" >&2
            bad=1
        fi
        ;;
    *)
        if grep -E '%[zy]mm' <<<"$text" | head -3 | grep . >&2; then
            echo "$object holds vectors wider than 128 bits" >&2
            bad=1
        fi
        ;;
    esac
done
case $lane in
avx512) [ $zmm -gt 0 ] || { echo "no object of $lane uses zmm registers" >&2; bad=1; } ;;
avx2) [ $ymm -gt 0 ] || { echo "no object of $lane uses ymm registers" >&2; bad=1; } ;;
esac
exit $bad
