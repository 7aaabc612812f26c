#!/usr/bin/python3
"""mpi.py HINGE: two ranks under Open MPI's mpirun give the rows of one process, each once; a rank that is killed is taken up by
the next run of the same command, and nothing that was finished is lost or done again. Exit code 77 without mpirun."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from common import GRID, ROWS, cases, document, expect, finish, hinge, is_kept, lanes, run, visits, wait_for, without_launcher

RANKS = ("mpirun", "-n", "2", "--oversubscribe", "--allow-run-as-root")
if not shutil.which(RANKS[0]):
    print("SKIPPED: no mpirun (Debian: openmpi-bin)")
    sys.exit(77)
if len(os.sched_getaffinity(0)) < 2:
    print("SKIPPED: two ranks take two CPUs")
    sys.exit(77)


def mpirun(*args, options=()):
    """Open MPI keeps its sockets below TMPDIR, whose path must be short."""
    return {"args": [*RANKS, *options, hinge, *map(str, args)], "env": without_launcher(TMPDIR="/tmp")}


def ranks(*args, **more):
    call = mpirun(*args)
    return run(*call["args"], env=call["env"], **more)


def gather(parts, out):
    run(hinge, "gather", *parts, "-o", out)
    return document(out) if out.suffix == ".json" else out.read_text()


def rank_processes(word):
    """Of this run's ranks, by a word of their command line that no other has; workers apart."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            variables = (entry / "environ").read_bytes() if word.encode() in words and words[1:2] != [b"worker"] else b""
        except OSError:
            continue
        if b"OMPI_COMM_WORLD_RANK=1\0" in variables:
            found.append(int(entry.name))
    return found


def kill_one(file, ready, ended, *args):
    """The second rank, once ready(); mpirun then ends the other. A rank that was too quick for that, ended(), runs again."""
    for _ in range(10):
        process = subprocess.Popen(**mpirun(*args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_for(lambda: ready() or process.poll() is not None)
        victims = rank_processes(str(file))
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        out, err = process.communicate(timeout=60)
        if victims and not ended():
            expect(process.returncode != 0, f"a rank that was killed ends the run: {process.returncode}: {out}{err}")
            return
        for path in file.parent.glob(f"{file.stem}.*"):
            path.unlink()
    expect(False, "ten times a rank ended before it could be killed")


def check_apart(parts):
    """No CPU is two ranks'."""
    on = [set(document(part)["context"]["threads_to_cpus"]["1"]) for part in parts]
    allowed = [document(part)["context"]["cpus_allowed"] for part in parts]
    cpus = len(os.sched_getaffinity(0))
    expect(not on[0] & on[1] and sum(allowed) <= cpus, f"two ranks on the same CPU: {on}, {allowed} of {cpus}")


def test_unbound(here):
    """mpirun leaves both ranks all CPUs: they part them."""
    args = ("bench", "--depth", "1", "--width", "64", "--batch", "1", "--scale", "1", "--isa", "avx2", "--forks", "1", "--budget", "120s",
            "--json", here / "unbound.json", "--share", "rank")
    call = mpirun(*args, options=("--bind-to", "none"))
    run(*call["args"], env=call["env"])
    check_apart([here / "unbound.1-of-2.json", here / "unbound.2-of-2.json"])


def test_split(here):
    whole, file = here / "whole.json", here / "file.json"
    run(hinge, *GRID, "--budget", "120s", "--json", whole)
    ranks(*GRID, "--budget", "120s", "--json", file, "--share", "rank")
    parts = [here / "file.1-of-2.json", here / "file.2-of-2.json"]
    gather(parts, here / "all.json")
    expect(cases(here / "all.json") == cases(whole), "the rows of one process")
    expect(lanes(here / "all.json") == lanes(whole), "each lane of them once")
    check_apart(parts)
    ranks(*GRID, "--budget", "120s", "--json", file, "--share", "rank", says="nothing to do")


def test_killed(here):
    file = here / "killed.json"
    parts = [here / "killed.1-of-2.json", here / "killed.2-of-2.json"]
    journals = [Path(f"{part}.part") for part in parts]
    args = (*GRID, "--budget", "120s", "--json", file, "--share", "rank")
    kill_one(file, lambda: len(visits(journals[1])) > 2, parts[1].exists, *args)
    done = visits(journals[1])
    expect(done, "what the rank that was killed left")
    done += visits(journals[0])
    ranks(*args)
    expect(not any(j.exists() for j in journals), "a journal of a run that is done")
    all_rows = gather(parts, here / "killed-all.json")
    rows = {row["name"]: row for row in all_rows["benchmarks"]}
    expect(lanes(here / "killed-all.json") == lanes(here / "whole.json"), "the rows of one process")
    expect(len(all_rows["context"]["parts"]) == 2 and all(is_kept(visit, rows) for visit in done), "a finished row was lost")
    most = max(len(row.get("samples", [])) for row in rows.values())
    expect(most == 2, f"{most} processes of a row, of 2 that were asked for: something was done again")
    expect(len(cases(here / "killed-all.json")) == ROWS, "rows")


STUDY = ("study", "distillation", "--model", "mlp", "--d", 20, "--n", "100,200", "--c", 10, "--p", 10, "--rho", "0.3,0.7", "--tau",
         "1,10", "--epochs", 1500, "--student-epochs", 3000, "--draws", 2, "--threads", 1, "--no-json")


def test_study(here):
    """The same words, though a rank is killed; rows that were there are still there, once."""
    file, parts = here / "rows.csv", [here / "rows.1-of-2.csv", here / "rows.2-of-2.csv"]
    run(hinge, *STUDY, "--rows", here / "one.csv")

    def rows(path):
        return [line for line in path.read_text().splitlines()[2:] if not line.startswith("#")] if path.exists() else []

    args = (*STUDY, "--rows", file, "--share", "rank", "--save-every", "0")
    kill_one(file, lambda: len(rows(parts[1])) > 1, lambda: "# complete" in parts[1].read_text(), *args)
    kept = [rows(part) for part in parts]
    expect(kept[1], "what the rank that was killed left")
    ranks(*args)
    for before, part in zip(kept, parts):
        expect(rows(part)[:len(before)] == before, "rows that were finished are not done again")
    gather(parts, file)
    expect(sorted(rows(file)) == sorted(rows(here / "one.csv")), "the rows of one process, each once")
    run(hinge, *STUDY, "--rows", file, "--resume", says="mlp, means over 2 draws")


with tempfile.TemporaryDirectory() as scratch:
    for test in (test_split, test_unbound, test_killed, test_study):
        test(Path(scratch))
finish()
