#!/usr/bin/env bash
# hinge-gate.sh BASE: may what is checked out here be merged into BASE? Prints Markdown; progress goes to stderr.
#
# Called in a clone of hinge or of a fork, with its history. Both sides are built here by the same compiler, BASE at the
# commit that they last had in common.
#   count  the instructions of each small call: exact, on any machine. A growth by more than HINGE_GATE_TOLERANCE percent
#          (0.5) fails.
#   ab     the time of each call, both builds interleaved in one run of HINGE_GATE_BUDGET (10m). A slowdown fails that is
#          beyond the machine's noise and beyond HINGE_GATE_EFFECT percent, where that is set.
# A verdict that the machine is too noisy for is a warning and passes; with HINGE_GATE_STRICT=1 it fails.
#
# Exit: 0 pass, 1 regression, 2 a wrong result, 3 inconclusive (strict), 64 and up: could not be judged, which is no pass.
set -uo pipefail

say() { echo "hinge-gate: $*" >&2; }

if [ $# != 1 ]; then
    say "usage: hinge-gate.sh BASE"
    exit 64
fi
cd "$(git rev-parse --show-toplevel)" || exit 66
head=$(git rev-parse --verify HEAD) || exit 66
if ! base=$(git merge-base "$1" HEAD); then
    say "'$1' has no commit in common with HEAD here: is the whole history fetched?"
    exit 66
fi
if [ -n "$(git status --porcelain --untracked-files=no)" ]; then
    say "there are uncommitted changes: they would be counted, but not timed"
    exit 64
fi

scratch=$(mktemp -d) || exit 73
trap 'git worktree remove --force "$scratch/base" 2>/dev/null; rm -rf "$scratch"' EXIT
git worktree add --quiet --detach "$scratch/base" "$base" >&2 || exit 73

# verdict CODE WHAT: one line of Markdown, and the code kept where it is worse than those before it.
worst=0
rank() { case $1 in 0) echo 0 ;; 3) echo 1 ;; 1) echo 3 ;; 2) echo 4 ;; *) echo 2 ;; esac; }
verdict() {
    local code=$1 what=$2 words
    case $code in
    0) words="passes" ;;
    1) words="**regressed**" ;;
    2) words="**a wrong result**" ;;
    3) words="inconclusive: a warning" ;;
    *) words="**could not be judged** (exit code $code)" ;;
    esac
    printf '\nhinge-gate: %s: %s\n\n' "$what" "$words"
    if [ "$(rank "$code")" -gt "$(rank "$worst")" ]; then worst=$code; fi
}

echo "## hinge: ${head:0:12} beside ${base:0:12}"
echo
say "counting the instructions of ${base:0:12}"
# A build folder that the caller named is for HEAD.
(cd "$scratch/base" && BUILD=build ./run count --baseline "$scratch/base.csv" --update) >"$scratch/base.txt" 2>&1
code=$?
if [ $code = 64 ] && grep -q "no command 'count'" "$scratch/base.txt"; then
    echo "**Instructions were not compared**: ${base:0:12} has no \`hinge count\`."
elif [ $code != 0 ] && [ $code != 3 ]; then
    tail -n 5 "$scratch/base.txt" >&2
    verdict $code "instructions of ${base:0:12}"
else
    say "counting the instructions of ${head:0:12}"
    ./run count --baseline "$scratch/base.csv" --tolerance "${HINGE_GATE_TOLERANCE:-0.5}" --markdown
    verdict $? instructions
fi

say "timing both, interleaved"
./run ab --git "$base" "$head" --budget "${HINGE_GATE_BUDGET:-10m}" \
    ${HINGE_GATE_EFFECT:+--min-effect "$HINGE_GATE_EFFECT"} --markdown
verdict $? time

[ "$worst" = 3 ] && [ "${HINGE_GATE_STRICT:-0}" != 1 ] && exit 0
exit "$worst"
