#!/usr/bin/env bash
# public.sh ARCHIVE OUT COMPILER NM INCLUDE HEADER...: writes the names that the archive defines and the headers declare.
set -euo pipefail
archive=$1 out=$2 compiler=$3 nm=$4 include=$5
shift 5
sorted() { LC_ALL=C sort -u; }

# Functions stand before a parenthesis, objects at the end of an extern declaration.
declared=$(printf '#include "%s"\n' "$@" | "$compiler" -E -P -I"$include" -x c - | tr '\n' ' ')
declared=$({
    grep -oE '[a-z_][a-z0-9_]* ?\(' <<<"$declared" | tr -d ' ('
    grep -oE '\<extern [^;(]*;' <<<"$declared" | grep -oE '[a-z_0-9]+(\[\])?;' | tr -d '[];'
} | sorted)
defined=$("$nm" --defined-only --extern-only -P "$archive" | awk 'NF > 2 { print $1 }' | sorted)

# fail() is how the library records a sentence: a name that a program may well have for itself.
LC_ALL=C comm -12 <(echo "$defined") <(echo "$declared") | grep -vx fail >"$out"
