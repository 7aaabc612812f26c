#!/usr/bin/python3
"""studies.py TEST_STUDY HINGE SCHEMA: `hinge study` over the studies of test_study.c, and over those of the command
at size smoke: tables, exit codes, files that obey results/studies/schema.json where python3-jsonschema is here,
figures that are well-formed."""
import copy
import json
import os
import subprocess
import sys
import tempfile
import xml.dom.minidom
from pathlib import Path

try:
    import jsonschema
except ImportError:
    jsonschema = None

test_study, hinge, schema_file = (str(Path(a).resolve()) for a in sys.argv[1:4])
failures = 0


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)


def strict(text):
    """JSON alone: Python's own reader takes NaN and Infinity."""

    def refuse(word):
        raise ValueError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


def make_validator():
    """With the other schema's definitions beside its own: how a reference leaves a file differs by version."""
    schema = json.loads(Path(schema_file).read_text())
    others = json.loads(Path(schema_file).parent.parent.joinpath("schema.json").read_text())["$defs"]
    expect(not set(others) & set(schema["$defs"]), "definitions of one name")
    schema["$defs"] |= others
    machine = schema["properties"]["machine"]
    machine["$ref"] = machine["$ref"].removeprefix("../schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


validator = make_validator() if jsonschema else None


def obeys(name, document):
    for error in validator.iter_errors(document) if validator else ():
        expect(False, f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message:.200}")
    drawn = {s["name"] for s in document["series"]}
    for figure in document["figures"]:
        for curve in figure.get("curves", []):
            expect(curve["series"] in drawn, f"{name}: figure {figure['name']} of no series")
    for series in document["series"]:
        expect(len({len(series[k]) for k in ("x", "y", "lo", "hi") if k in series}) == 1, f"{name}: lengths")


def draws(name, folder, document):
    names = {f["name"] + ".svg" for f in document["figures"]}
    expect({p.name for p in folder.iterdir()} == names, f"{name}: files of figures")
    for path in folder.iterdir():
        root = xml.dom.minidom.parse(str(path)).documentElement
        expect(root.tagName == "svg" and root.getAttribute("role") == "img", f"{path.name}: role")
        expect(all(root.getElementsByTagName(t) for t in ("title", "desc", "style")), f"{path.name}: title, desc")
        expect(not root.getElementsByTagName("script"), f"{path.name}: script")
        expect("nan" not in path.read_text().lower() and "href" not in path.read_text(), f"{path.name}: nan, href")


def study(*args, code=0, says="", cwd=None):
    """`hinge study` over test_study.c's; returns its standard output."""
    done = subprocess.run([test_study, "study", *args], capture_output=True, text=True, check=False, cwd=cwd,
                          stdin=subprocess.DEVNULL)
    expect(done.returncode == code, f"study {' '.join(args)}: exit {done.returncode}, want {code}: {done.stderr}")
    expect(says in done.stdout + done.stderr, f"study {' '.join(args)}: no '{says}' in {done.stdout}{done.stderr}")
    expect("\r" not in done.stderr and "left" not in done.stderr, f"study {' '.join(args)}: progress without a terminal")
    return done.stdout


def change(document, path, value):
    for key in path[:-1]:
        document = document[key]
    if value is KeyError:
        del document[path[-1]]
    else:
        document[path[-1]] = value


BROKEN = {
    "no claims": (["claims"], KeyError),
    "no machine": (["machine"], KeyError),
    "half a machine": (["machine", "cpu"], KeyError),
    "another version": (["schema_version"], 2),
    "a size that is none": (["size"], "huge"),
    "a seed as a number": (["seed"], 1),
    "a verdict that is none": (["claims", 0, "verdict"], "maybe"),
    "confirmed by nothing": (["claims", 0, "measured"], None),
    "out of reach without a reason": (["claims", 2, "note"], None),
    "half an interval": (["claims", 0, "interval", "lo"], KeyError),
    "a field that nobody knows": (["claims", 0, "colour"], "red"),
    "a bound without the other": (["series", 0, "lo"], KeyError),
    "text among values": (["series", 0, "y", 0], "NaN"),
    "a figure of nothing": (["figures", 0, "curves"], []),
    "a table without rows": (["tables", 0, "rows"], KeyError),
    "a heat map without cells": (["figures", 1, "z", "values"], KeyError),
}

with tempfile.TemporaryDirectory() as scratch:
    here = Path(scratch)
    table = study("toy", "--json", str(here / "toy.json"), "--figures", str(here / "toy"), "--seed",
                  "18446744073709551615", "--threads", "2",
                  says="3 confirmed, 2 refuted, 3 out of reach")
    document = strict((here / "toy.json").read_text())
    obeys("toy", document)
    draws("toy", here / "toy", document)
    expect(max(map(len, table[: table.rindex("result file:")].splitlines())) <= 100, "toy: a table wider than 100 columns")
    expect("Sizes\nnetwork       layers  share\nnarrow            12  0.123\na wider one  1234567      -\n" in table,
           f"toy: the table of\n{table}")
    expect(document["tables"][0]["rows"][1] == {"label": "a wider one", "values": [1234567.0, None]}, "toy: a row")
    for words in ("REFUTED", "confirmed", "out of reach", ">= 0.5", "<= 1", "1.000001e-05", "needs 1.1 GiB",
                  "not measured at this size", "not a number", "[1.037, 4.963]", "one layer of 64"):
        expect(words in table, f"toy: no '{words}' in\n{table}")
    claims = {c["id"]: c for c in document["claims"]}
    expect([c["verdict"] for c in document["claims"]] == ["confirmed", "refuted", "out_of_reach", "confirmed", "refuted",
                                                          "confirmed", "out_of_reach", "out_of_reach"], "toy: verdicts")
    expect(claims["T-1"]["samples"] == 5 and abs(claims["T-1"]["interval"]["lo"] - 1.036757) < 1e-6, "toy: interval")
    expect(claims["T-3"]["expected"] == {"lo": None, "hi": 1.0} and claims["T-3"]["measured"] is None, "toy: open bounds")
    expect(claims["T-4"]["measured"] == 0.5 and claims["T-4"]["note"] is None, "toy: a second outcome")
    expect(claims["T-6"]["expected"] == {"lo": -2.0, "hi": 2.0}, "toy: bounds of this size")
    expect(document["seed"] == "18446744073709551615" and document["threads"] == 2, "toy: seed, threads")
    expect(document["series"][0]["y"] == [1.0, 0.5, None, 0.125], "toy: what is not finite")
    if validator:
        for what, (path, value) in BROKEN.items():
            broken = copy.deepcopy(document)
            change(broken, path, value)
            expect(not validator.is_valid(broken), f"the schema takes {what}")

    # Whatever ends a run, what was measured is written.
    study("stopped", "--json", str(here / "stopped.json"), code=130, says="1 confirmed, 0 refuted, 7 out of reach")
    document = strict((here / "stopped.json").read_text())
    obeys("stopped", document)
    expect(document["interrupted"] and {c["note"] for c in document["claims"][1:]} == {"interrupted"}, "stopped: why")
    study("failing", "--json", str(here / "failing.json"), code=71, says="hinge study: no memory for 7 layers")
    document = strict((here / "failing.json").read_text())
    obeys("failing", document)
    expect(document["claims"][1]["note"] == "no memory for 7 layers", "failing: why")

    # On a terminal the time left is told, and gone at the end.
    terminal, side = os.openpty()
    subprocess.run([test_study, "study", "toy", "--no-json"], stdout=subprocess.DEVNULL, stderr=side, check=True)
    os.close(side)
    told = os.read(terminal, 4096).decode()
    expect("50 %, " in told and "left: drawing" in told and told.endswith("\r\033[K"), f"progress: {told!r}")

    # Where files go.
    cwd = here / "cwd"
    cwd.mkdir()
    study("toy", "--size", "smoke", cwd=cwd)
    study("toy", "--no-json", cwd=cwd)
    study("toy", "--size", "paper", "--json", "one.json", says="about 2.0 h", cwd=cwd)
    expect(sorted(p.name for p in cwd.rglob("*")) == ["one.json"], "files that nobody asked for")
    study("toy", says="result file: results/studies/toy-default.json", cwd=cwd)
    expect((cwd / "results/studies/toy-default.json").exists(), "the default file")
    draws("default", cwd / "results/studies/toy-default", strict((cwd / "results/studies/toy-default.json").read_text()))
    study("toy", "--no-json", "--figures", "figures", says="figures: 2 in figures", cwd=cwd)
    whole = cwd / "results/studies/stopped-default.json"
    whole.write_text("of a whole run")
    study("stopped", code=130, says="result file: results/studies/stopped-default-part.json", cwd=cwd)
    expect(whole.read_text() == "of a whole run", "an interrupted run over a whole one")
    expect(not list(cwd.rglob("*.new")) and not list(cwd.rglob("writable*")), "half a file")

    # Bad input, before anything runs.
    listed = study(says="toy")
    expect("a study of stopped" in listed and "75 s" in listed, f"the list: {listed}")
    study("no_such", code=64, says="no study 'no_such'; the studies are: toy stopped failing")
    study("toy", "failing", code=64, says="one study at a time")
    study("toy", "--size", "huge", code=64, says="--size huge: smoke, default or paper")
    study("toy", "--seed", "x", code=64, says="--seed x")
    study("toy", "--threads", "0", code=64, says="--threads 0")
    study("toy", "--json", "-", code=64, says="name a file")
    study("toy", "--json", "a.json", "--no-json", code=64, says="one or the other")
    study("--json", "a.json", code=64, says="name a study")
    study("--help", says="--figures")
    for args, says in ((["--json", "/no/such/folder/x.json"], "/no/such/folder/x.json"),
                       (["--json", scratch], "not a regular file"),
                       (["--figures", "/no/such/folder/x"], "/no/such/folder/x"),
                       (["--figures", str(here / "toy.json")], "no folder")):
        expect("claim" not in study("toy", *args, code=73, says=says), f"{args}: ran all the same")
    Path(cwd, "results/studies/toy-paper").write_text("in the way")
    study("toy", "--size", "paper", code=73, says="results/studies/toy-paper is no folder", cwd=cwd)

    # The studies of the command.
    names = subprocess.run([hinge, "study"], capture_output=True, text=True, check=True).stdout.splitlines()
    for line in names[1:]:
        name = line.split()[0]
        done = subprocess.run([hinge, "study", name, "--size", "smoke", "--json", str(here / "smoke.json"), "--figures",
                               str(here / name)], capture_output=True, text=True, check=False)
        expect(done.returncode == 0, f"{name}: exit {done.returncode}: {done.stderr}")
        table = done.stdout[: done.stdout.rindex("result file:")]
        expect(max(map(len, table.splitlines())) <= 100, f"{name}: a wide table")
        document = strict((here / "smoke.json").read_text())
        obeys(name, document)
        draws(name, here / name, document)

if not failures and not jsonschema:
    print("SKIPPED the schema: python3-jsonschema is not installed")
sys.exit(1 if failures else 0)
