"""What the tests of runs on several processes have in common."""
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

hinge = str(Path(sys.argv[1]).resolve())
failures = 0

# Sixteen rows of a few milliseconds, two of each case.
GRID = ("bench", "--depth", "1,2", "--width", "64", "--batch", "1,8", "--scale", "0.5,1", "--isa", "avx2", "--forks", "2")
ROWS = 16
LAUNCHERS = ("OMPI_", "PMI_", "PMIX_", "MPI_", "SLURM_", "HINGE_RANK")


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)


def without_launcher(**more):
    """This environment as a shell has it that no launcher has started."""
    return {**{key: value for key, value in os.environ.items() if not key.startswith(LAUNCHERS)}, **more}


def run(*args, code=0, says="", env=None, **popen):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          env=env or without_launcher(), timeout=120, **popen)
    told = done.stdout + done.stderr
    expect(done.returncode == code, f"{' '.join(map(str, args[1:]))}: exit {done.returncode}, not {code}: {told[-800:]}")
    expect(says in told, f"{' '.join(map(str, args[1:]))}: does not say '{says}': {told[-800:]}")
    return told


def wait_for(test, seconds=60):
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            sys.exit("FAIL what was waited for did not come")
        time.sleep(0.005)


def document(path):
    return json.loads(Path(path).read_text())


def cases(path):
    """In the order of the file, each once; which form of oneDNN stands among its lines is a matter of time."""
    return list(dict.fromkeys(row["name"].rsplit("/", 1)[0] for row in document(path)["benchmarks"]))


def lanes(path):
    return [row["name"] for row in document(path)["benchmarks"] if row["variant"] == "avx2"]


def visits(journal):
    """Those that a journal holds: (row, samples of its variants)."""
    lines = journal.read_text().split("\n")[:-1] if journal.exists() else []
    return [line for line in map(json.loads, lines[1:]) if "visit" in line]


def is_kept(visit, rows):
    """Whether the samples of a finished visit are those of a process of the file's rows; files have nine digits."""

    def same(a, b):
        return len(a) == len(b) and all(math.isclose(x, y, rel_tol=1e-8) for x, y in zip(a, b))

    for variant in visit["visit"]["sampled"]["variants"]:
        row = rows[f"{visit['name']}/threads:{visit['threads']}/{variant['name']}"]
        if not any(same(variant["ns"], fork) for fork in row["samples"]):
            return False
    return True


def finish():
    print(f"{failures} failures")
    sys.exit(failures != 0)
