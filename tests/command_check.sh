#!/usr/bin/env bash
# What `hinge check` and `hinge selftest` do with good and bad options: the exit code and a sentence.
set -u
hinge=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
mkdir "$scratch/taken"

# expect CODE PATTERN ARGS...
expect() {
    local code=$1 pattern=$2 got
    shift 2
    "$hinge" "$@" >"$scratch/out" 2>&1
    got=$?
    if [ "$got" != "$code" ] || ! grep -qE -- "$pattern" "$scratch/out"; then
        echo "hinge $*: exit $got, want $code with /$pattern/:"
        head -5 "$scratch/out"
        failures=$((failures + 1))
    fi
}

expect 0 'variants: [1-9][0-9]* ran' check --kernel relu_fwd --isa scalar --quick --no-twins
expect 0 'seed 7' check --kernel relu_fwd --filter '^relu_fwd/n:17$' --isa scalar --fill unit --seed 7
expect 64 'no case matches --filter nothing' check --filter nothing
expect 64 '--filter \(: ' check --filter '('
expect 64 '--isa sse9: not a list of lanes' check --isa sse9
expect 64 '--isa avx2,,avx512: not a list' check --isa avx2,,avx512
expect 64 '--threads 0: not a number' check --threads 0
expect 64 '--threads 1,x: not a number|--threads x: not a number' check --threads 1,x
expect 64 '--seed -1: not a number' check --seed -1
expect 64 '--fill red: the fills are' check --fill red
expect 64 'no such kernel' check --kernel frobnicate
expect 64 'unrecognized option' check --frobnicate
expect 64 'is not an option' check surplus
expect 69 'avx2: that lane did not run' check --kernel relu_fwd --isa scalar --quick --no-twins --require avx2
expect 73 '/nowhere/j.xml cannot be written' check --quick --junit /nowhere/j.xml
expect 64 '--junit -: name a file' check --quick --junit -
expect 64 "no case matches --filter .none given. with that --fill" check --kernel normal_fill --fill special
expect 64 "--filter '': empty" check --filter ''
expect 64 '--isa : not a list of lanes' check --isa ''
expect 64 '--threads 1,: not a list' check --threads 1,
expect 64 '--threads 1025: not a number from 1 to 1024' check --threads 1025
expect 64 'more than 16 numbers' check --threads 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1
expect 64 '--seed 18446744073709551616: not a number' check --seed 18446744073709551616
expect 64 '--require avx1024: not a list of lanes' check --require avx1024
expect 64 'requires an argument' check --kernel
expect 0 'Exit codes: 0 right, 2 wrong' check --help
expect 0 '/dst=src' check --kernel relu_fwd --filter '^relu_fwd/n:17/dst=src$' --isa scalar --fill unit --no-twins --verbose
expect 0 'left out' check --kernel relu_fwd --isa scalar --quick --no-twins
expect 73 'taken cannot be written: not a regular file' check --kernel relu_fwd --isa scalar --quick --no-twins --junit "$scratch/taken"
[ -e "$scratch/taken.new" ] && { echo "--junit left half a file"; failures=$((failures + 1)); }
expect 64 'unrecognized option' selftest --frobnicate
expect 64 'is not an option' selftest surplus
expect 64 '--seed x: not a number' selftest --seed x
expect 0 'Plant faults' selftest --help
expect 64 'unrecognized option' list --frobnicate
expect 64 'is not an option' list surplus
expect 64 "--filter '': empty" list --filter ''
expect 64 '--filter \[: ' list --filter '['
expect 64 'matches no kernel' list --filter nothing
expect 0 'n:2000' list --filter '^axpy$' --shapes
if "$hinge" list >/dev/full 2>"$scratch/out" || [ $? != 73 ] || ! grep -q 'cannot write to standard output' "$scratch/out"; then
    echo "a report on a full disk passed for written"
    failures=$((failures + 1))
fi
expect 64 'no fault matches' selftest --filter nothing
expect 0 '^null kernel +UNWRITTEN +UNWRITTEN +ok' selftest --filter '^null kernel'
expect 0 '^race +2t$' selftest --filter '^relu_.*: race$'
expect 0 '^relu_fwd: swapped lanes +WRONG VALUE +WRONG VALUE +ok' selftest --filter '^relu_fwd: swapped'
# Each library is there and right, or named with the package that has it.
for peer in openblas blis libxsmm; do
    expect 0 "$peer +(ran +[1-9][0-9]*, wrong 0|SKIPPED: .*Debian: lib)" check --kernel dense_fwd \
        --filter '^dense_fwd/m:1/n:16/k:8/relu$' --isa scalar --no-twins --peers
done
HINGE_EMULATED=1 expect 0 ' 0 ran, [1-9][0-9]* ran emulated' check --kernel relu_fwd --isa scalar --quick --no-twins

expect 0 . check --kernel relu_fwd --isa scalar --quick --no-twins --junit "$scratch/j.xml"
if ! grep -q '<testcase classname="relu_fwd"' "$scratch/j.xml" || [ -e "$scratch/j.xml.new" ]; then
    echo "--junit left no whole file"
    failures=$((failures + 1))
fi
# A crash that no handler survives, of a kernel of ours.
expect 2 'kernels that ended their process, .*: 1$' check --fault 'traps on several threads' --junit "$scratch/j.xml"
if ! grep -q '<failure message="its process ended: ' "$scratch/j.xml" || ! tail -n 1 "$scratch/j.xml" | grep -qx '</testsuites>'; then
    echo "--junit left no whole file that names a crash"
    failures=$((failures + 1))
fi
exit $((failures != 0))
