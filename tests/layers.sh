#!/usr/bin/env bash
# Dependencies point one way: base, simd <- kernels <- reference <- bench, tests. Run from the root.
set -u
bad=0
complain() {
    echo "$1" >&2
    bad=1
}

# includes FILES...: "file:header" of each quoted or bracketed include.
includes() { sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^">]+)[">].*/\1/p' "$1"; }

# Answers lie in variables: a process for each would take minutes on a busy machine.

# target: the file that an include reaches, from the including file's folder or an include folder.
resolve() {
    local from=$1 header=$2 folder
    target=system/$header
    for folder in "${from%/*}" kernels reference bench .; do
        if [ -f "$folder/$header" ]; then
            target=$folder/$header
            [[ $target != *./* ]] || target=$(realpath --relative-to=. "$target")
            return
        fi
    done
}

# rank: of the file's layer.
rank_of() {
    case $1 in
    kernels/base/* | kernels/simd/*) rank=0 ;;
    kernels/*) rank=1 ;;
    reference/*) rank=2 ;;
    bench/*) rank=3 ;;
    tests/*) rank=4 ;;
    *) rank=-1 ;;
    esac
}

# room: the one that the file is in; empty for what all rooms share.
room_of() {
    room=
    case $1 in
    kernels/base/* | kernels/simd/*) ;;
    kernels/*/*)
        room=${1#kernels/}
        room=${room%%/*}
        ;;
    esac
}

files=$(find kernels reference bench tests -name '*.[ch]' -o -name '*.cc')
[ "$(echo "$files" | wc -l)" -gt 20 ] || complain "found too few files: run from the root of the tree"
for file in $files; do
    while read -r header; do
        [ -n "$header" ] || continue
        resolve "$file" "$header"
        case ${target##*/} in
        omp.h) [ "$file" = kernels/base/par.c ] || complain "$file: omp.h belongs to kernels/base/par.c" ;;
        esac
        case $target in
        system/*dnnl*) [[ $file == reference/* ]] || complain "$file: oneDNN belongs to reference/" ;;
        system/*lapack*) [[ $file == reference/* || $file == tests/* ]] || complain "$file: LAPACK belongs to reference/" ;;
        reference/dnnl*) [[ $file == reference/* || $file == tests/* ]] || complain "$file: $header belongs to reference/" ;;
        esac
        rank_of "$file" && above=$rank
        rank_of "$target"
        [ "$rank" -le "$above" ] || complain "$file includes $target, a layer above it"
        # The registry is where all rooms meet: list.h, and specs that call the room whose format they use.
        room_of "$file" && here=$room
        room_of "$target"
        if [ -n "$here" ] && [ -n "$room" ] && [ "$here" != "$room" ]; then
            complain "$file includes $target, another room"
        fi
    done < <(includes "$file")
    case $file in
    kernels/base/par.c) ;;
    *)
        if grep -nE '^[[:space:]]*#[[:space:]]*pragma[[:space:]]+omp|omp_(get|set)_' "$file" >&2; then
            complain "$file: OpenMP belongs to kernels/base/par.c"
        fi
        ;;
    esac
done

# Scalar and SIMD sources are compiled with other -m flags: an inline function that is not static would
# become one symbol for all lanes.
for header in kernels/*.h kernels/*/*.h; do
    if grep -nE '^(inline|extern inline)' "$header" >&2; then
        complain "$header: inline functions in headers are static"
    fi
done
exit $bad
