#!/usr/bin/python3
"""kill.py HINGE: killed at moments that are drawn over a whole run, from its first instruction on: no finished row is lost,
no file is half a file, and the next call goes on. HINGE_FAULTS_KILLS=100 for so many kills (20), HINGE_FAULTS_SEED for
other moments."""
import json
import os
import random
import shutil
import sqlite3
import time

from faults import BENCH, CALLS, SCHOOL, TRAIN, conclude, expect, files, finish, fresh, run, scratch, start

SEED = int(os.environ.get("HINGE_FAULTS_SEED", time.time_ns() % 1_000_000))
KILLS = int(os.environ.get("HINGE_FAULTS_KILLS", "20"))
random.seed(SEED)
try:
    os.close(os.open(scratch, os.O_TMPFILE | os.O_WRONLY))
    UNNAMED = True
except OSError:
    print("SKIPPED no litter: this file system has no files without names")
    UNNAMED = False
MORE = [*BENCH[:-1], "20s", "--forks", "6", "--target", "0.01"]


def killed(call, seconds):
    """Whether it came before the end, which is then a good one."""
    process = start(*call)
    try:
        process.wait(timeout=random.uniform(0.0, seconds))
    except Exception:  # subprocess.TimeoutExpired
        process.kill()
        process.communicate()
        return True
    finish(process, " ".join(map(str, call)), 0)
    return False


def whole_lines(path):
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


def test_bench(kills):
    """Each visit of a row that the journal had stays, and is in the file at the end."""
    folder = fresh("bench")
    result, journal = folder / "b.json", folder / "b.json.part"
    call, kept, done = [*MORE, "--json", result], [], 0
    while done < kills:
        done += killed(call, 2.5)
        lines = whole_lines(journal)
        visits = [line for line in lines[1:] if b'"visit"' in line]
        if result.exists():
            document = json.loads(result.read_text())
            samples = {fork[0] for row in document["benchmarks"] for fork in row.get("samples", [])}
            for line in kept:
                for variant in json.loads(line)["visit"]["sampled"]["variants"]:
                    expect(round(variant["ns"][0], 3) in {round(x, 3) for x in samples}, f"seed {SEED}: a lost visit")
            expect(not journal.exists(), f"seed {SEED}: a journal of a run that is done")
            result.unlink()
            kept, call = [], [*MORE, "--json", result]
            continue
        expect(visits[:len(kept)] == kept, f"seed {SEED}: {len(visits)} visits of {len(kept)} are left")
        for line in lines:
            json.loads(line)
        kept = visits
        call = ["bench", "--resume", journal] if lines else [*MORE, "--json", result]
    if whole_lines(journal):
        run("bench", "--resume", journal)
    else:
        run(*MORE, "--json", result)
    expect(sorted(files(folder)) == ["b.json"], f"seed {SEED}: bench left {sorted(files(folder))}")
    expect(len(json.loads(result.read_text())["benchmarks"]) > 0, "no rows")


def test_train(kills):
    """The words of the run that nobody killed."""
    names = ("checkpoint.safetensors", "steps.jsonl")
    folder = fresh("train")
    begun = time.monotonic()
    run(*TRAIN, "-o", folder / "whole", "--checkpoint-every", "7")
    seconds = time.monotonic() - begun
    whole = [(folder / "whole" / name).read_bytes() for name in names]
    run_ = folder / "run"
    for _ in range(kills):
        resumes = (run_ / names[0]).exists()
        if resumes:
            call = ["train", "gpt", "--resume", run_, "--threads", "1", "--checkpoint-every", "7"]
        else:
            call = [*TRAIN, "-o", run_, "--checkpoint-every", "7"]
        if not killed(call, seconds):
            expect([(run_ / name).read_bytes() for name in names] == whole, f"seed {SEED}: other words")
            shutil.rmtree(run_)
    if (run_ / names[0]).exists():
        run("train", "gpt", "--resume", run_, "--threads", "1")
        expect([(run_ / name).read_bytes() for name in names] == whole, f"seed {SEED}: other words at the end")


def findings(path):
    document = json.loads(path.read_text())
    return document["claims"], document["series"]


def test_study(kills):
    folder = fresh("study")
    result, rows = folder / "s.json", folder / "s.csv"
    begun = time.monotonic()
    run(*SCHOOL, "--json", folder / "whole.json")
    seconds = time.monotonic() - begun
    whole, kept = findings(folder / "whole.json"), []
    for _ in range(kills):
        call = [*SCHOOL, "--json", result]
        ended = not killed([*call, "--resume"] if rows.exists() else call, seconds)
        lines = whole_lines(rows)
        expect(lines[:len(kept)] == kept, f"seed {SEED}: {len(lines)} rows of {len(kept)} are left")
        kept = lines
        if result.exists():
            expect(findings(result) == whole, f"seed {SEED}: other findings")
        if ended:
            result.unlink()
            rows.unlink()
            kept = []
    run(*SCHOOL, "--json", result, *(["--resume"] if rows.exists() else []))
    expect(findings(result) == whole, f"seed {SEED}: other findings at the end")


def no_litter(folder, file, size, what):
    """Nothing lies beside it where the file system has files without names; between the two calls that replace a file that is
    there, the whole of it may, until the next program that writes it."""
    litter = [path for path in folder.iterdir() if path.name != file]
    whole = litter == [folder / f"{file}.new"] and abs(litter[0].stat().st_size - size) < 100 and (folder / file).exists()
    expect(not litter or whole or not UNNAMED, f"seed {SEED}: {what}: left {litter}")


def test_writers(kills):
    """Files that are written in one go: as it was or whole, whenever. What the next call writes has none of that."""
    for name in ("report", "model", "history", "check", "info"):
        file, call = CALLS[name]
        folder = fresh("writer")
        begun = time.monotonic()
        run(*call, folder / file, what=name)
        seconds = time.monotonic() - begun
        size = (folder / file).stat().st_size
        for kill in range(2 * kills):
            (folder / file).unlink(missing_ok=True)
            before = b"before" if kill % 2 else None
            if before:
                (folder / file).write_bytes(before)
            killed([*call, folder / file], seconds)
            now = (folder / file).read_bytes() if (folder / file).exists() else None
            expect(now == before or (now and abs(len(now) - size) < 100), f"seed {SEED}: {name}: half a file")
            no_litter(folder, file, size, name)
        if name == "history":
            index = sqlite3.connect(call[call.index("--index") + 1])
            expect(index.execute("PRAGMA quick_check").fetchone() == ("ok",), f"seed {SEED}: the index is torn")
            index.close()
        run(*call, folder / file, what=name)
        expect(list(files(folder)) == [file], f"seed {SEED}: {name}: left {list(files(folder))}")


print(f"seed {SEED}, {KILLS} kills")
test_bench(-(-KILLS // 20))
test_train(-(-KILLS // 4))
test_study(-(-KILLS // 4))
test_writers(-(-KILLS // 10))
conclude()
