#!/usr/bin/env bash
# How often each line runs: builds the preset `coverage`, runs what is to reach every line, prints lines and branches by folder.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: tests/coverage.sh [--html DIR] [--json FILE]

Builds the preset `coverage` (build-coverage: GCC, avx512 through SIMDe), runs the
checks of every kernel and the units below them, and prints how many lines and
branches of kernels/ ran on some lane, and the rooms' sources lane by lane.

  --html DIR   pages with every line and how often it ran, from DIR/index.html
  --json FILE  gcovr's summary, a record for each source
  --help       this text

Exit codes: 0 every line of kernels/ ran, 1 some did not (they are named) or a test
failed, 64 usage, 69 no gcovr, 70 the build or gcovr failed, 73 cannot write.
TEXT
}

refuse() {
    echo "coverage.sh: $2" >&2
    exit "$1"
}

html='' json=''
while [ $# -gt 0 ]; do
    case $1 in
    --html | --json)
        [ -n "${2-}" ] || refuse 64 "$1: name a $([ "$1" = --html ] && echo folder || echo file)"
        if [ "$1" = --html ]; then html=$(realpath -m -- "$2"); else json=$(realpath -m -- "$2"); fi
        shift
        ;;
    --help) usage && exit ;;
    *) refuse 64 "'$1' is not an option; --help names them" ;;
    esac
    shift
done
command -v gcovr >/dev/null || refuse 69 "no gcovr here (Debian: gcovr)"
[ -z "$html" ] || mkdir -p -- "$html" 2>/dev/null || refuse 73 "$html: no such folder can be made"
[ -z "$json" ] || { [ -w "${json%/*}" ] && [ ! -d "$json" ]; } || refuse 73 "$json cannot be written"

cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build-coverage scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if ! { cmake --preset coverage && cmake --build --preset coverage -j "$(nproc)"; } >"$scratch/log" 2>&1; then
    tail -40 "$scratch/log" >&2
    refuse 70 "the build failed"
fi
find "$build" -name '*.gcda' -delete
export OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive
failed=0

# call COMMAND...: its output where it fails, else nothing.
call() {
    "$@" >"$scratch/log" 2>&1 && return
    echo "FAIL $*"
    tail -40 "$scratch/log"
    failed=1
}

# Of the seven lanes the two sources of a room as they are compiled for no vectors, for AVX2 and for AVX-512; of the fills
# the one that every kernel has, and for the oracles the one of special values. --quick leaves out differences of
# gradients: here of one case for each flag of which the differences are others.
check=("$build/hinge" check --no-twins)
lanes=scalar,avx2,avx512
differences='^(attn_bwd/heads:3/m:2/n:7/k:5|dense_bwd_data/m:5/n:21/k:39|dense_bwd_weights/m:5/n:39/k:5|embed_bwd/m:7/n:17/k:4'
differences+='|gelu_bwd/n:65(/tanh)?|gpt2_block/heads:2/m:1/n:9/k:2|gpt2_step/.*/vocab:5/backward|layernorm_bwd/m:2/n:17'
differences+='|mlp_bwd/depth:3/m:4/n:18/k:6/pad:1/scale:0.01(/update)?|relu_bwd/n:65|softmax_bwd/m:8/n:17'
differences+='|train_step/.*/m:1[89]/.*/backward.*|xent_bwd/m:33/n:10(/soft)?)$'
call "${check[@]}" --quick --threads 2 --isa $lanes --fill unit
call "${check[@]}" --quick --threads 2 --isa scalar --fill special
call "${check[@]}" --quick --threads 1 --isa model --fill unit --filter '^(dense|xent)_fwd/'
call "${check[@]}" --threads 1 --isa scalar --fill unit --filter "$differences"
call "${check[@]}" --fuzz 84 --isa $lanes
call ctest --test-dir "$build" --no-tests=error -R '^unit\.(base|base\.places|registry|vec|embed|xent|chain|spectrum|gpt|gpt_trainer)$'

# gather ARGS...: gcovr over the objects.
gather() {
    gcovr -r . -j "$(nproc)" --object-directory "$build" "$@" 2>"$scratch/log" && return
    cat "$scratch/log" >&2
    refuse 70 "gcovr failed"
}
outputs=(--csv "$scratch/all.csv" --json "$scratch/all.json")
[ -z "$json" ] || outputs+=(--json-summary "$json" --json-summary-pretty)
[ -z "$html" ] || outputs+=(--html-details "$html/index.html" --html-title "hinge: how often each line ran")
gather -f 'kernels/' "${outputs[@]}" "$build"

# rows <CSV: by folder, all rooms in one.
rows() {
    tail -n +2 | sort | awk -F, '
        function add(area) {
            if (!(area in lines)) order[++areas] = area
            lines[area] += $2; ran[area] += $3; branches[area] += $5; taken[area] += $6
        }
        function share(part, all) { return sprintf("%6d of %6d %6.1f %%", part, all, all ? 100 * part / all : 100) }
        function print_area(area) {
            printf "%-18s %s   %s\n", area, share(ran[area], lines[area]), share(taken[area], branches[area])
        }
        {
            depth = split($1, part, "/")
            area = depth == 2 ? "kernels/*" : part[2] ~ /^(base|simd)$/ ? "kernels/" part[2] : "kernels/ROOM"
            add(area)
            add("all of kernels")
        }
        END {
            for (i = 1; i <= areas; i++) if (order[i] != "all of kernels") print_area(order[i])
            print_area("all of kernels")
        }'
}
printf '%-18s %25s   %25s\n' '' 'lines that ran' 'branches taken'
rows <"$scratch/all.csv"
echo
for lane in ${lanes//,/ }; do
    gather -f 'kernels/[a-z0-9_]*/[a-z0-9_]*_(scalar|simd).c' -f 'kernels/simd/' \
        --csv "$scratch/lane.csv" "$build/CMakeFiles/lane_$lane.dir"
    awk -F, -v lane="lane $lane" 'FNR > 1 { lines += $2; ran += $3 }
        END { printf "%-18s %6d of %6d %6.1f %%\n", lane, ran, lines, lines ? 100 * ran / lines : 100 }' "$scratch/lane.csv"
done

# "SOURCE: LINES" of each source that has some that no lane ran.
unreached=$(python3 - "$scratch/all.json" <<'PYTHON'
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    sources = json.load(file)["files"]
for source in sources:
    lines = [str(line["line_number"]) for line in source["lines"]
             if line["count"] == 0 and not line.get("gcovr/noncode") and not line.get("gcovr/excluded")]
    if lines:
        print(source["file"] + ": " + " ".join(lines))
PYTHON
)
if [ -n "$unreached" ]; then
    printf 'FAIL lines that no lane ran:\n%s\n' "$unreached"
    failed=1
fi
exit $failed
