#!/usr/bin/env python3
"""history.py HINGE SOURCE: `hinge history` over simulated runs: planted changes found and no others, none where
there are none, exit codes, outputs, hostile files, and an index that is damaged, shared, foreign or cannot be
written."""
import datetime
import json
import math
import os
import random
import sqlite3
import subprocess
import sys
import tempfile

HINGE, SOURCE = sys.argv[1:3]
failures = 0
TEMP = tempfile.TemporaryDirectory()
DIR = TEMP.name
ENVIRONMENT = {**os.environ, "XDG_CACHE_HOME": os.path.join(DIR, "cache")}
START = datetime.datetime(2026, 1, 1, 3, 0, 0)
PLANTED = {("dense_fwd/m:3", "avx2"): (20, 1.08), ("dense_fwd/m:7", "avx512"): (31, 0.85),
           ("dense_fwd/m:11", "avx2"): (40, 1.12)}


def expect(truth, what):
    global failures
    if not truth:
        failures += 1
        print("FAIL", what)


def run(*arguments, environment=None):
    done = subprocess.run([HINGE, "history", *arguments], capture_output=True, stdin=subprocess.DEVNULL,
                          env=environment or ENVIRONMENT, cwd=DIR)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def found(*arguments):
    code, out, err = run("--json", "-", *arguments)
    expect(code == 0, f"{arguments}: {code} {err}")
    return json.loads(out)


def path(*names):
    return os.path.join(DIR, *names)


def write(name, value):
    os.makedirs(os.path.dirname(path(name)), exist_ok=True)
    with open(path(name), "w") as out:
        out.write(value if isinstance(value, str) else json.dumps(value))
    return path(name)


def context(at, **more):
    return {
        "hinge_schema": 2, "date": (START + datetime.timedelta(days=at)).strftime("%Y-%m-%dT%H:%M:%SZ"), "cpu": "CPU A",
        "cpu_model": "family 1", "host_name": "a", "num_cpus": 2, "cores": 2, "memory_bytes": 8 << 30,
        "caches": [{"type": "Data", "level": 1, "size": 32768, "num_sharing": 1}], "compiler": "gcc 12",
        "commit": f"{at:04x}bbbbbbbbffff", "dirty": False, "onednn": "oneDNN 2.6.3", "thp": "madvise", "ftz": False,
        "openmp": {"proc_bind": "close", "region_ns": 1.0 + at}, **more}


def row(case, variant, samples):
    name = f"{case}/threads:1/{variant}"
    return {"name": name, "run_name": name, "run_type": "iteration", "kernel": case.split("/")[0], "variant": variant,
            "impl": variant, "isa": "avx2", "cache": "hot", "threads": 1, "scale": 0.0, "flops": 1e5, "bytes": 1e4,
            "roof_share": 0.5, "samples": samples}


def simulate(folder, seed, *, runs=50, cases=16, planted=None, contexts=None):
    """What a shared machine does: each run is a little off as a whole, each process has its place in memory, samples
    have a tail to the slow side, and one run in twenty of a row is wildly slow."""
    dice = random.Random(seed)
    for at in range(runs):
        whole, rows = dice.gauss(0.0, 0.003), []
        for c in range(cases):
            for variant, speed in (("avx2", 1.0), ("avx512", 0.6), ("dnnl-matmul", 1.5)):
                since, factor = (planted or {}).get((f"dense_fwd/m:{c}", variant), (runs, 1.0))
                level = 100.0 * (c + 1) * speed * (factor if at >= since else 1.0) * math.exp(whole)
                level *= 1.0 + (dice.expovariate(8.0) if dice.random() < 0.05 else 0.0)
                rows.append(row(f"dense_fwd/m:{c}", variant, [
                    [level * place * (1.0 + dice.expovariate(200.0)) for _ in range(5)]
                    for place in (math.exp(dice.gauss(0.0, 0.006)) for _ in range(3))]))
        write(f"{folder}/{at:03}.json", {"context": context(at, **(contexts or {}).get(at, {})), "benchmarks": rows})
    return path(folder)


def planted():
    folder = simulate("planted", 1, planted=PLANTED, contexts={a: {"compiler": "gcc 13"} for a in range(31, 50)})
    result = found("--min-effect", "0.001", folder)
    expect(result["smaller"] == 0, f"{result['smaller']} smaller changes than were planted")
    expect(len(result["runs"]) == 50 and result["setups"] == 1 and result["tested"] == 48, "50 runs, 48 rows")
    expect(result["runs"][40]["date"] == "2026-02-10T03:00:00Z", "a run's date")
    seen = {c["row"]: c for c in result["changes"]}
    expect(len(result["changes"]) == 3 and set(seen) == {f"{case}/threads:1/{v}" for case, v in PLANTED},
           f"the planted changes and no other: {[(c['row'], c['after'], c['change']) for c in result['changes']]}")
    for (case, variant), (at, factor) in PLANTED.items():
        c = seen.get(f"{case}/threads:1/{variant}", {"after": -1, "before": -1, "interval": [0, 0], "slower": None})
        expect(c["after"] == at and c["before"] == at - 1, f"{case}: after run {c['after']}, planted at {at}")
        expect(c["interval"][0] <= factor <= c["interval"][1], f"{case}: {factor} outside {c['interval']}")
        expect(c["slower"] == (factor > 1.0), f"{case}: its direction")
    expect(found("--min-effect", "0.001", folder) == result, "the same files, the same answer")
    differs = seen["dense_fwd/m:7/threads:1/avx512"]["differs"]
    expect(differs == [{"field": "compiler", "old": "gcc 12", "new": "gcc 13"}], f"what changed beside it: {differs}")
    code, out, _ = run(folder)
    expect(code == 0 and out.count("SLOWER") == 2 and out.count("faster") == 1 and "compiler: gcc 12 -> gcc 13" in out
           and "▁" in out and "2026-02-10" in out and "001ebbbbbbbb" in out, f"the table: {code}\n{out}")
    regressions(folder)


def regressions(folder):
    last = "2026-02-10T03:00:00Z"  # run 40
    expect(run("--regressions", folder)[0] == 1, "--regressions")
    expect(run("--regressions", "--since", last, folder)[0] == 1, "--since: on the very second")
    expect(run("--regressions", "--since", "2026-02-11", folder)[0] == 0, "--since: later")
    expect(run("--regressions", "--since", "5d", folder)[0] == 0, "--since 5d")
    expect(run("--regressions", "--since", "9d", folder)[0] == 1, "--since 9d: run 40 of 49")
    expect(run("--regressions", "--min-effect", "20", folder)[0] == 0, "--min-effect 20")
    expect(run("--regressions", "--filter", "avx512", folder)[0] == 0, "a row that got faster is none")
    expect(len(found("--since", "2026-02-01", folder)["changes"]) == 2, "--since leaves earlier changes out")
    mended = simulate("mended", 5, planted={("dense_fwd/m:1", "avx2"): (15, 1.2)})
    for at in range(35, 50):
        with open(f"{mended}/{at:03}.json") as text:
            file = json.load(text)
        for r in file["benchmarks"]:
            if r["name"] == "dense_fwd/m:1/threads:1/avx2":
                r["samples"] = [[ns / 1.2 for ns in fork] for fork in r["samples"]]
        write(f"mended/{at:03}.json", file)
    changes = found(mended)["changes"]
    expect([(c["after"], c["slower"], c["last"]) for c in changes] == [(15, True, False), (35, False, True)],
           f"a slowdown that was undone: {changes}")
    expect(run("--regressions", mended)[0] == 0, "a slowdown that was undone is none")


def nothing():
    # Each set may hold one by chance, with a probability of 5 % at most: of 12, four or more do in 2 of 1000.
    # However small: --min-effect would hide what the test of ranks lets through.
    results = [found("--min-effect", "0.001", simulate(f"null{seed}", 100 + seed)) for seed in range(12)]
    false = [len(result["changes"]) + result["smaller"] for result in results]
    expect(false[0] == 0 and sum(n > 0 for n in false) < 4, f"changes where there are none: {false}")


def machines():
    """Half of the runs on a machine of twice the speed: no change. A library that moved too is told."""
    simulate("two", 7, runs=30, cases=2, contexts={a: {"cpu": "CPU B", "cpu_model": "2"} for a in range(15, 30)},
             planted={(f"dense_fwd/m:{c}", v): (15, 0.5) for c in range(2) for v in ("avx2", "avx512", "dnnl-matmul")})
    result = found(path("two"))
    expect(result["setups"] == 2 and not result["changes"], "two machines are two series")
    simulate("both", 8, runs=30, cases=2, planted={("dense_fwd/m:1", "avx2"): (15, 1.3),
                                                   ("dense_fwd/m:1", "dnnl-matmul"): (15, 1.3)})
    result = found(path("both"))
    expect([c["libraries_too"] for c in result["changes"] if not c["library"]] == [True], "libraries too")
    expect("the machine?" in run(path("both"))[1], "libraries too, in the table")
    expect(run("--regressions", "--filter", "dnnl", path("both"))[0] == 0, "a library's slowdown is not ours")


def outputs():
    folder = path("both")
    code, out, _ = run("--markdown", "-", folder)
    expect(code == 0 and out.count("| **slower** |") == 2 and "30 runs of 1 setup;" in out, f"markdown: {out}")
    code, out, _ = run("--markdown", path("h.md"), "--json", path("h.json"), folder)
    expect(code == 0 and "SLOWER" in out and json.load(open(path("h.json")))["hinge_history"] == 1
           and "slower" in open(path("h.md")).read(), "files beside the table")
    expect("every row that was tested" in run("-v", folder)[1], "-v")
    expect(run("--json", path("no", "h.json"), folder)[0] == 73, "an output that cannot be written")
    for bad in (["--since", "yesterday"], ["--since", "2026-02-31"], ["--since", "-3d"], ["--min-effect", "x"],
                ["--filter", "("], ["--markdown", "-", "--json", "-"], ["--filter", "nowhere", folder]):
        expect(run(*bad)[0] == 64, f"usage: {bad}")
    expect(run(path("nowhere"))[0] == 66 and run()[0] == 66, "nothing there")


def hostile():
    folder = simulate("hostile", 9, runs=12, cases=1)
    write("hostile/empty.json", "")
    write("hostile/text.json", "{nonsense")
    write("hostile/undated.json", {"context": {"hinge_schema": 2}, "benchmarks": []})
    write("hostile/late.json", {"context": {"hinge_schema": 2, "date": "9999-99-99"}, "benchmarks": []})
    write("hostile/new.json", {"context": {"hinge_schema": 3, "date": "2026-01-01"}, "benchmarks": []})
    write("hostile/x\x1b[31m.json", "[]")
    os.makedirs(path("hostile", "folder.json"))
    os.mkfifo(path("hostile", "pipe.json"))
    os.symlink("nowhere", path("hostile", "gone.json"))
    os.symlink("000.json", path("hostile", "same.json"))
    with open(os.fsencode(path("hostile")) + b"/\xff.json", "w") as out:
        out.write("{}")
    code, out, err = run(folder)
    expect(code == 0 and err.count("left out:") == 10 and "\x1b" not in err and "12 runs" in out,
           f"hostile files: {code} {err} {out}")
    for name, code in (("text.json", 65), ("undated.json", 65), ("pipe.json", 66), ("gone.json", 66)):
        expect(run(path("hostile", name))[0] == code, f"named: {name}")
    only = write("only/x.json", "{}")
    expect(run(os.path.dirname(only))[0] == 66, "a folder without results")
    evil = "<script>|`x`|\x1b[2J/threads:1/avx2"
    file = json.load(open(path("hostile", "000.json")))
    for at in range(12):
        r = row("x", "avx2", [[100.0 + at + 50.0 * (at >= 6)] * 3])
        r["name"] = r["run_name"] = evil
        write(f"evil/{at}.json", {"context": {**file["context"], "date": f"2026-01-{at + 1:02}T00:00:00+02:00",
                                             "commit": "é" * 30}, "benchmarks": [r]})
    for flags in ([], ["--markdown", "-"], ["--json", "-"]):
        code, out, _ = run(*flags, path("evil"))
        expect(code == 0 and "\x1b" not in out, f"no control characters: {flags} {code}")
    for at in range(2):
        write(f"many/{at}.json", {"context": {**context(at), "memory_bytes": 1e9 * (at + 1),
                                             "caches": [{"level": at + i} for i in range(100)]},
                                  "benchmarks": file["benchmarks"]})
    code, out, _ = run(path("many"))
    expect(code == 0 and out.count("caches:") == 64, f"more differences than there is room for: {code}")
    out = run("--markdown", "-", path("evil"))[1]
    expect("&lt;script&gt;&#124;" in out and "<script>" not in out, f"markup stays in its cell: {out}")
    google = [{"context": {"date": f"2026-01-{at + 1:02}T00:00:00+00:00", "host_name": "h", "num_cpus": 2,
                           "caches": []},
               "benchmarks": [{"name": "BM_x", "run_name": "BM_x", "run_type": "iteration", "iterations": 10,
                               "real_time": 100.0 + at % 3 + 50.0 * (at >= 10), "cpu_time": 1.0, "time_unit": "ns"}]}
              for at in range(20)]
    for at, value in enumerate(google):
        write(f"google/{at}.json", value)
    changes = found(path("google"))["changes"]
    expect([c["row"] for c in changes] == ["BM_x"] and changes[0]["after"] == 10, f"Google Benchmark: {changes}")


def index():
    folder, place = path("both"), path("cache", "hinge", "history.db")
    expected = found(folder)
    expect(os.path.exists(place), "the index lies in the cache")
    with open(place, "r+b") as out:  # a page torn
        out.seek(4096)
        out.write(b"\xa5" * 8192)
    expect(found(folder) == expected, "a damaged index is made anew")
    for text in (b"no database at all" * 100, b"", b"SQLite format 3\0" + b"\xff" * 5000):
        with open(place, "wb") as out:
            out.write(text)
        expect(found(folder) == expected, f"an index of {text[:16]}")
    with sqlite3.connect(place) as db:
        expect(db.execute("SELECT count(*) FROM file").fetchone() == (30,), "30 files in it")
        db.execute("UPDATE point SET log = 1.0")
    db.close()
    expect(found(folder) != expected, "the index is what is read")
    expect(found("--rebuild", folder) == expected, "--rebuild reads the files")
    with sqlite3.connect(place) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    expect(found(folder) == expected, "an index of another version")
    changed = json.load(open(path("both", "029.json")))
    changed["benchmarks"] = changed["benchmarks"][:1]
    write("both/029.json", changed)
    os.remove(path("both", "028.json"))
    result = found(folder)
    expect(len(result["runs"]) == 29 and sorted(len(r["run"]) for r in result["rows"]) == [28, 28, 28, 28, 28, 29],
           "files that changed or went away")
    with sqlite3.connect(place) as db:
        gone = db.execute("SELECT count(*) FROM file WHERE CAST(path AS TEXT) LIKE '%both/028.json'").fetchone()
    db.close()
    expect(gone == (0,), "a file that is gone is forgotten")
    foreign(folder, result)
    together(folder, result)


def foreign(folder, expected):
    """What is no index of hinge is left alone; where none can be written, the files are read all the same."""
    text = write("precious.txt", "precious" * 50)
    expect(run("--index", text, folder)[0] == 64 and open(text).read() == "precious" * 50, "somebody's text")
    other = path("other.db")
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE t(x)")
    db.close()
    before = open(other, "rb").read()
    expect(run("--index", other, folder)[0] == 64 and open(other, "rb").read() == before, "somebody's database")
    os.mkfifo(path("fifo"))
    expect(run("--index", path("fifo"), folder)[0] == 64 and run("--index", DIR, folder)[0] == 64, "no file")
    for environment in ({**ENVIRONMENT, "XDG_CACHE_HOME": "/proc"}, {"PATH": "/bin"}):
        code, out, err = run("--json", "-", folder, environment=environment)
        expect(code == 0 and json.loads(out) == expected and "read into memory" in err, f"no index: {code} {err}")
    code, out, err = run("--json", "-", "--index", "/proc/x.db", folder)
    expect(code == 0 and json.loads(out) == expected and "read into memory" in err, f"--index nowhere: {code} {err}")


def together(folder, expected):
    """Several at once, on an index that is not there or is damaged."""
    place = path("together.db")
    for damaged in (False, True):
        if damaged:
            with open(place, "r+b") as out:
                out.seek(4096)
                out.write(b"\xa5" * 4096)
        elif os.path.exists(place):
            os.remove(place)
        all_ = [subprocess.Popen([HINGE, "history", "--index", place, "--json", "-", folder], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=ENVIRONMENT, cwd=DIR) for _ in range(6)]
        for process in all_:
            out, err = process.communicate()
            expect(process.returncode == 0 and json.loads(out) == expected and not err, f"at once: {err}")


def committed():
    result = found(os.path.join(SOURCE, "results", "runs"))
    names = [f for f in os.listdir(os.path.join(SOURCE, "results", "runs")) if f.endswith(".json")]
    expect(len(result["runs"]) == len(names), "every committed run is read")


for test in (planted, nothing, machines, outputs, hostile, index, committed):
    test()
print(f"{failures} failures")
sys.exit(failures > 0)
