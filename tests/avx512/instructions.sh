#!/usr/bin/env bash
# instructions.sh check|update CSV LOG...: the counts in the emulator's logs against those kept in CSV.
#
# A count is exact and repeats, but a kernel that is worked on changes its counts, and more instructions may well
# be faster. So growth by more than 0.5 % fails until the new count is kept on purpose, as does a case that is no
# longer counted; counts that fell, and new cases, are told and pass. Counts of one compiler are compared with
# those of the very same compiler alone.
#
# check: exit 0 as described, 1 when a count grew or is gone, 77 where there is nothing to compare with: another
#        compiler, or no emulator here.
# update: the rows of the compilers in the logs are replaced.
set -euo pipefail
export LC_ALL=C
mode=$1 csv=$2
shift 2
counts=$(mktemp)
trap 'rm -f "$counts"' EXIT

for log; do
    if [ ! -f "$log" ] || grep -q '^SKIPPED' "$log"; then
        echo "SKIPPED: no counts in $log: $(grep -h '^SKIPPED' "$log" 2>&1)"
        [ "${HINGE_REQUIRE_EMULATION:-0}" = 0 ] && exit 77
        exit 1
    fi
    # A program that failed half-way must not pass for fewer cases.
    grep -qE '^TEST [^ ]*/count rc=0$' "$log" || { echo "FAIL count did not end well in $log"; exit 1; }
done
awk -F, -v OFS=, '
    $1 == "COMPILER" {compiler = $2; sub(/ +$/, "", compiler)}
    $1 == "COUNT" {print compiler, $2, $3}' "$@" >"$counts"
[ -s "$counts" ] || { echo "FAIL no counts in $*"; exit 1; }

if [ "$mode" = update ]; then
    {
        echo "compiler,case,instructions"
        {
            cat "$counts"
            [ ! -f "$csv" ] || awk -F, 'NR == FNR {now[$1] = 1; next} FNR > 1 && !($1 in now)' "$counts" "$csv"
        } | sort -t, -k1,1 -s
    } >"$csv.new"
    mv "$csv.new" "$csv"
    echo "$(wc -l <"$counts") counts written to $csv"
    exit 0
fi

[ -f "$csv" ] || { echo "SKIPPED: no counts are kept in $csv"; exit 77; }
code=0
awk -F, -v csv="$csv" '
    function told(what, compiler, name, was, is) {
        printf "%s: %s: %s: %d instructions, were %d (%+.2f %%)\n", what, compiler, name, is, was, 100 * (is / was - 1)
    }
    FILENAME == csv {kept[$1, $2] = $3; order[++pairs] = $1 SUBSEP $2; next}
    {now[$1, $2] = $3; compilers[$1] = 1}
    END {
        for (i = 1; i <= pairs; i++) {
            pair = order[i]
            split(pair, key, SUBSEP)
            if (!(key[1] in compilers)) continue
            known[key[1]] = 1
            was = kept[pair]
            if (!(pair in now)) {
                print "GONE: " key[1] ": " key[2] " is no longer counted"
                bad++
                continue
            }
            is = now[pair]
            seen++
            if (is > was * 1.005) {
                told("GREW", key[1], key[2], was, is)
                bad++
            } else if (is != was) {
                told(is < was ? "fell" : "grew a little", key[1], key[2], was, is)
                other++
            }
        }
        for (pair in now) {
            split(pair, key, SUBSEP)
            if (pair in kept || !(key[1] in known)) continue
            print "new: " key[1] ": " key[2] ": " now[pair] " instructions"
            other++
        }
        for (c in compilers) if (!(c in known)) print "SKIPPED: no counts of " c " in " csv
        printf "%d counts compared: %d grew or are gone, %d other differences\n", seen, bad, other
        exit bad ? 1 : seen ? 0 : 77
    }' "$csv" "$counts" || code=$?
[ $code != 1 ] || echo "FAIL more instructions than kept; where that is meant, keep them:" \
    "cmake --build build --target instructions"
exit $code
