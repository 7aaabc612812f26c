#!/usr/bin/env bash
# count_kept.sh HINGE CSV: the counts are those that are kept in CSV, which has every kernel. Exit 77 where they cannot be
# counted here, or none of this compiler, its flags and its C library are kept.
set -uo pipefail
hinge=$1 csv=$2
for kernel in $("$hinge" list | sed -n 's/^\([a-z][a-z0-9_]*\)   *.*/\1/p'); do
    grep -q "^[^,]*,$kernel/" "$csv" || { echo "FAIL $csv has no count of $kernel: ./run count --update keeps it"; exit 1; }
done
"$hinge" count --baseline "$csv"
code=$?
[ $code = 69 ] && { echo "SKIPPED: see above"; exit 77; }
[ $code = 0 ] || echo "FAIL where that is meant, keep the new counts: ./run count --update"
exit $code
