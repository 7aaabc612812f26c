#!/usr/bin/env bash
# Runs programs on an emulated processor: Bochs with Debian's own kernel, from Debian's packages alone.
#
#   emulate.sh [-m MODEL] [-k "KERNEL ARGUMENTS"] [-M MIB] [-i IPS] [-t SECONDS] -c CACHE LIST
#
# IPS: the guest's instructions in a second of its own time. With many, its timer seldom interrupts, which a
# count of instructions wants; with few, it boots sooner.
# LIST: one command a line, "VAR=value ... /program argument ...". Each program goes into the guest with
# the libraries it needs, at the same path; a word @FILE stands for FILE, which goes along too.
# Prints what the programs print, "TEST <line> rc=N" after each, and "DONE N run, M failed".
# Exit: 0 all exited with 0, 1 some did not, 2 the guest never finished, 77 a package is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
model=corei7_skylake_x mib=768 arguments= ips=50000000 limit=600 cache=
while getopts m:M:k:i:t:c: option; do
    case $option in
    m) model=$OPTARG ;;
    M) mib=$OPTARG ;;
    k) arguments=$OPTARG ;;
    i) ips=$OPTARG ;;
    t) limit=$OPTARG ;;
    c) cache=$OPTARG ;;
    *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))
list=${1:?a list of commands}
[ -n "$cache" ] || { echo "emulate: -c CACHE is missing" >&2; exit 64; }
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
work=$(mktemp -d "$cache/boot.XXXXXX")
trap 'rm -rf "$work"' EXIT

skip() {
    echo "SKIPPED: $1"
    exit 77
}

for pair in bochs:bochs lz4:lz4 cpio:cpio gcc:gcc ld:binutils; do
    command -v "${pair%%:*}" >/dev/null || skip "no ${pair%%:*} here (Debian: ${pair##*:})"
done

# Debian's cloud kernel, unpacked: the payload of a bzImage is an LZ4 stream and its 4-byte size.
fetch_kernel() {
    local package field offset length
    if [ ! -s "$work/bzImage" ]; then
        command -v apt-get >/dev/null || skip "no apt-get to fetch linux-image-cloud-amd64 with"
        package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image/ {print $2; exit}')
        [ -n "$package" ] || skip "linux-image-cloud-amd64 is not known here (apt-get update?)"
        (cd "$work" && apt-get download -qq "$package" >/dev/null 2>&1) || skip "$package cannot be downloaded"
        dpkg-deb --fsys-tarfile "$work"/linux-image-*.deb | tar -x -C "$work" --wildcards './boot/vmlinuz-*'
        mv "$work"/boot/vmlinuz-* "$work/bzImage"
    fi
    field() { od -An -t "u$2" -j $(($1)) -N "$2" "$work/bzImage" | tr -d ' '; }
    offset=$((($(field 0x1f1 1) + 1) * 512 + $(field 0x248 4)))
    length=$(field 0x24c 4)
    { tail -c "+$((offset + 1))" "$work/bzImage" || true; } | head -c $((length - 4)) |
        lz4 -dcq >"$work/vmlinux"
    mv "$work/bzImage" "$cache/bzImage"
    mv "$work/vmlinux" "$cache/vmlinux" # last: its presence says that both are whole
}

(
    flock 9 # several boots may start at once
    [ -s "$cache/vmlinux" ] || fetch_kernel
    if [ "$here/rom.S" -nt "$cache/rom.bin" ]; then
        gcc -c -o "$work/rom.o" "$here/rom.S"
        ld -Ttext=0 --oformat=binary -o "$cache/rom.bin" "$work/rom.o"
    fi
    [ "$here/mkboot.c" -nt "$cache/mkboot" ] && gcc -std=gnu17 -O2 -o "$cache/mkboot" "$here/mkboot.c"
    [ "$here/init.c" -nt "$cache/init" ] && gcc -std=gnu17 -O2 -static -o "$cache/init" "$here/init.c"
    true
) 9>"$cache/lock"

# ---- the guest's files
root=$work/root
mkdir "$root"
cp "$cache/init" "$root/init"
put() {
    local file=$1 library
    [ -e "$root$file" ] && return 0
    mkdir -p "$root$(dirname "$file")"
    cp -L "$file" "$root$file"
    for library in $({ ldd "$file" 2>/dev/null || true; } | grep -o '/[^ ]*'); do
        [ -e "$root$library" ] && continue
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done
}
while read -r line; do
    case $line in '' | '#'*) continue ;; esac
    for word in $line; do
        case $word in
        @/*) put "${word#@}" ;;
        *=*) ;;
        /*) [ ! -f "$word" ] || put "$word" ;;
        esac
    done
    echo "${line//@\//\/}" >>"$root/run.list"
done <"$list"
(cd "$root" && find . | cpio -o -H newc --quiet) >"$work/initrd"

# Traps of Bochs 2.7 under Linux 6.1, each of which stops the boot:
# - it reports a wrong size of the compacted XSAVE area: without "noxsaves clearcpuid=xsavec" Linux gives
#   the vector registers up; PKRU is misplaced (nopku), and FSRM without ERMS breaks memmove (fsrm).
# - ACPI, mitigations, timer checks and self-tests cost tens of seconds of emulation and prove nothing here.
"$cache/mkboot" "$cache/bzImage" "$cache/vmlinux" "$work/initrd" "$mib" \
    "console=ttyS0,115200 quiet nokaslr mitigations=off panic=-1 acpi=off tsc=reliable no_timer_check \
lpj=1000000 random.trust_cpu=on cryptomgr.notests noxsaves nopku \
clearcpuid=xsavec,pku,ospke,fsrm${arguments:+ $arguments}" "$work/memory"

# The serial line is emulated at its speed, so programs print to the debug port (port_e9_hack) instead. The
# rfb display needs no client with timeout=0. The guest cannot power off without ACPI: a write to port 0x8900
# makes Bochs panic, and that ends it; its exit code says nothing.
cat >"$work/bochsrc" <<RC
cpu: model=$model, count=1, ips=$ips, reset_on_triple_fault=0, ignore_bad_msrs=1
memory: guest=$mib, host=$mib
romimage: file=$cache/rom.bin
optramimage1: file=$work/memory, address=0x100000
vgaromimage: file=/usr/share/vgabios/vgabios.bin
display_library: rfb, options="timeout=0"
config_interface: textconfig
com1: enabled=1, mode=file, dev="$work/serial"
clock: sync=none, time0=1700000000
mouse: enabled=0
port_e9_hack: enabled=1
panic: action=fatal
error: action=ignore
info: action=report
debug: action=ignore
log: "$work/log"
plugin_ctrl: unmapped=1, biosdev=0, speaker=0, parallel=0, iodebug=0, extfpuirq=1
RC
# Debian's Bochs is built with its debugger, which waits for "continue".
echo c >"$work/debugger"
# Bochs itself dies of a segmentation fault now and then, at any time: it gets three tries. What the guest runs cannot
# cause that: a fault of a program ends the program, and its line says so.
for _ in 1 2 3; do
    code=0
    timeout "$limit" bochs -f "$work/bochsrc" -rc "$work/debugger" </dev/null >"$work/out" 2>&1 || code=$?
    [ $code = 139 ] || break
done
sed -n '/^INIT/,/^DONE /p' "$work/out" | tr -d '\r'
case $(grep -a '^DONE ' "$work/out" || true) in
'')
    echo "emulate: the guest ($model) never finished within $limit s (exit code $code of Bochs); what it said last:"
    tail -3 "$work/out" | cut -c 1-200
    echo "and its kernel:"
    tail -5 "$work/serial" 2>/dev/null || true
    exit 2
    ;;
*', 0 failed'*) exit 0 ;;
*) exit 1 ;;
esac
