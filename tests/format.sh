#!/usr/bin/env bash
# The tree is formatted. format.sh CLANG_FORMAT|none; run from the root.
set -u
if [ "$1" = none ]; then
    echo "SKIPPED: no clang-format-14 here (Debian: clang-format-14)"
    exit 77
fi
find kernels reference bench tests \( -name '*.[ch]' -o -name '*.cc' \) ! -name 'vec_model.h' ! -name 'vec_avx*.h' -print0 |
    xargs -0 "$1" --dry-run --Werror
