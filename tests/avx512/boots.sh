#!/usr/bin/env bash
# boots.sh CACHE LIST...: boots the emulator once for each LIST, two at a time; what it said is in LIST's .log.
# A LIST is emulate.sh's, with emulate.sh's options in a first line "# OPTIONS".
# Exit 0 when every guest finished (verdict.sh judges each command), 77 when the emulator is not here.
set -uo pipefail
emulate=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/emulate.sh
cache=$1
shift

boot() {
    local list=$1 log=${1%.list}.log options code
    # xargs splits at the quotes, as a shell would.
    readarray -t options < <(sed -n '1s/^# //p' "$list" | xargs -n 1)
    "$emulate" -c "$cache" "${options[@]}" "$list" >"$log.part" 2>&1
    code=$?
    mv "$log.part" "$log"
    return $code
}

# finish JOB: 77 where a package is missing, 1 where a guest did not finish.
worst=0
finish() {
    local code
    wait "$1"
    code=$?
    case $code in
    0 | 1) ;;
    77) [ $worst != 0 ] || worst=77 ;;
    *) worst=1 ;;
    esac
}
running=()
for list; do
    if [ ${#running[@]} = 2 ]; then
        finish "${running[0]}"
        running=("${running[@]:1}")
    fi
    boot "$list" &
    running+=($!)
done
for job in "${running[@]}"; do finish "$job"; done
for list; do
    echo "== $list"
    cat "${list%.list}.log"
done
if [ $worst = 77 ] && [ "${HINGE_REQUIRE_EMULATION:-0}" != 0 ]; then exit 1; fi
exit $worst
