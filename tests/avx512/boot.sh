#!/usr/bin/env bash
# boot.sh LOG CACHE "EMULATE OPTIONS" COMMAND...: one boot that runs the commands, what they said in LOG.
# Exit 0 when the guest finished (verdict.sh judges each command), 77 when the emulator is not here.
set -uo pipefail
log=$1 cache=$2
read -r -a options <<<"$3"
shift 3
list=$(mktemp)
trap 'rm -f "$list"' EXIT
printf '%s\n' "$@" >"$list"
"$(dirname "${BASH_SOURCE[0]}")/emulate.sh" -c "$cache" "${options[@]}" "$list" >"$log.part" 2>&1
code=$?
mv "$log.part" "$log"
cat "$log"
case $code in
0 | 1) exit 0 ;;
77) [ "${HINGE_REQUIRE_EMULATION:-0}" = 0 ] && exit 77 ;;
esac
exit 1
