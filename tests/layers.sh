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

# The layer that an include of a file reaches: a path relative to the file, or to an include folder.
resolve() {
    local from=$1 header=$2 folder
    for folder in "$(dirname "$from")" kernels reference bench .; do
        if [ -f "$folder/$header" ]; then
            realpath --relative-to=. "$folder/$header"
            return
        fi
    done
    echo "system/$header"
}

rank() {
    case $1 in
    kernels/base/* | kernels/simd/*) echo 0 ;;
    kernels/*) echo 1 ;;
    reference/*) echo 2 ;;
    bench/*) echo 3 ;;
    tests/*) echo 4 ;;
    *) echo -1 ;;
    esac
}

# The room a file is in; empty for what all rooms share.
room() {
    case $1 in
    kernels/base/* | kernels/simd/*) ;;
    kernels/*/*) echo "$1" | cut -d/ -f2 ;;
    esac
}

files=$(find kernels reference bench tests -name '*.[ch]' -o -name '*.cc')
[ "$(echo "$files" | wc -l)" -gt 20 ] || complain "found too few files: run from the root of the tree"
for file in $files; do
    while read -r header; do
        [ -n "$header" ] || continue
        target=$(resolve "$file" "$header")
        case $(basename "$target") in
        omp.h) [ "$file" = kernels/base/par.c ] || complain "$file: omp.h belongs to kernels/base/par.c" ;;
        esac
        case $target in
        system/*dnnl*) [[ $file == reference/* ]] || complain "$file: oneDNN belongs to reference/" ;;
        reference/dnnl*) [[ $file == reference/* || $file == tests/* ]] || complain "$file: $header belongs to reference/" ;;
        esac
        [ "$(rank "$target")" -le "$(rank "$file")" ] || complain "$file includes $target, a layer above it"
        # The registry is where all rooms meet: list.h, and specs that call the room whose format they use.
        here=$(room "$file") there=$(room "$target")
        if [ -n "$here" ] && [ -n "$there" ] && [ "$here" != "$there" ]; then
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
