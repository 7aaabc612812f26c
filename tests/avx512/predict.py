#!/usr/bin/env python3
"""What llvm-mca predicts for the hot loops of the vector lanes: predict.py check|update CSV COMPILER OBJECT...

An OBJECT is .../lane_LANE.dir/kernels/KERNEL/KERNEL_simd.c.o. Taken are, of each family of register tiles in it
(name_ROWSxVECTORS), the hot loops of the largest tile and of the widest one of a single row; where there are no
tiles, the hottest loop of all its functions. Nothing is timed and nothing runs: a model of a processor plays the
loop with every load a hit in L1. Models disagree, so each row names its own.

check:  fails where a kernel has no vector loop on a lane, where a vector of a tile's loop is kept on the
        stack, or where CSV has no row of a loop of the same compiler. Predictions that differ are told.
update: replaces the rows of COMPILER.
Exit: 0 fine, 1 a failed check, 77 no llvm-mca-19 (1 if HINGE_REQUIRE_EMULATION is set and not 0).
"""
import csv
import json
import os
import re
import shutil
import subprocess
import sys

MCA, OBJDUMP = "llvm-mca-19", "llvm-objdump-19"
MODELS = ("znver4", "skylake-avx512", "icelake-server", "sapphirerapids")
ITERATIONS = 300  # the first few, which fill the pipeline, then weigh less than 0.1 cycles
COLUMNS = ("compiler", "lane", "kernel", "function", "model", "instructions", "arithmetic",
           "predicted_cycles", "predicted_block_rthroughput", "predicted_uops", "vectors_on_stack")
TILE = re.compile(r"(.+)_(\d+)x(\d+)$")
FUSED = r"^vfn?m\w+p[sd]\b"
MASKED = r"^vp?maskmov|\).*\{%k"
ON_STACK = r"^v.*\(%rsp"
ARITHMETIC = (r"^v(p(add|sub|mul|max|min|and|or|xor|cmp|blend|sll|srl|sra|ternlog|unpck|perm|shuf)|"
              r"(add|sub|mul|div|max|min|fn?m(add|sub)\d*|sqrt|and|andn|or|xor|cmp\w*|round|rndscale|scalef|cvt\w+|"
              r"blendv?|blendm|perm\w*|unpck[lh]|shuf)p[sd]\b)")


def functions(path):
    """Name and [(address, instruction)] of each function of an object."""
    text = subprocess.run([OBJDUMP, "-d", "--no-show-raw-insn", path], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    name, body = None, []
    for line in text.splitlines():
        start = re.match(r"[0-9a-f]+ <(.+)>:$", line)
        if start:
            if name:
                yield name, body
            name, body = start[1], []
        elif code := re.match(r"\s*([0-9a-f]+):\s+(\S.*)$", line):
            body.append((int(code[1], 16), re.sub(r"\s*#.*$", "", code[2]).strip()))
    if name:
        yield name, body


def jump(code):
    target = re.match(r"j\w+\s+0x([0-9a-f]+)", code)
    return int(target[1], 16) if target else None


def matches(pattern, loop):
    return sum(bool(re.search(pattern, code)) for _, code in loop)


def heat(loop):
    """What a loop is chosen by: no masked memory (a tail), most fused steps or else most arithmetic, shortest."""
    fused = matches(FUSED, loop)
    return not matches(MASKED, loop), fused, 0 if fused else matches(ARITHMETIC, loop), -len(loop)


def hot_loop(body):
    """The hottest innermost loop with vector arithmetic that calls nothing, or None."""
    spans = {(jump(code), at) for at, code in body if jump(code) is not None and body[0][0] <= jump(code) <= at}
    innermost = [s for s in spans if not any(o != s and s[0] <= o[0] and o[1] <= s[1] for o in spans)]
    loops = [[pair for pair in body if first <= pair[0] <= last] for first, last in sorted(innermost)]
    loops = [loop for loop in loops if matches(ARITHMETIC, loop) and not matches("^call", loop)]
    return max(loops, key=heat, default=None)


def chosen(path):
    """{function: loop} of an object."""
    loops, families = {}, {}
    for name, body in functions(path):
        loop = hot_loop(body)
        if not loop:
            continue
        loops[name] = loop
        if tile := TILE.match(name):
            families.setdefault(tile[1], []).append((int(tile[2]), int(tile[3]), name))
    if not families:
        hottest = max(loops, key=lambda name: heat(loops[name]), default=None)
        return {hottest: loops[hottest]} if hottest else {}
    names = []
    for tiles in families.values():
        # Of tiles that need as many registers the taller: it loads fewer vectors of weights.
        names.append(max(tiles, key=lambda t: (t[0] * t[1], t[0]))[2])
        names += [name for rows, _, name in [max(tiles, key=lambda t: (t[0] == 1, t[1]))] if rows == 1]
    return {name: loops[name] for name in names}


def source(loops):
    """The loops as llvm-mca reads them: jumps go to a label of no meaning."""
    for number, loop in enumerate(loops):
        yield f"# LLVM-MCA-BEGIN {number}"
        for _, code in loop:
            yield re.sub(r"^(j\w+)\s.*", r"\1 .Lanywhere", code)
        yield "# LLVM-MCA-END"
    yield ".Lanywhere:"


def predict(loops, model):
    """The summary of each loop by one model, in order."""
    run = subprocess.run([MCA, f"-mcpu={model}", f"-iterations={ITERATIONS}", "-json"], text=True,
                         input="\n".join(source(loops)) + "\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode:
        sys.exit(f"FAIL {MCA} -mcpu={model}: {run.stderr}")
    regions = {int(region["Name"]): region["SummaryView"] for region in json.loads(run.stdout)["CodeRegions"]}
    return [regions[number] for number in range(len(loops))]


def rows(compiler, objects):
    names, loops = [], []
    for path in objects:
        place = re.search(r"lane_(\w+)\.dir/.*?(\w+)/\w+_simd\.c\.o$", path)
        hot = chosen(path)
        if not hot:
            sys.exit(f"FAIL {place[2]} on {place[1]}: no loop with vector arithmetic in {path}")
        names += [(compiler, place[1], place[2], function) for function in hot]
        loops += hot.values()
    for model in MODELS:
        for name, loop, summary in zip(names, loops, predict(loops, model)):
            values = (*name, model, len(loop), matches(ARITHMETIC, loop), f"{summary['TotalCycles'] / ITERATIONS:.1f}",
                      f"{summary['BlockRThroughput']:.1f}", summary["TotaluOps"] // ITERATIONS,
                      matches(ON_STACK, loop))
            yield dict(zip(COLUMNS, map(str, values)))


def kept_rows(path):
    if not os.path.exists(path):
        return []
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def update(path, kept, now):
    new = [row for row in kept if row["compiler"] != now[0]["compiler"]] + now
    new.sort(key=lambda row: [row[c] for c in COLUMNS[:4]])  # stable: the models keep their order
    with open(path + ".new", "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(new)
    os.replace(path + ".new", path)
    print(f"{len(now)} predictions written to {path}")
    return 0


def check(path, kept, now):
    key = lambda row: tuple(row[c] for c in COLUMNS[:5])
    before = {key(row): row for row in kept if row["compiler"] == now[0]["compiler"]}
    failed = differ = 0
    for row in now:
        label = f"{row['function']} ({row['kernel']}, {row['model']})"
        if TILE.match(row["function"]) and row["vectors_on_stack"] != "0":
            print(f"FAIL {label}: {row['vectors_on_stack']} vectors on the stack in the hot loop of a tile")
            failed += 1
        old = before.get(key(row))
        if before and not old:
            print(f"FAIL {label}: not in {path}")
            failed += 1
        elif old and old != row:
            print(f"differs: {label}: {row['predicted_cycles']} cycles for {row['arithmetic']} operations, "
                  f"were {old['predicted_cycles']} for {old['arithmetic']}")
            differ += 1
    print(f"{len(now)} predictions, {differ} differ from those kept, {failed} failures")
    if not before:
        print(f"no predictions of {now[0]['compiler']} in {path}")
    if failed or differ:
        print("cmake --build build --target predictions keeps the new ones")
    return 1 if failed else 0


def main():
    mode, path, compiler, *objects = sys.argv[1:]
    for tool in (MCA, OBJDUMP):
        if not shutil.which(tool):
            print(f"SKIPPED: no {tool} here (Debian: llvm-19)")
            return 1 if os.environ.get("HINGE_REQUIRE_EMULATION", "0") != "0" else 77
    now = list(rows(compiler, objects))
    return (update if mode == "update" else check)(path, kept_rows(path), now)


if __name__ == "__main__":
    sys.exit(main())
