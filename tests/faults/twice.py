#!/usr/bin/python3
"""twice.py HINGE CLOCK NAMED: a second program at the same output: both end well and the file is that of one of them, or one is told
which file another run is writing. Nothing is mixed, and nothing of one is taken away by the other."""
import fcntl
import json
import sys
import xml.dom.minidom

from faults import CALLS, FINE, SANITIZED, SCHOOL, TRAIN, conclude, expect, files, finish, fresh, run, start, wait_for

AT_ONCE = 6
HELD = "another run is writing it"


def judge(name, text, reference):
    if name == "model":
        return len(text) == len(reference)
    if name in ("check", "compare-junit"):
        return bool(xml.dom.minidom.parseString(text))
    if name in ("compare", "info", "doctor", "history", "angle"):
        return json.loads(text).keys() == json.loads(reference).keys()
    return text == reference


def test_whole_files(names, env):
    """What is written in one go, by many at once: all of it is one program's."""
    for name in names:
        file, call = CALLS[name]
        folder = fresh("whole")
        run(*call, folder / file, codes=FINE, what=name, env=env)
        reference = (folder / file).read_bytes()
        (folder / f"{file}.new").write_bytes(2 * reference)  # of one that was killed
        for process in [start(*call, folder / file, env=env) for _ in range(AT_ONCE)]:
            finish(process, f"{name} at once", FINE)
        expect(judge(name, (folder / file).read_bytes(), reference), f"{name}: mixed")
        expect(list(files(folder)) == [file], f"{name} left {list(files(folder))}")


def test_models():
    """Of different contents: the file is that of one of them, to the last byte."""
    file, call = CALLS["model"]
    folder = fresh("models")
    alone = []
    for seed in range(AT_ONCE):
        run(*call, folder / file, "--seed", seed)
        alone.append((folder / file).read_bytes())
    for process in [start(*call, folder / file, "--seed", seed) for seed in range(AT_ONCE)]:
        finish(process, "models at once", 0)
    expect((folder / file).read_bytes() in alone, "a model of two")


def test_bench():
    """The second is refused, and costs the first nothing."""
    folder = fresh("bench")
    file, call = CALLS["bench"]
    first = start(*call, folder / file)
    wait_for((folder / f"{file}.part").exists, "the journal")
    run(*call, folder / file, codes=73, says=f"{file}.part: {HELD}", what="a second bench")
    run("bench", "--resume", folder / f"{file}.part", codes=66, says="being written")
    finish(first, "the first bench", 0)
    expect(list(files(folder)) == [file], f"bench left {list(files(folder))}")
    (folder / f"{file}.part").write_bytes(b'{"hinge_jou')  # killed before the first line was whole
    run(*call, folder / file, what="bench beside a journal that never began")
    (folder / f"{file}.part").write_bytes(b"begun\n")
    run(*call, folder / file, codes=73, says="a run that did not end", what="bench beside one that did")


def test_study():
    folder = fresh("study")
    call = [*SCHOOL, "--json", folder / "s.json"]
    run(*call)
    whole = json.loads((folder / "s.json").read_text())
    with open(folder / "s.csv", encoding="utf8") as rows:
        fcntl.flock(rows, fcntl.LOCK_EX)
        run(*call, codes=73, says=f"s.csv: {HELD}", what="a second study")
    (folder / "s.csv").unlink()
    ends = [finish(process, "studies at once", (0, 73)) for process in [start(*call) for _ in range(AT_ONCE)]]
    expect(any("result file" in out for out, _ in ends), "no study of many was carried out")
    expect(all("result file" in out or HELD in err for out, err in ends), "a study that was refused for something else")
    expect(json.loads((folder / "s.json").read_text())["claims"] == whole["claims"], "studies: mixed")
    run(*call, "--resume")
    expect(json.loads((folder / "s.json").read_text())["claims"] == whole["claims"], "studies: mixed rows")


def test_train():
    names = ("checkpoint.safetensors", "steps.jsonl")
    folder = fresh("train")
    run(*TRAIN, "-o", folder / "alone")
    call = [*TRAIN, "-o", folder / "run"]
    ends = [finish(process, "trainings at once", (0, 73)) for process in [start(*call) for _ in range(AT_ONCE)]]
    expect(sum(not err for _, err in ends) == 1, "not one training of many")
    expect(all(not err or HELD in err or "holds a run" in err for _, err in ends), "refused for something else")
    for name in names:
        expect((folder / "run" / name).read_bytes() == (folder / "alone" / name).read_bytes(), f"trainings: mixed {name}")


def test_index():
    """One index of histories, made by many at once."""
    file, call = CALLS["history"]
    folder = fresh("index")
    call = [*call[:call.index("--index") + 1], folder / "own.db", "--json", folder / file]
    for process in [start(*call, "--rebuild") for _ in range(AT_ONCE)]:
        _, err = finish(process, "histories at once", 0)
        expect("into memory" not in err, f"an index that was not to be had: {err}")


test_whole_files(("report", "model", "history", "info", "doctor", "angle", "compare", "compare-junit", "compare-markdown", "check"), {})
if SANITIZED:
    print("SKIPPED files that all have names: a sanitizer bears no library before it")
else:
    test_whole_files(("report", "model", "compare-junit"), {"LD_PRELOAD": sys.argv[3]})
test_models()
test_bench()
test_study()
test_train()
test_index()
conclude()
