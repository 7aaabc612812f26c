#!/usr/bin/python3
"""settings.py HINGE SCHEMA: `hinge bench` with subnormals flushed and with a sweep over placements: what it writes obeys
results/schema.json, follows from its own samples, and `hinge compare` takes such files as settings of one machine."""
import json
import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import jsonschema
except ImportError:
    jsonschema = None

HINGE, SCHEMA = sys.argv[1:3]
FOLDER = tempfile.TemporaryDirectory()
PLACEMENTS = 16
LINE, PAGE = (0, 4, 32, 60), (0, 64, 2048, 4032)
FLUSHED = "FTZ and DAZ move the output beyond its bound"
failures = 0


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)


def run(*arguments):
    done = subprocess.run([HINGE, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=FOLDER.name)
    return done.returncode, done.stdout, done.stderr


def bench(name, *arguments):
    path = Path(FOLDER.name, name)
    code, out, err = run("bench", "--budget", "8s", "--isa", "avx2", *arguments, "--json", str(path))
    if code:
        sys.exit(f"FAIL bench {arguments}: {code} {err}")
    document = json.loads(path.read_text())
    if jsonschema:
        for error in jsonschema.Draft202012Validator(json.loads(Path(SCHEMA).read_text())).iter_errors(document):
            expect(False, f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message:.200}")
    return document, out


def near(x, y):
    return abs(x - y) <= 1e-6 * abs(y)


def geomean(values):
    return math.exp(statistics.fmean(map(math.log, values)))


def start(placement, operand):
    """README of results: where an operand begins, modulo 4096."""
    a, b = placement % 4, placement // 4
    return LINE[(a + operand * b) % 4] + PAGE[(b + (1 - operand) * a) % 4]


def sweep_agrees(row):
    """Best and worst are chosen by all forks but one, and are that one's values."""
    s, what = row["sweep"], row["name"]
    at = [[statistics.median(x for x, p in zip(xs, ps, strict=True) if p == k) for k in range(PLACEMENTS)]
          for xs, ps in zip(row["samples"], row["placed"], strict=True)]
    expect(s["forks"] == len(at), f"{what}: {s['forks']} forks of {len(at)}")
    best, worst = [], []
    for f, mine in enumerate(at):
        others = [statistics.median(g[k] for i, g in enumerate(at) if i != f) for k in range(PLACEMENTS)]
        best.append(mine[others.index(min(others))])
        worst.append(mine[others.index(max(others))])
    for key, want in (("best", geomean(best)), ("worst", geomean(worst)),
                      ("median", geomean([math.exp(statistics.median(map(math.log, f))) for f in at])),
                      ("spread", geomean([w / b for w, b in zip(worst, best)]))):
        expect(near(s[key]["at"], want), f"{what}: {key} {s[key]}, from its samples {want}")
        expect(s[key]["lo"] <= s[key]["at"] <= s[key]["hi"], f"{what}: the interval of {key}: {s[key]}")
    for k, p in enumerate(s["placements"]):
        expect(near(p["ns"], statistics.median(f[k] for f in at)), f"{what}: placement {k}")
        expect(list(p["starts"].values()) == [start(k, o) for o in range(len(p["starts"]))], f"{what}: {k}: {p['starts']}")


def sweeps():
    document, out = bench("sweep.json", "--kernel", "relu_fwd", "--width", "2000", "--forks", "3", "--placement", "sweep")
    rows = [r for r in document["benchmarks"] if "samples" in r and "fell_out" not in r]
    expect(document["context"]["placement"] == "sweep" and len(rows) >= 1, document["context"]["placement"])
    for row in rows:
        counts = [[ps.count(k) for k in range(PLACEMENTS)] for ps in row["placed"]]
        expect(len(counts) == 3 and all(len(set(c)) == 1 and c[0] >= 3 for c in counts), f"{row['name']}: {counts}")
        expect(len({tuple(ps[:PLACEMENTS]) for ps in row["placed"]}) == 3, f"{row['name']}: always the same order")
        sweep_agrees(row)
    expect("\nPlacement: a call at the best, the median and the worst of 16" in out and "worst over best" in out, out)
    document, out = bench("fixed.json", "--kernel", "relu_fwd", "--width", "2000", "--forks", "3")
    expect(document["context"]["placement"] == "fixed" and "Placement:" not in out, "fixed")
    expect(not any("sweep" in r or "placed" in r for r in document["benchmarks"]), "no sweep in a file without one")
    code, _, err = run("compare", "fixed.json", "sweep.json")
    expect(code == 3 and "placement fixed; placement sweep" in err, f"compare: {code} {err}")


def flushes():
    # A chain whose gradients sink among the subnormals, and one whose do not.
    arguments = ("--depth", "64", "--width", "32", "--batch", "4", "--forks", "1", "--scale")
    document, out = bench("ftz.json", *arguments, "0.2,1", "--ftz")
    expect(document["context"]["ftz"] and document["context"]["daz"], "the context does not say so")
    expect("FTZ and DAZ are set on all threads" in out, "the table does not say so")
    rows = {r["name"]: r for r in document["benchmarks"]}
    expect(all(r["ftz"] and not r["variant"].endswith("+ftz") for r in rows.values()), "rows that do not flush")
    lane = {(r["kernel"], r["scale"]): r for r in rows.values() if r["variant"] == "avx2"}
    expect("samples" in lane["mlp_fwd", 1.0] and "samples" in lane["mlp_bwd", 1.0], "what has no subnormals is timed")
    gone = next(r for (kernel, scale), r in lane.items() if kernel == "mlp_bwd" and scale < 1.0)
    expect(gone.get("error_message") == FLUSHED and "left out" not in gone.get("note", ""), gone)
    expect(f"without a time: {FLUSHED}" in out, "the summary does not count it")
    code, _, err = run("bench", *arguments, "0.2", "--ftz", "--isa", "avx2", "--filter", "mlp_bwd", "--no-json")
    expect(code == 65 and f"no row has a time: {FLUSHED}" in err, f"all flushed: {code} {err}")
    document, _ = bench("plain.json", *arguments, "1")
    expect(not document["context"]["ftz"] and any(r["variant"] == "avx2+ftz" for r in document["benchmarks"]), "plain")
    code, out, err = run("compare", "plain.json", "ftz.json")
    expect(code == 3 and "(ftz false; ftz true): compared as settings" in err and "2 common rows" in out, f"compare: {code} {err}{out}")


def refused():
    for text, arguments in (("--placement x: not fixed or sweep", ("--placement", "x")),
                            ("not with --cold", ("--placement", "sweep", "--cold")),
                            ("not with --peers", ("--ftz", "--peers", "--kernel", "dense_fwd"))):
        code, _, err = run("bench", *arguments)
        expect(code == 64 and text in err, f"{arguments}: {code} {err}")


for test in (sweeps, flushes, refused):
    test()
print(failures, "failures")
sys.exit(2 if failures else 0)
