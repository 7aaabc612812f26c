#!/usr/bin/env bash
# package.sh BUILD CPACK: the .deb is what Debian expects of one, and what it holds runs.
set -uo pipefail
build=$1 cpack=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0
unset HINGE_DATA HINGE_ISA

for tool in dpkg-deb dpkg-shlibdeps; do
    command -v $tool >/dev/null && continue
    echo "SKIPPED: no $tool here (Debian: dpkg-dev)"
    exit 77
done

# expect WHAT COMMAND...: it ends well.
expect() {
    local what=$1
    shift
    if "$@" >"$dir/out" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n' "$what"
        tail -15 "$dir/out"
    fi
}

"$cpack" -G DEB -B "$dir/made" --config "$build/CPackConfig.cmake" >"$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
deb=$(echo "$dir"/made/hinge_*.deb)
expect 'one package' test -f "$deb"
field() { dpkg-deb -f "$deb" "$1"; }
expect 'its name' test "$(field Package)" = hinge
expect 'its version is that of the program' test "hinge $(field Version)" = "$("$build/hinge" --version)"
expect 'its architecture' test "$(field Architecture)" = "$(dpkg --print-architecture)"
for library in libc6 libgomp1 libhwloc15 libjansson4 libsqlite3-0 zlib1g; do
    expect "it depends on $library" grep -q "\\<$library\\>" <(field Depends)
done
expect 'it recommends oneDNN, where it was built with it' bash -c '"$1" info --no-roofs | grep -q "no oneDNN" || grep -q "^libdnnl[0-9]" <<<"$2"' \
    bash "$build/hinge" "$(field Recommends)"
expect 'it depends on nothing that only a build needs' bash -c '! grep -e -dev <<<"$1"' bash "$(field Depends)"

# ---- what it holds
dpkg-deb -c "$deb" >"$dir/list"
for file in bin/hinge lib/libhinge.a lib/libhinge.so include/hinge/kernel.h lib/pkgconfig/hinge.pc \
    lib/cmake/hinge/hinge-config.cmake share/hinge/digits.csv.gz share/hinge/wine.csv.gz share/man/man1/hinge.1.gz \
    share/bash-completion/completions/hinge share/zsh/vendor-completions/_hinge \
    share/fish/vendor_completions.d/hinge.fish share/doc/hinge/copyright share/doc/hinge/changelog.gz; do
    expect "it has $file" grep -qE " \\./usr/$file( ->|$)" "$dir/list"
done
expect 'nothing outside /usr' bash -c '! grep -vE " \./usr/" "$1"' bash "$dir/list"
expect 'all is of root, and only root may write' bash -c \
    '! grep -vE "^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--|lrwxrwxrwx) root/root" "$1"' bash "$dir/list"

# ---- unpacked into a root, it runs from there
expect 'unpacked' dpkg-deb -R "$deb" "$dir/root"
cd "$dir/root" || exit 1
expect 'checksums' md5sum --quiet -c DEBIAN/md5sums
expect 'the program is stripped' bash -c '! readelf -SW usr/bin/hinge | grep -F .debug_'
expect '--version' usr/bin/hinge --version
expect 'check' usr/bin/hinge check --kernel relu_fwd
expect 'bench on its own inputs' usr/bin/hinge bench --depth 1 --width 16 --batch 1 --scale 1 --budget 10s --no-json
expect 'the man page' cmp <("$build/hinge" help --format man) <(gzip -dc usr/share/man/man1/hinge.1.gz)

if command -v lintian >/dev/null; then
    expect 'lintian has no error' env LC_ALL=C.UTF-8 lintian --fail-on error "$deb"
    grep '^W:' "$dir/out"
else
    echo 'SKIPPED lintian: not here (Debian: lintian)'
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
