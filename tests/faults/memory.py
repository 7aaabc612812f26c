#!/usr/bin/python3
"""memory.py HINGE: less and less memory (RLIMIT_AS), from plenty to what the program does not even start with: each call
is carried out, or ends with a sentence and exit code 71 (69 where the processes of bench and ab do not live); never by a signal,
never with half a file. HINGE_FAULTS_STEPS=30 for so many steps (4)."""
import os
import resource
import signal
from pathlib import Path

from faults import CALLS, FINE, SPEAKERS, conclude, expect, files, finish, fresh, hinge, run, start

PLENTY = 1 << 31
STEPS = int(os.environ.get("HINGE_FAULTS_STEPS", "4"))
# LLVM's OpenMP, where it gets no thread, says so and aborts: in a call that is checked, a crash of that.
LLVM = b"libomp.so" in Path(hinge).read_bytes()
THREADED = {"check-threads": (None, ["check", "--kernel", "dense_fwd", "--quick", "--isa", "scalar", "--threads", "4"])}


def limited(bytes_):
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (bytes_, bytes_))


def least():
    """What the program and its libraries take before a command begins, and 2 MiB into which the stack may grow: no program
    survives that refusal."""
    low, high = 1 << 20, PLENTY
    while high - low > 1 << 18:
        middle = (low + high) // 2
        done = run("--version", codes=range(-64, 256), what="hinge --version", preexec_fn=limited(middle))
        low, high = (low, middle) if done[0].startswith("hinge ") else (middle, high)
    return high + (2 << 20)


def test(name, file, call, floor):
    enough = 0
    for step in range(STEPS):
        bytes_ = int(floor * (PLENTY / floor) ** (step / (STEPS - 1)))
        folder = fresh("memory")
        where = [folder / file] if file else []
        what = f"{name} in {bytes_ / 2**20:.1f} MiB"
        codes = (*FINE, 69, 71) if name in ("ab", "bench") else (*FINE, 71)
        aborts = (-signal.SIGABRT, 2) if LLVM else ()
        process = start(*call, *where, preexec_fn=limited(bytes_))
        _, err = finish(process, what, (*codes, *aborts))
        expect(process.returncode not in aborts or "OMP: Error" in err, f"{what}: a crash: {err}")
        lines = [line for line in err.split("\n") if line]
        expect(all(any(who in line for who in SPEAKERS) for line in lines), f"{what}: no sentence: {err}")
        left = sorted(files(folder))
        if file and name != "train":
            expect(left in ([file], ["study.csv", file], ["study.csv"], ["bench.json.part"], []), f"{what}: left {left}")
        enough += not lines
    expect(enough > 0, f"{name}: plenty was not enough")


floor = least()
print(f"starts in {floor / 2**20:.1f} MiB")
for name, (file, call) in {**CALLS, **THREADED}.items():
    if name != "count":  # valgrind's memory, not ours
        test(name, file, call, floor)
conclude()
