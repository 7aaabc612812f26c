#!/usr/bin/python3
"""ab.py HINGE: `hinge ab` over builds whose times are known (fake_worker.py): verdicts, exit codes, every output, builds
that die or are none, revisions that are built, and the commit that a bisection finds."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

hinge = str(Path(sys.argv[1]).resolve())
worker = Path(__file__).with_name("fake_worker.py")
passed = failures = 0


def expect(good, what):
    global passed, failures
    passed += bool(good)
    failures += not good
    if not good:
        print("FAIL", what)


def build(folder, **told):
    """A folder with a hinge of those times."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(worker, folder / "hinge")
    (folder / "hinge").chmod(0o755)
    (folder / "hinge.json").write_text(json.dumps(told))
    return folder


def ab(*args, code, says="", cwd=None, seconds="20s", **environment):
    done = subprocess.run([hinge, "ab", "--budget", seconds, *map(str, args)], capture_output=True, text=True, cwd=cwd,
                          check=False, env={**os.environ, **environment})
    said = done.stdout + done.stderr
    expect(done.returncode == code and says in said,
           f"hinge ab {' '.join(map(str, args))}: exit {done.returncode}, want {code} and '{says}' in:\n{said[-1500:]}")
    return done.stdout


CASES = {f"case/n:{n}": {"avx2": 100.0 * n, "avx512": 60.0 * n} for n in range(1, 6)}


def changed(name, factor, cases=None):
    cases = dict(cases or CASES)
    cases[name] = {lane: factor * ns for lane, ns in cases[name].items()}
    return cases


def verdicts(folder):
    old = build(folder / "old", cases=CASES, commit="aaa")
    same = build(folder / "same", cases=CASES, commit="bbb")
    ab(old, same, code=0, says="0 slower, 0 faster, 10 unchanged, 0 inconclusive")
    slow = build(folder / "slow", cases=changed("case/n:3", 1.1))
    said = ab(old, slow, code=1, says="2 slower, 0 faster, 8 unchanged")
    rows = [line for line in said.splitlines() if "regressed" in line]
    expect(len(rows) == 2 and all(row.startswith("case/n:3") for row in rows), f"the slower rows: {rows}")
    expect("case/n:1" not in said, "unchanged rows are printed")
    expect("case/n:1" in ab(old, slow, "-v", code=1), "-v prints no unchanged rows")
    ab(slow, old, code=0, says="0 slower, 2 faster")
    # Below what matters, and asked for.
    near = build(folder / "near", cases=changed("case/n:2", 1.01))
    ab(old, near, code=0, says="10 unchanged")
    ab(old, near, "--min-effect", "0.3%", code=1, says="2 slower")
    noisy = build(folder / "noisy", cases=CASES, noise=0.3)
    ab(noisy, build(folder / "noisy too", cases=CASES, noise=0.3), code=3, says="inconclusive", seconds="3s")
    other = build(folder / "other", cases=CASES, words="other")
    ab(old, other, code=0, says="other words, both right: case/n:1")
    wrong = build(folder / "wrong", cases=changed("case/n:5", 1.2), wrong=["case/n:4"])
    ab(old, wrong, code=2, says="WRONG case/n:4")
    ab(wrong, old, code=3, says="left out: case/n:4")
    crash = build(folder / "crash", cases=CASES, crash=["case/n:2"])
    ab(old, crash, code=3, says="its process ended by SIGSEGV")
    less = build(folder / "less", cases={name: CASES[name] for name in list(CASES)[:2]})
    ab(old, less, code=0, says="3 rows only in")
    ab(old, build(folder / "none", cases={"another": {"avx2": 1.0}}), code=64, says="no row that both builds have")


def outputs(folder):
    evil = "case/`|<script>alert(1)</script>"
    old = build(folder / "old", cases={**CASES, evil: {"avx2": 10.0}})
    new = build(folder / "new", cases={**changed("case/n:1", 1.2), evil: {"avx2": 12.0}}, wrong=["case/n:2"])
    table = ab(old, new, "--markdown", "--json", folder / "x.json", "--junit", folder / "x.xml", code=2)
    rows = [line for line in table.splitlines() if "script" in line]
    expect(rows and all(row.count("`") == 2 for row in rows), f"a name that breaks out of its code: {rows}")
    expect(all(row.replace("\\|", "").count("|") == 9 for row in rows), f"a name that breaks out of its cell: {rows}")
    expect("**wrong**" in table and "<details>" in table, "Markdown without the wrong row or the folded ones")
    told = json.loads((folder / "x.json").read_text())
    by_name = {(row["name"], row["lane"]): row for row in told["rows"]}
    row = by_name["case/n:1", "avx2"]
    expect(row["verdict"] == "regressed" and abs(row["change"] - 1.2) < 0.03 and row["lo"] < row["change"] < row["hi"],
           f"JSON of a slower row: {row}")
    expect(len(row["log_ratios"]) >= 6 and row["detectable"] > 1.0, "pairs of a row in JSON")
    expect(any("wrong" in note and note["name"] == "case/n:2" for note in told["notes"]), "the wrong row in JSON")
    suite = xml.parse(folder / "x.xml").getroot().find("testsuite")
    fails = [case for case in suite if case.find("failure") is not None]
    expect(len(fails) == 4 and len(list(suite)) == 10, f"JUnit: {len(fails)} of {len(list(suite))} cases fail")


def refusals(folder):
    old = build(folder / "old", cases=CASES)
    (folder / "empty").mkdir()
    (folder / "text").write_text("no program")
    ab(code=64, says="say which build is the old one")
    ab(old, old, old, code=64, says="two builds at a time")
    ab(folder / "nothing", code=69, says="no such build; a revision needs --git")
    ab(folder / "empty", code=69, says="no program that can be run")
    ab(folder / "text", old, code=69, says="no program that can be run")
    ab("/bin/true", old, code=69, says="does not start")
    ab(old, old, "--min-effect", "0", code=64, says="not a percentage")
    ab(old, old, "--seed", "x", code=64, says="not a number")
    ab(old, old, "--json", folder / "no" / "x.json", code=73, says="no/x.json")
    ab(old, "--bisect", code=64, says="a good revision and a bad one")
    ab(old, old, "--bisect", "--markdown", code=64, says="--bisect prints its steps")
    ab("HEAD", "--git", code=69, says="no git repository", cwd=folder, GIT_CEILING_DIRECTORIES=str(folder))


def git(repository, *args):
    subprocess.run(["git", "-C", str(repository), "-c", "user.name=x", "-c", "user.email=x@example.org", "-c",
                    "commit.gpgsign=false", *args], check=True, capture_output=True)


RECIPE = """cmake_minimum_required(VERSION 3.25)
project(fake NONE)
add_custom_target(hinge COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_SOURCE_DIR}/hinge ${CMAKE_SOURCE_DIR}/hinge.json
                  ${CMAKE_BINARY_DIR})
"""


def revisions(folder):
    repository = folder / "repository"
    build(repository, cases=CASES)
    (repository / "kernels").mkdir()
    (repository / "kernels" / "list.h").write_text("")
    git(folder, "init", "-q", "-b", "main", str(repository))
    for number in range(1, 9):
        slow = number >= 6
        (repository / "hinge.json").write_text(json.dumps(
            {"cases": changed("case/n:2", 1.08) if slow else CASES, "commit": str(number)}))
        (repository / "CMakeLists.txt").write_text(RECIPE if number != 7 else "no recipe(")
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", f"commit {number}")
        git(repository, "tag", f"v{number}")
    there = {"cwd": repository, "XDG_CACHE_HOME": str(folder / "cache")}
    said = ab("--git", "v1", "v8", code=1, says="2 slower", **there)
    expect("v1: commit 1" in said and "v8: commit 8" in said, f"the builds' own commits: {said}")
    expect(len(list((folder / "cache" / "hinge" / "ab").glob("*/whole"))) == 2, "two builds are kept")
    ab("--git", "v1", "v5", code=0, says="10 unchanged", **there)
    ab("--git", "v1", "nothing", code=64, says="'nothing': no revision", **there)
    ab("--git", "v7", "v5", code=69, says="cmake", **there)
    said = ab("--bisect", "v1", "v8", code=1, says="The first commit that is slower", **there)
    expect("commit 6" in said[said.index("The first commit"):], f"the commit that bisection found: {said}")
    expect("case/n:2" in said and "case/n:1" not in said, "the rows that bisection goes by")
    said = ab("--bisect", "v5", "v8", code=1, says="does not build", **there)
    expect("commit 6" in said[said.index("The first commit"):], f"past a commit that does not build: {said}")
    ab("--bisect", "v1", "v3", code=0, says="is not slower than", **there)
    ab("--bisect", "v8", "v1", code=64, says="no ancestor", **there)
    ab("--bisect", "v3", "v3", code=64, says="one commit", **there)


with tempfile.TemporaryDirectory() as scratch:
    for part in (verdicts, outputs, refusals, revisions):
        folder = Path(scratch, part.__name__)
        folder.mkdir()
        part(folder)
print(f"{passed} passed, {failures} failed")
sys.exit(1 if failures else 0)
