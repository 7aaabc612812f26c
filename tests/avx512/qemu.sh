#!/usr/bin/env bash
# qemu.sh CPU PROGRAM ARGS...: the program on another CPU, in user mode.
set -uo pipefail
cpu=$1
shift
if ! command -v qemu-x86_64 >/dev/null; then
    echo "SKIPPED: no qemu-x86_64 here (Debian: qemu-user)"
    exit $((${HINGE_REQUIRE_EMULATION:-0} ? 1 : 77))
fi
exec qemu-x86_64 -cpu "$cpu" "$@" 2> >(grep -v "TCG doesn't support" >&2)
