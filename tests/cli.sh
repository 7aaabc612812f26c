#!/usr/bin/env bash
# cli.sh HINGE: bad input gets a sentence, an exit code, and nothing lost or half written.
set -uo pipefail
hinge=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

# expect CODE TEXT ARGS...: the exit code, and a sentence on stderr or stdout that contains TEXT.
expect() {
    local code=$1 text=$2 out got
    shift 2
    out=$("$hinge" "$@" 2>&1 </dev/null)
    got=$?
    if [ "$got" = "$code" ] && [[ $out == *"$text"* ]]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL hinge %s\n  exit %s, want %s; wanted the words "%s" in:\n%s\n' \
            "$*" "$got" "$code" "$text" "$(tail -3 <<<"$out")"
    fi
}

# An IDX file: magic, sizes, then what is on stdin.
idx() { # FILE BYTES...
    local file=$1
    shift
    printf "$(printf '\\x%02x' "$@")" >"$file"
}

expect 64 'usage: hinge COMMAND'
expect 64 "no command 'bnech'" bnech
expect 0 'main job' --help
expect 0 'hinge ' --version
expect 64 "unrecognized option" bench --no-such-option
expect 64 '--grid huge' bench --grid huge
expect 64 "'x' is not a number" bench --depth 1,x
expect 64 'not a whole number of at least 1' bench --width 0
expect 64 'not a whole number of at least 1' bench --batch 1.5
expect 64 'not a positive finite number' bench --scale nan
expect 64 'not a positive finite number' bench --scale=-1
expect 64 'not a time' bench --budget soon
expect 64 'no such kernel' bench --kernel no_such
expect 64 'matches no case' bench --filter '^no such case$' --no-json
expect 64 'chains have none' bench --heads 2
expect 64 'dense_fwd has no heads' bench --kernel dense_fwd --heads 2
expect 71 'free' bench --depth 1 --width 1e6 --batch 1 --scale 1 --no-json
expect 71 'free' bench --depth 1 --width 64 --batch 1e12 --scale 1 --no-json
expect 71 'free' bench --depth 1 --width 1e12 --batch 1 --scale 1 --no-json
expect 71 '/cold in 2 copies needs' bench --kernel axpy --width 1e12 --cold --no-json
expect 73 '/no/such/folder/x.json' bench --grid quick --json /no/such/folder/x.json
expect 64 'with --kernel dense_fwd' bench --peers --no-json
expect 64 'with --kernel dense_fwd' bench --kernel relu_fwd --peers --no-json
expect 64 'name a file' bench --grid quick --json -
expect 73 '/no/such/folder/x.json' info --no-roofs --json /no/such/folder/x.json
expect 64 "'surplus' is not an option" info surplus
expect 64 'nothing to hold' info --likwid --no-roofs
expect 64 "'surplus' is not an option" doctor surplus
expect 64 'not a time' doctor --budget soon
expect 64 'longer than nothing' doctor --budget 0
expect 64 'not a percentage' doctor --min-effect 0
expect 64 'not a percentage' doctor --min-effect nan
expect 64 'not a percentage' doctor --min-effect 5x
expect 64 'not a number from 1' doctor --probe=0
expect 73 '/no/such/folder/x.json' doctor --no-probe --json /no/such/folder/x.json
expect 66 "$dir" bench --grid quick --no-json --data "$dir"
HINGE_ISA=avx9 expect 64 'HINGE_ISA=avx9: no lane' list
HINGE_ISA=scalar expect 0 'applications get scalar' list
expect 0 'angle     ' help
expect 0 'Usage: hinge study' help study
expect 64 "no command 'bnech'" help bnech
expect 64 '--format html' help --format html
expect 64 'of all commands' help study --format man
expect 64 'no kernel' list --filter '^nothing$'
expect 0 'relu_fwd' list
expect 0 'stud' study
expect 64 "no study 'no_such'" study no_such
expect 64 '--size huge' study --size huge

mkdir "$dir/short" "$dir/magic" "$dir/cut" "$dir/labels"
idx "$dir/short/t10k-images-idx3-ubyte" 0 0 8
expect 65 'shorter than its 16-byte header' bench --no-json --data "$dir/short"
idx "$dir/magic/t10k-images-idx3-ubyte" 0 0 8 4 0 0 0 1 0 0 0 2 0 0 0 2 1 2 3 4
expect 65 'magic number' bench --no-json --data "$dir/magic"
idx "$dir/cut/t10k-images-idx3-ubyte" 0 0 8 3 0 0 0 2 0 0 0 2 0 0 0 2 1 2 3 4 5
expect 65 'ends in image 2 of 2' bench --no-json --data "$dir/cut"
idx "$dir/labels/t10k-images-idx3-ubyte" 0 0 8 3 0 0 0 1 0 0 0 2 0 0 0 2 1 2 3 4
idx "$dir/labels/t10k-labels-idx1-ubyte" 0 0 8 1 0 0 0 1 77
expect 65 'label 1 is 77' bench --no-json --data "$dir/labels"

# Two images of 2 x 2 pixels are a data set; the whole path to a table.
mkdir "$dir/idx"
idx "$dir/idx/t10k-images-idx3-ubyte" 0 0 8 3 0 0 0 2 0 0 0 2 0 0 0 2 1 2 3 4 5 6 7 200
idx "$dir/idx/t10k-labels-idx1-ubyte" 0 0 8 1 0 0 0 2 3 9
small=(--depth 1 --width 16 --batch 1 --scale 1 --budget 20s --forks 3 --no-json)
expect 0 'inputs of idx-t10k' bench "${small[@]}" --data "$dir/idx"
expect 64 'matches no case' bench "${small[@]}" --filter '^nothing$'
expect 64 'too short to sample a single row' bench "${small[@]}" --budget 0.001s
expect 64 '--batch: relu_fwd has no batch' bench --kernel relu_fwd --batch 8 --no-json
expect 64 "outside of the kernel's contract" bench --kernel train_step --depth 77 --no-json
expect 0 'dense_fwd/m:2/n:16/k:16' bench --kernel dense_fwd --width 16 --batch 2 --budget 20s --forks 3 --no-json
expect 64 '--onednn-isa avx9: not a list of lanes' bench --onednn-isa avx9
expect 0 "cold: each call's operands come from memory" bench "${small[@]}" --cold
expect 0 'dot_fwd/n:16384/cold, 1 thread, ' bench --kernel dot_fwd --filter 'n:16384$' --cold --budget 20s --forks 3 --no-json
# OMP_PROC_BIND alone: the program starts itself again with the other settings, on no fewer CPUs.
cpus() { env -u OMP_PLACES "$@" "$hinge" info --no-roofs | grep '^cores'; }
if [ "$(cpus -u OMP_PROC_BIND)" = "$(cpus OMP_PROC_BIND=true)" ]; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    printf 'FAIL OMP_PROC_BIND=true hinge info: %s\n  without it: %s\n' "$(cpus OMP_PROC_BIND=true)" "$(cpus -u OMP_PROC_BIND)"
fi

if grep -q 'oneDNN [0-9].*avx' <<<"$("$hinge" info --no-roofs)"; then
    expect 0 '(avx2)' bench "${small[@]}" --onednn-isa avx2
fi

mkdir "$dir/digits"
printf 'nan,0\n' | gzip >"$dir/digits/digits.csv.gz"
HINGE_DATA=$dir/digits expect 65 'digits.csv.gz:1: field 1' bench --no-json
printf 'not a digit\n' | gzip >"$dir/digits/digits.csv.gz"
HINGE_DATA=$dir/digits expect 65 'digits.csv.gz:1: field 1' bench --no-json
printf '1,2\n' | gzip >"$dir/digits/digits.csv.gz"
HINGE_DATA=$dir/digits expect 65 'digits.csv.gz:1' bench --no-json

# A run that cannot write its result leaves what was there as it was.
echo before >"$dir/kept.json"
HINGE_DATA=$dir/digits "$hinge" bench --json "$dir/kept.json" >/dev/null 2>&1
if [ "$(cat "$dir/kept.json")" = before ] && [ ! -e "$dir/kept.json.new" ]; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    echo 'FAIL a failed run changed the result file that was there'
fi

# A short run on real input: a whole result file.
if "$hinge" bench --depth 2 --width 64 --batch 1 --scale 1 --budget 10s --forks 3 --json "$dir/run.json" >"$dir/out" 2>&1 &&
    grep -q '"benchmarks"' "$dir/run.json" && grep -q 'geometric mean\|rows;' "$dir/out"; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    echo 'FAIL a short run:'
    tail -5 "$dir/out"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
