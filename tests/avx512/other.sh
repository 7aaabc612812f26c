#!/usr/bin/env bash
# other.sh SOURCE BUILD CC CXX: what the guest runs, built by another compiler without a warning.
set -euo pipefail
source=$1 build=$2
CC=$3 CXX=$4 cmake -S "$source" -B "$build" -DHINGE_IS_OTHER=ON -DCMAKE_BUILD_TYPE=Release >/dev/null
log=$(cmake --build "$build" --target hinge count test_vec -j 2 2>&1) || { echo "$log"; exit 1; }
if grep -q 'warning:' <<<"$log"; then
    grep -A3 'warning:' <<<"$log"
    exit 1
fi
