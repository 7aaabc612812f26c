#!/usr/bin/env bash
# The objects of a lane define only symbols that end in its name, and hold only its instructions.
# symbols.sh LANE OBJECT...
set -u
lane=$1 bad=0 zmm=0 ymm=0
shift
objects=("$@")
[ ${#objects[@]} -gt 0 ] || exit 1

# refuse WHAT PATTERN: complains where the object's code matches.
refuse() {
    if grep -E "$2" <<<"$text" | head -3 | grep . >&2; then
        echo "$object holds $1" >&2
        bad=1
    fi
}

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
    avx512 | omp_avx512) continue ;;
    scalar_base) refuse "instructions of AVX" '%[yz]mm|[[:space:]]v[a-z0-9]+[[:space:]].*%xmm' ;;
    esac
    # EVEX in any width: zmm, the upper sixteen registers, or a mask.
    refuse "AVX-512" '%zmm|%[xy]mm(1[6-9]|2[0-9]|3[01])|%k[0-7]'
    case $lane in
    # What is called scalar must be: packed moves of structures may be, packed arithmetic may not.
    scalar | scalar_base) refuse "packed arithmetic" '[[:space:]]v?(f[n]?m(add|sub)[123]+|add|sub|mul|div)ps[[:space:]]' ;;
    esac
done
case $lane in
avx512) [ $zmm -gt 0 ] || { echo "no object of $lane uses zmm registers" >&2; bad=1; } ;;
avx2) [ $ymm -gt 0 ] || { echo "no object of $lane uses ymm registers" >&2; bad=1; } ;;
esac
exit $bad
