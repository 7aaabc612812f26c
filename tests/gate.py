#!/usr/bin/python3
"""gate.py SCRIPT YAML: what tests/ci/hinge-gate.sh makes of every verdict, in a repository whose `run` is a stub, and what its
workflow file says. Exit 77: no python3-yaml."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import yaml
except ImportError:
    print("SKIPPED: python3-yaml is not installed")
    sys.exit(77)

script, workflow = sys.argv[1:3]
failures = 0

# Logs its calls with the tree that it runs in, prints one line, and ends as it is told to.
STUB = """#!/usr/bin/env bash
tree=$(cat side)
echo "$tree: $*" >>"$CALLS"
[ "$1 $tree" = "count base" ] && { [ "$BASE_CODE" = 64 ] && echo "hinge: no command 'count'; the commands are: x"; exit "$BASE_CODE"; }
echo "table of $1"
[ "$1" = count ] && exit "$COUNT_CODE"
exit "$AB_CODE"
"""


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)


def git(*args):
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@localhost", *args], cwd=repo, check=True, capture_output=True)


def gate(*args, base=0, count=0, ab=0, **environment):
    calls.write_text("")
    env = {**os.environ, "CALLS": str(calls), "BASE_CODE": str(base), "COUNT_CODE": str(count), "AB_CODE": str(ab), **environment}
    return subprocess.run([script, *args], cwd=repo, env=env, capture_output=True, text=True, check=False)


def lint():
    subprocess.run(["bash", "-n", script], check=True)
    if shutil.which("shellcheck"):
        done = subprocess.run(["shellcheck", script], capture_output=True, text=True, check=False)
        expect(done.returncode == 0, done.stdout)


def verdicts():
    names = {0: "passes", 1: "**regressed**", 2: "**a wrong result**", 3: "inconclusive: a warning"}
    want = {(0, 0): 0, (1, 0): 1, (0, 1): 1, (0, 3): 0, (3, 0): 0, (1, 3): 1, (0, 2): 2, (1, 2): 2, (0, 69): 69, (69, 0): 69,
            (69, 1): 1, (1, 69): 1, (3, 69): 69, (69, 3): 69, (0, 139): 139}
    for (count, ab), code in want.items():
        done = gate("main", count=count, ab=ab)
        expect(done.returncode == code, f"count {count}, ab {ab}: exit {done.returncode}, want {code}: {done.stderr}")
        for what, given in (("instructions", count), ("time", ab)):
            words = names.get(given, f"**could not be judged** (exit code {given})")
            expect(f"hinge-gate: {what}: {words}" in done.stdout, f"{what} {given} in {done.stdout}")
        expect("table of count" in done.stdout and "table of ab" in done.stdout, "the tables")
    expect(gate("main", ab=3, HINGE_GATE_STRICT="1").returncode == 3, "strict")
    expect(gate("main", HINGE_GATE_STRICT="1").returncode == 0, "strict, and nothing to say")


def calls_made():
    done = gate("main", HINGE_GATE_TOLERANCE="0", HINGE_GATE_BUDGET="7m", HINGE_GATE_EFFECT="2", BUILD="/nowhere")
    base, head, ab = calls.read_text().splitlines()
    csv = base.split()[3]
    expect(base == f"base: count --baseline {csv} --update", base)
    expect(head == f"head: count --baseline {csv} --tolerance 0 --markdown", head)
    shas = [subprocess.run(["git", "rev-parse", r], cwd=repo, capture_output=True, text=True, check=True).stdout.strip()
            for r in ("fork", "HEAD")]
    expect(ab == f"head: ab --git {shas[0]} {shas[1]} --budget 7m --min-effect 2 --markdown", ab)
    expect(done.stdout.startswith(f"## hinge: {shas[1][:12]} beside {shas[0][:12]}\n"), done.stdout)
    expect(not Path(csv).parent.exists(), "the scratch folder was left behind")
    trees = subprocess.run(["git", "worktree", "list"], cwd=repo, capture_output=True, text=True, check=True).stdout
    expect(len(trees.splitlines()) == 1, f"work trees left: {trees}")


def odd_bases():
    done = gate("main", base=64)
    expect(done.returncode == 0 and "**Instructions were not compared**" in done.stdout, f"a base without count: {done}")
    expect("table of count" not in done.stdout, "a count beside nothing")
    expect(gate("main", base=69).returncode == 69, "a base that cannot be counted")
    expect(gate("main", base=3).returncode == 0, "a base with a count that varies")
    expect(gate().returncode == 64 and gate("a", "b").returncode == 64, "usage")
    expect(gate("nothing").returncode == 66, "no such base")
    expect(gate("alone").returncode == 66, "a base without history in common")
    (repo / "side").write_text("changed\n")
    expect(gate("main").returncode == 64 and calls.read_text() == "", "uncommitted changes")


def workflow_says():
    text = Path(workflow).read_text()
    document = yaml.safe_load(text)
    expect(document[True] == "pull_request", "when it runs")  # YAML 1.1 reads `on` as true
    expect(set(document["jobs"]) == {"gate", "comment"}, "its jobs")
    steps = document["jobs"]["gate"]["steps"]
    step = next(s for s in steps if "hinge-gate.sh" in s.get("run", ""))
    expect(step["shell"] == "bash", "bash stops at a failing pipe, sh does not")
    checkout = next(s for s in steps if "checkout" in s.get("uses", ""))
    expect(checkout["with"]["fetch-depth"] == 0, "the whole history")
    known = Path(script).read_text()
    for name in step["env"]:
        expect(name == "BASE" or name in known, f"{name} is no setting of the script")
    for job in document["jobs"].values():
        for s in job["steps"]:
            if "run" in s:
                expect("${{" not in s["run"], f"text of a pull request in a command: {s['run']}")
                subprocess.run(["bash", "-n", "-c", s["run"]], check=True)


with tempfile.TemporaryDirectory() as scratch:
    calls, repo = Path(scratch, "calls"), Path(scratch, "repo")
    repo.mkdir()
    git("init", "-q", "-b", "alone")
    (repo / "side").write_text("alone\n")
    git("add", ".")
    git("commit", "-qm", "alone")
    git("checkout", "-q", "--orphan", "main")
    (repo / "run").write_text(STUB)
    (repo / "run").chmod(0o755)
    (repo / "side").write_text("base\n")
    git("add", ".")
    git("commit", "-qm", "base")
    git("tag", "fork")
    git("checkout", "-q", "-b", "change")
    (repo / "side").write_text("head\n")
    git("commit", "-qam", "change")
    git("checkout", "-q", "main")
    (repo / "later").write_text("what the change has not seen\n")
    git("add", ".")
    git("commit", "-qm", "later")
    git("checkout", "-q", "change")
    lint()
    verdicts()
    calls_made()
    odd_bases()
    workflow_says()
print(f"{failures} failures")
sys.exit(failures != 0)
