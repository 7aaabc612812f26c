#!/usr/bin/env bash
# verdict.sh LOG RC PATTERN: the command whose TEST line matches PATTERN ran in that boot and exited with RC.
set -uo pipefail
log=$1 want=$2 pattern=$3
if [ ! -f "$log" ] || grep -q '^SKIPPED' "$log"; then
    echo "SKIPPED: the guest did not boot here: $(cat "$log" 2>/dev/null)"
    exit $((${HINGE_REQUIRE_EMULATION:-0} ? 1 : 77))
fi
line=$(grep -a "^TEST .*$pattern.* rc=" "$log" | head -1)
[ -n "$line" ] || { echo "FAIL no command matches '$pattern' in $log"; exit 1; }
echo "$line"
case $line in
*" rc=$want") exit 0 ;;
*) echo "FAIL wanted rc=$want"; exit 1 ;;
esac
