#!/usr/bin/python3
"""init_variance.py HINGE: `hinge study init-variance`: its options, data that are not there, and a run that is killed wherever it is,
resumed, and gives the rows of one that was not."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

hinge = str(Path(sys.argv[1]).resolve())
failures = 0


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)


def command(*args):
    return [hinge, "study", "init-variance", *map(str, args)]


def run(*args, code=0, says="", env=None):
    done = subprocess.run(command(*args), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          env=os.environ | (env or {}))
    told = done.stdout + done.stderr
    expect(done.returncode == code, f"{' '.join(map(str, args))}: exit {done.returncode}, want {code}: {told[-600:]}")
    expect(says in told, f"{' '.join(map(str, args))}: no '{says}' in {told[-600:]}")
    return done.stdout


def rows(path):
    """The rows in the order of their names, without the head that names the run's options."""
    lines = path.read_text().splitlines()
    expect(lines[-1] == "# complete", f"{path.name}: ends with {lines[-1]}")
    return sorted(lines[2:-1])


def lines_of(path):
    return path.read_text().count("\n") if path.exists() else 0


BAD = {
    "--parts gpt,mlp": "--parts mlp: of scales, plane, schemes, laws, gpt",
    "--parts ,": "--parts ',': none",
    "--points 12": "--points 12",
    "--points 102": "--points 102",
    "--points x": "--points x",
    "--repeats 1": "--repeats 1",
    "--repeats 51": "--repeats 51",
}
PART = ("--size", "smoke", "--parts", "gpt,laws")

with tempfile.TemporaryDirectory() as scratch:
    here = Path(scratch)
    for line, says in BAD.items():
        run(*line.split(), code=64, says=says)
    run("--help", says="Options of the study init-variance:")
    other = subprocess.run([hinge, "study", "circuits", "--points", "20"], capture_output=True, text=True, check=False)
    expect(other.returncode == 64 and "--points is an option of the study init-variance" in other.stderr, "another study's")

    # Data: a folder that was asked for and does not hold MNIST, one that holds something else, sets that are not there.
    run("--parts", "scales", "--mnist", scratch, "--no-json", code=66, says="train-images-idx3-ubyte")
    (here / "train-images-idx3-ubyte").write_text("no images")
    run("--parts", "scales", "--mnist", scratch, "--no-json", code=65, says="train-images-idx3-ubyte: shorter than its 16-byte header")
    empty = here / "empty"
    empty.mkdir()
    run("--size", "smoke", "--parts", "schemes", env={"HINGE_DATA": str(empty)}, code=66, says="wine.csv.gz: No such file")
    run("--size", "smoke", "--parts", "gpt", env={"HINGE_DATA": str(empty)}, code=66, says="moby-dick.txt.gz")

    # What is left out says so; more repeats and points are more rows.
    run("--size", "smoke", "--parts", "laws", "--repeats", 3, "--json", here / "laws.json", says="2 confirmed")
    claims = {c["id"]: c for c in json.loads((here / "laws.json").read_text())["claims"]}
    expect(claims["P2-7"]["note"] == "left out by --parts", "why a claim was left out")
    expect(claims["P2-3"]["samples"] == 3 and claims["P2-3b"]["verdict"] == "confirmed", "three repeats")
    expect(len(rows(here / "laws.csv")) == 9 * 3 * (1 + 3 + 1 + 6), "rows of the laws")

    # Undisturbed, on one thread.
    whole, part = here / "whole.csv", here / "part.csv"
    run(*PART, "--threads", 1, "--rows", whole, says="2 confirmed")
    wanted = rows(whole)
    expect({p.name for p in here.iterdir() if p.name.startswith("whole")} == {"whole.csv"}, "what is left")

    # Killed again and again, on two threads, whenever some rows more are there.
    asked = command(*PART, "--threads", 2, "--rows", part, "--resume")
    kills, states, refused, code = 0, 0, False, None
    for kill in range(100):
        before = lines_of(part)
        process = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while process.poll() is None and lines_of(part) < before + 50 + 7 * kill:
            time.sleep(0.002)
        if process.poll() is None:
            process.kill()
            kills += 1
        told = process.communicate()[1].decode()
        code = process.returncode
        expect(code in (0, -signal.SIGKILL), f"resumed: exit {code}: {told}")
        folder = Path(f"{part}.states")
        states += folder.exists() and any(folder.iterdir())
        if code >= 0:
            break
        if not refused:
            refused = True
            run(*PART, "--rows", part, code=64, says="rows of an unfinished run: --resume goes on")
            run(*PART, "--seed", 2, "--rows", part, "--resume", code=64, says="rows of another run")
    expect(code == 0 and kills > 2 and states > 0, f"killed {kills} times, {states} with states of trainings")
    expect(rows(part) == wanted, "killed and resumed: the same words")
    expect(not Path(f"{part}.states").exists(), "states that nobody needs any more")

    # The state of a training that is no state is refused, and rows without which it says nothing are made anew.
    process = subprocess.Popen(command(*PART, "--rows", here / "cut.csv"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = here / "cut.csv.states"
    deadline = time.monotonic() + 60.0
    while time.monotonic() < deadline and not (folder.exists() and any(folder.glob("*.safetensors"))):
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    expect(process.wait() in (0, 130), f"interrupted: exit {process.returncode}")
    if process.returncode == 130:
        kept = here / "kept"
        shutil.copytree(folder, kept)
        lines = (here / "cut.csv").read_text().splitlines(keepends=True)
        (here / "cut.csv").write_text("".join(line for line in lines if not line.startswith("gpt")))
        run(*PART, "--rows", here / "cut.csv", "--resume")
        expect(rows(here / "cut.csv") == wanted, "states without their rows: the same words")
        shutil.copytree(kept, folder)
        (here / "cut.csv").write_text("".join(lines))
        for state in folder.iterdir():
            state.write_bytes(state.read_bytes()[:-100])
        run(*PART, "--rows", here / "cut.csv", "--resume", code=65, says=str(folder))

sys.exit(1 if failures else 0)
