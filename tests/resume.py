#!/usr/bin/python3
"""resume.py HINGE: a run of `hinge bench` that is killed at any moment keeps each finished row and goes on; one whose
worker dies loses a row; one that is interrupted writes what is done. No moment leaves half a file or a process."""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

hinge = sys.argv[1]
failures = 0
random.seed(20240229)
GRID = ["bench", "--depth", "1,2", "--width", "64", "--batch", "1,8", "--scale", "0.5,1", "--isa", "avx2", "--forks", "4",
        "--target", "0.01", "--budget", "60s"]
ROWS = 2 * 2 * 2 * 2  # depths, batches, scales, directions


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)


def start(*args):
    return subprocess.Popen([hinge, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process, code, says=""):
    out, err = process.communicate(timeout=200)
    expect(process.returncode == code, f"{process.args[1:]}: exit {process.returncode}, not {code}: {err}")
    expect(says in out + err, f"{process.args[1:]}: does not say '{says}': {out}{err}")
    return out


def children(pid):
    try:
        return [int(x) for x in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(test, seconds=60):
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            sys.exit("FAIL what was waited for did not come")
        time.sleep(0.002)


def visits(journal):
    """The whole lines but the first."""
    if not journal.exists():
        return []
    lines = journal.read_text().split("\n")[:-1]
    return [line for line in map(json.loads, lines[1:]) if "visit" in line]


def cases(document):
    return {(r["name"].rsplit("/threads", 1)[0], r["threads"]) for r in document["benchmarks"]}


def samples_of(document):
    return {r["name"]: r["samples"] for r in document["benchmarks"] if "samples" in r}


def test_killed(folder):
    """Killed again and again, at moments that are drawn: the file at the end holds every visit that was finished."""
    result, journal = folder / "killed.json", folder / "killed.json.part"
    args = [*GRID, "--json", str(result)]
    kept, kills = 0, 0
    while True:
        process = start(*args)
        wait_for(lambda: len(visits(journal)) > kept or process.poll() is not None)
        time.sleep(random.uniform(0.0, 0.3))
        workers = children(process.pid)
        process.kill()
        process.communicate()
        if result.exists() or kills == 4:
            break
        kills += 1
        for worker in workers:
            wait_for(lambda worker=worker: not is_alive(worker), 10)
        expect(not result.exists(), "a result file of a run that was killed")
        expect(len(visits(journal)) >= kept, "a finished visit was lost")
        kept = len(visits(journal))
        # A line that was never finished, as a kill in the middle of its writing leaves it.
        with journal.open("a") as file:
            file.write('{"name": "mlp_f')
        finish(start(*GRID, "--json", str(result)), 73, "--resume")
        args = ["bench", "--resume", str(journal)]
    expect(kills > 0, "the run was over before it could be killed")
    done = visits(journal)
    if not result.exists():
        finish(start(*args), 0, str(result))
    expect(not journal.exists(), "a journal of a run that is done")
    document = json.loads(result.read_text())
    expect(len(cases(document)) == ROWS, f"{len(cases(document))} rows of {ROWS}")
    expect(document["context"]["resumed"] >= kills, f"resumed {document['context']['resumed']} times after {kills} kills")
    expect("--resume" not in document["context"]["command"], "the command of a run that went on is the one that began it")
    found = samples_of(document)
    for visit in done:
        for variant in visit["visit"]["sampled"]["variants"]:
            name = f"{visit['name']}/threads:{visit['threads']}/{variant['name']}"
            wanted = [float(f"{x:.9g}") for x in variant["ns"]]  # the digits of a result file
            expect(wanted in found.get(name, []), f"{name}: samples were lost")
    whole = folder / "whole.json"
    finish(start(*GRID, "--json", str(whole)), 0)
    expect(cases(json.loads(whole.read_text())) == cases(document), "a run that went on has other rows than a whole one")


def test_refused(folder):
    """A journal of other arguments, another machine or build, of a run that has not ended, or no journal."""
    result, journal = folder / "refused.json", folder / "refused.json.part"
    process = start(*GRID, "--json", str(result))
    wait_for(lambda: visits(journal))
    finish(start("bench", "--resume", str(journal)), 66, "being written")
    process.kill()
    process.communicate()
    finish(start("bench", "--depth", "1", "--resume", str(journal)), 64, "give no others")
    lines = journal.read_text().split("\n")
    begun = json.loads(lines[0])

    def changed(name, change):
        path = folder / f"{name}.json.part"
        document = json.loads(lines[0])
        change(document)
        path.write_text("\n".join([json.dumps(document), *lines[1:]]))
        return str(path)

    for key, value in (("cpu", "another CPU"), ("host", "another host"), ("commit", "000000000000"), ("dirty", "maybe")):
        path = changed(key, lambda document, key=key, value=value: document["place"].update({key: value}))
        finish(start("bench", "--resume", path), 64, f"{key} was ")
    path = changed("rows", lambda document: document.update(arguments=["--kernel", "relu_fwd"]))
    finish(start("bench", "--resume", path), 65, "no such row")
    path = changed("option", lambda document: document.update(arguments=["--no-such-option"]))
    finish(start("bench", "--resume", path), 64, "unrecognized option")
    hostile = {
        "empty": "",
        "other": '{"context": {}}\n',
        "version": lines[0].replace('"hinge_journal":1', '"hinge_journal":2') + "\n",
        "list": "[]\n",
        "visit": lines[0] + "\nnothing\n",
        "nan": lines[0] + '\n{"name": "x", "threads": 1, "copies": 1, "visit": {"opened": NaN}}\n',
        "type": "\n".join([lines[0], lines[1].replace('"ns":[', '"ns":["1",')]) + "\n",
        "negative": "\n".join([lines[0], lines[1].replace('"ns":[', '"ns":[-1,')]) + "\n",
        "rounds": "\n".join([lines[0], lines[1].replace('"rounds":', '"rounds":9')]) + "\n",
        "many": "\n".join([lines[0], lines[1].replace('"ns":[', '"ns":[' + "1," * 300)]) + "\n",
        "name": "\n".join([lines[0], lines[1].replace('"avx2"', '"' + "x" * 5000 + '"')]) + "\n",
        "offset": "\n".join([lines[0], lines[1].replace('"offset":[', '"offset":[' + "0," * 50)]) + "\n",
    }
    for name, text in hostile.items():
        path = folder / f"hostile-{name}.json.part"
        path.write_text(text)
        finish(start("bench", "--resume", str(path)), 65, f"hostile-{name}")
        expect(path.read_text() == text, f"{name}: a journal that was refused has changed")
    finish(start("bench", "--resume", str(folder / "none.part")), 66, "none.part")
    finish(start("bench", "--resume", str(result)), 64, "ends in .part")
    expect(begun["arguments"] == [*GRID[1:], "--json", str(result)], "the journal's arguments")
    journal.unlink()


def test_dead_worker(folder):
    """A signal to the worker costs the row that it was at; the next worker goes on."""
    for name in ("SIGABRT", "SIGKILL"):  # a sanitizer makes an exit code of a SIGSEGV
        result, journal = folder / f"{name}.json", folder / f"{name}.json.part"
        process = start(*GRID, "--json", str(result))
        wait_for(lambda: len(visits(journal)) > 2)
        (worker,) = children(process.pid)
        os.kill(worker, getattr(signal, name))
        finish(process, 0, name)
        document = json.loads(result.read_text())
        notes = [n for n in document["context"]["notes"] if name in n["note"]]
        expect(len(notes) == 1, f"{len(notes)} rows died of {name}")
        expect(len(cases(document)) >= ROWS - 1, f"{name} cost {ROWS - len(cases(document))} rows")
        others = [r for r in document["benchmarks"] if "fell_out" not in r and name not in r.get("note", "")]
        expect(all(len(r.get("samples", [])) >= 3 for r in others), f"rows of fewer forks than 3 after {name}")
        errors = [r["error_message"] for r in document["benchmarks"] if "error_occurred" in r]
        expect(all(name in message for message in errors), f"errors after {name}: {errors}")


def test_interrupted(folder):
    """Ctrl-C, which a terminal sends to the worker too: what is done is written, and no process is left."""
    result, journal = folder / "interrupted.json", folder / "interrupted.json.part"
    process = subprocess.Popen([hinge, *GRID, "--json", str(result)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, start_new_session=True)
    wait_for(lambda: len(visits(journal)) > 4)
    workers = children(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    out = finish(process, 130, str(result))
    expect("Summary" in out, "no table after Ctrl-C")
    expect(not any(map(is_alive, workers)), "a worker outlived its run")
    expect(not journal.exists(), "a journal after Ctrl-C")
    document = json.loads(result.read_text())
    expect(0 < len(cases(document)) <= ROWS, "rows after Ctrl-C")
    notes = " ".join(n["note"] for n in document["context"]["notes"])
    expect("interrupted" in notes, f"notes after Ctrl-C: {notes}")


with tempfile.TemporaryDirectory() as scratch:
    for test in (test_killed, test_refused, test_dead_worker, test_interrupted):
        test(Path(scratch))
    left = [path.name for path in Path(scratch).iterdir() if path.suffix == ".new"]
    expect(not left, f"half a file: {left}")
print(f"{failures} failures")
sys.exit(failures != 0)
