#!/usr/bin/env python3
"""hash.py HINGE PLANTED CSV: `hinge hash` prints FNV-1a of the words that are known without a kernel; a lane with one other
word, a table with another hash, case or input is named; what is no table gets a sentence and an exit code."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

hinge, planted, kept = (os.path.abspath(x) for x in sys.argv[1:4])
scratch = tempfile.TemporaryDirectory()
failures = 0
HEAD = "case,inputs,outputs"


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)


def run(code, words, *args, program=hinge):
    done = subprocess.run([program, "hash", *args], capture_output=True, text=True, check=False, cwd=scratch.name)
    text = done.stdout + done.stderr
    expect(done.returncode == code and words in text,
           f"hinge hash {' '.join(args)}: exit {done.returncode}, want {code} with '{words}' in:\n{text:.800}")
    return done.stdout


def table(name, rows):
    path = Path(scratch.name, name)
    path.write_text("\n".join(rows) + "\n")
    return path.name


def fnv(data):
    value = 0xcbf29ce484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001b3 % 2**64
    return f"{value:016x}"


# ---- the hash: seven fills of nothing, of zeros in f32 and f64, and the inputs of no operand
out = run(0, HEAD, "--filter", "^(dot_fwd|dense_fwd/m:1/n:21/nobias|relu_fwd|sgd_step/n:1[0-9].*)$").splitlines()
rows = {row.split(",")[0]: row.split(",")[1:] for row in out[1:]}
expect(out[0] == HEAD, f"the head: {out[0]}")
expect(fnv(b"foobar") == "85944171f73967e8", "the test's own FNV-1a")
expect(rows["dot_fwd"] == [fnv(b""), fnv(bytes(7 * 4))], f"dot_fwd of nothing: {rows['dot_fwd']}")
expect(rows["relu_fwd"] == [fnv(b""), fnv(b"")], f"relu_fwd of nothing: {rows['relu_fwd']}")
expect(rows["dense_fwd/m:1/n:21/nobias"] == [fnv(b""), fnv(bytes(7 * 4 * 21))],
       f"sums of nothing: {rows['dense_fwd/m:1/n:21/nobias']}")
all_kept = {row.split(",")[0]: row.split(",")[1:] for row in Path(kept).read_text().splitlines()[1:]}
expect(all(all_kept[name] == row for name, row in rows.items()), "a selection has the rows of the whole")
kernels = {name.split("/")[0] for name in all_kept}
listed = subprocess.run([hinge, "list"], capture_output=True, text=True, check=True).stdout.split("\n\n", 1)[1]
listed = {row.split()[0] for row in listed.splitlines() if row and row[0] != " "}
expect(kernels == listed, f"{kept} lacks {sorted(listed - kernels)}, has in excess {sorted(kernels - listed)}: keep what "
       "`hinge hash` prints instead")

# ---- what is asked for, lanes and threads, plays no part
one = run(0, HEAD, "-k", "relu_fwd", "--isa", "scalar", "--threads", "1")
expect(one == run(0, HEAD, "-k", "relu_fwd", "--threads", "3,5,16"), "other lanes, other numbers of threads")

# ---- what differs is named
case = next(name for name in rows if name.startswith("sgd_step/n:1"))
if "avx2" in subprocess.run([hinge, "list"], capture_output=True, text=True, check=True).stdout.split("avx2 (not")[0]:
    words = f"MISMATCH sgd_step {case}, lane avx2, 1 thread, fill unit: expected "
    run(2, words, "--filter", f"^{case}$", program=planted)
    run(2, f"{words}", "--filter", f"^{case}$", "--against", kept, program=planted)
    run(2, f"MISMATCH sgd_step {case}, all lanes: expected {rows[case][1]}, got ", "--filter", f"^{case}$", "--isa",
        "avx2", "--threads", "1", "--against", kept, program=planted)
inputs, outputs = rows[case]
other = f"{int(outputs, 16) ^ 1:016x}"
good, only = f"{case},{inputs},{outputs}", ("--filter", f"^{case}$")
run(0, "1 cases beside those of good.csv: 0 with other words", *only, "--against", table("good.csv", [HEAD, good]))
run(2, f"MISMATCH sgd_step {case}, all lanes: expected {other}, got {outputs}", *only, "--against",
    table("words.csv", [HEAD, f"{case},{inputs},{other}"]))
run(65, f"INPUTS   {case}: expected {other}, got {inputs}", *only, "--against",
    table("inputs.csv", [HEAD, f"{case},{other},{outputs}"]))
run(65, f"NEW      {case}", *only, "--against", table("none.csv", [HEAD]))
gone = table("gone.csv", [HEAD, good, f"{case}9,{inputs},{outputs}"])
run(65, f"GONE     {case}9", "--filter", f"^{case}9?$", "--against", gone)
run(0, "0 of it gone", *only, "--against", gone)

# ---- tables that are none, options that do not fit
run(66, "nowhere.csv cannot be read", "--against", "nowhere.csv")
run(65, "head.csv:1: not case,inputs,outputs", "--against", table("head.csv", ["case,hash", good]))
run(65, "empty.csv:1: not", "--against", table("empty.csv", []))
for name, row in {"short": f"{case},{inputs}", "long": f"{good}0", "digit": f"{case},{inputs},{outputs[:-1]}x",
                  "upper": f"{case},{inputs},{'A' * 16}", "nameless": f",{inputs},{outputs}", "wide": "x" * 300}.items():
    run(65, f"{name}.csv:3: not case,inputs,outputs of a case", "--against", table(f"{name}.csv", [HEAD, good, row]))
run(65, f"{case} is there twice", "--against", table("twice.csv", [HEAD, good, good]))
Path(scratch.name, "cut.csv").write_text(f"{HEAD}\n{good}")
run(65, "cut.csv:2: not", "--against", "cut.csv")
run(64, "kept hashes are of seed 1", "--seed", "2", "--against", kept)
run(64, "the omp lanes are held to a bound", "--isa", "omp_avx2")
run(64, "no case matches --filter nothing", "--filter", "nothing")
run(64, "is not an option", "surplus")
run(64, "no such kernel (is it relu_fwd?); `hinge list`", "--kernel", "relu_fw")
expect(run(0, HEAD, *only) != run(0, HEAD, *only, "--seed", "2"), "another seed, other words")
print("failed" if failures else "passed")
sys.exit(failures != 0)
