#!/usr/bin/python3
"""fuzz.py HINGE: `hinge check --fuzz` finds planted faults and makes each as small as it is known to be, the line that
repeats a failure repeats it, sound kernels pass, a seed gives one sequence, a Ctrl-C ends it with what was done; and --case
on names of every kind, on cases that once failed among them."""
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from pathlib import Path

hinge = str(Path(sys.argv[1]).resolve())
passed = failures = 0


def expect(good, what):
    global passed, failures
    passed += bool(good)
    failures += not good
    if not good:
        print("FAIL", what)


def check(*args, code, says=""):
    done = subprocess.run([hinge, "check", *map(str, args)], capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    expect(done.returncode == code and re.search(says, said),
           f"hinge check {shlex.join(map(str, args))}: exit {done.returncode}, want {code} and /{says}/ in:\n"
           f"{said[-1500:]}")
    return done.stdout


def failures_of(said):
    """Of each failure that is shrunk: case, verdict and the command that repeats it."""
    pattern = r"^FAIL (\S+) [^,]+, fill \w+, seed \d+: (.+)\n(?:     .*\n)*?     repeat: hinge (.+)$"
    return re.findall(pattern, said, re.M)


# Fault, verdict, and the smallest case that shows it.
FAULTS = [("null kernel", "UNWRITTEN", "planted_relu/n:1"),
          ("tail left out", "UNWRITTEN", "planted_relu/n:1"),
          ("element left unwritten", "UNWRITTEN", "planted_relu/n:21"),
          ("reads one float past the end", "CRASH", "planted_relu/n:1"),
          ("reads one float before the start", "CRASH", "planted_relu/n:1"),
          ("writes one float past the end", "OUTSIDE", "planted_relu/n:1"),
          ("changes its input", "WROTE INPUT", "planted_relu/n:1"),
          ("wrong at one misalignment", "NOT REPEATABLE", "planted_relu/n:1"),
          ("traps", "CRASH", "planted_relu/n:17"),
          ("traps on several threads", "CRASH", "planted_relu/n:1"),
          ("gap at the seam of two threads", "DEPENDS ON THREADS", "planted_relu/n:17"),
          ("wrong where dst is src", "WRONG VALUE", "planted_relu/n:1/dst=src"),
          ("bias lost", "WRONG VALUE", "planted_dense/m:1/n:1"),
          ("multiply and add not fused", "OTHER WORDS", "planted_dense/m:1/n:1/k:2"),
          ("writes between rows", "OUTSIDE", "planted_dense/m:2/pad:1"),
          ("threads race for one scratch", "DEPENDS ON THREADS", "planted_dense/m:1/n:2")]


def find(fault, verdict, smallest):
    said = check("--fault", fault, "--fuzz", 60, "--isa", "model", code=2, says="cases wrong")
    found = failures_of(said)
    expect((smallest, verdict) in [f[:2] for f in found], f"{fault}: found {found}; want {smallest}, {verdict}")
    for case, kind, repeat in found:
        again = check(*shlex.split(repeat)[1:], code=2, says=f"FAIL {re.escape(case)} ")
        expect(kind in again or "crashed on several threads" in again, f"{fault}: {repeat} says {again}")


for row in FAULTS:
    find(*row)

# Sound kernels; one sequence a seed, another for another.
with tempfile.TemporaryDirectory() as folder:
    def sequence(*args):
        path = Path(folder) / "out.xml"
        said = check("--fuzz", 84, "--isa", "scalar,model", "--junit", path, *args, code=0, says="84 cases in .*; 0 cases wrong")
        expect(re.search(r"dense_fwd +2\b", said), "each kernel has as many cases")
        return [case.get("name") for case in xml.parse(path).iter("testcase")]
    first = sequence()
    expect(len(first) == 84 and first == sequence(), "a seed gives one sequence")
    expect(first != sequence("--seed", 2), "another seed gives another one")
check("--fuzz", 20, "--kernel", "dense_fwd", "--isa", "model", "--fill", "exact", "--threads", 3, code=0,
      says="; 0 cases wrong")
check("--fuzz", 3, "--filter", "^axpy/.*/into", "--isa", "scalar", code=0, says="axpy +3")
check("--fuzz", "1s", "--kernel", "relu_fwd", "--isa", "scalar", code=0, says="0 cases wrong")

# Ctrl-C.
run = subprocess.Popen([hinge, "check", "--fuzz", "1h", "--kernel", "relu_fwd", "--isa", "scalar"],
                       stdout=subprocess.PIPE, text=True)
time.sleep(1.0)
run.send_signal(signal.SIGINT)
said = run.communicate(timeout=60)[0]
expect(run.returncode == 130 and re.search(r"\d cases until the interrupt", said), f"Ctrl-C: exit {run.returncode}, {said}")

# Cases by name, those that once failed among them.
ONE = ("--isa", "scalar,model", "--threads", "1,2")
for case, fill, seed in [("relu_fwd", "unit", 1), ("relu_fwd/n:17/dst=src", "special", 1),
                         ("dense_fwd/m:5/n:37/k:9/pad:3/relu+packed", "unit", 7),
                         ("axpy/n:33/scale:-0.3/into", "huge", 1),
                         ("moments/n:4", "special", 3669), ("layernorm_bwd/n:1/add_weights", "special", 2426),
                         ("layernorm_bwd/m:843/n:3/pad:6/add_data+add_weights", "special", 82608),
                         ("layernorm_bwd/m:3126/n:14/add_weights", "special", 41236),
                         ("xent_bwd/m:12/n:8/scale:4/soft", "special", 3156),
                         ("xent_fwd/m:26/n:11/scale:4", "special", 36764),
                         ("attn_fwd/heads:2/m:4/n:57/k:1/pad:10/causal+packed", "special", 84691),
                         ("angle_sweep/depth:32/m:2/n:11/k:4/scale:4", "unit", 1624)]:
    check("--case", case, "--fill", fill, "--seed", seed, *ONE, code=0, says="1 cases; variants: 2 ran")
for args, says in [(("--case", ""), "no kernel"), (("--case", "frob/n:1"), "no kernel frob"),
                   (("--case", "relu_fwd/n:x"), "no size, flag or shared operand 'n:x'"),
                   (("--case", "relu_fwd/n:-1"), "'n:-1'"), (("--case", "relu_fwd/q:1"), "'q:1'"),
                   (("--case", "relu_fwd/n:1/dst=dst"), "'dst=dst'"), (("--case", "dense_fwd/frob"), "'frob'"),
                   (("--case", "dense_fwd/relu+"), "'relu\\+'"), (("--case", "relu_fwd//n:1"), "''"),
                   (("--case", "axpy/scale:nan"), "'scale:nan'"),
                   (("--case", "dense_fwd/m:4000000/n:4000000/k:4000000"), "too large"),
                   (("--case", "train_step/depth:1/m:1/vocab:1/hard+square"), "outside of the kernel's contract"),
                   (("--case", "relu_fwd/n:1", "--kernel", "axpy"), "no kernel relu_fwd here"),
                   (("--case", "relu_fwd/n:1", "--fuzz", "9"), "not both"),
                   (("--case", "relu_fwd", "--quick"), "--quick: not with --case"),
                   (("--case", "relu_fwd", "--shift", "16"), "--shift 16"), (("--shift", "3"), "--shift: of a --case alone"),
                   (("--fuzz", "0"), "--fuzz 0: not a number"), (("--fuzz", "soon"), "--fuzz soon: not a time"),
                   (("--fuzz", ""), "--fuzz : "), (("--fuzz", "9", "--peers"), "--peers: not with --fuzz"),
                   (("--fuzz", "9", "--filter", "nothing"), "none of \\d+ drawn cases matches"),
                   (("--fuzz", "9", "--kernel", "normal_fill", "--fill", "special"), "has no such fill"),
                   (("--fault", "none"), "--fault none: no such fault"),
                   (("--fault", "bias lost", "--kernel", "axpy"), "without --kernel")]:
    check(*args, code=64, says=says)
own = check("--fault", "bias lost", "--isa", "model", "--no-twins", code=2, says="FAIL planted_dense/.* WRONG VALUE")
for case, _, repeat in failures_of(own):
    check(*shlex.split(repeat)[1:], code=2, says=f"FAIL {re.escape(case)} ")

print(f"{passed} checks, {failures} failed")
sys.exit(failures != 0)
