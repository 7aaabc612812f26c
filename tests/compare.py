#!/usr/bin/env python3
"""compare.py HINGE: what `hinge compare` says of crafted files: verdicts, exit codes, outputs, refusals."""
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import xml.dom.minidom

HINGE = sys.argv[1]
failures = 0
DIR = tempfile.mkdtemp()


def expect(truth, what):
    global failures
    if not truth:
        failures += 1
        print("FAIL", what)


def run(*arguments):
    done = subprocess.run([HINGE, "compare", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def path(name):
    return os.path.join(DIR, name)


def write(name, value):
    with open(path(name), "w") as out:
        out.write(value if isinstance(value, str) else json.dumps(value))
    return path(name)


CONTEXT = {
    "hinge_schema": 2, "date": "2026-01-01T00:00:00Z", "cpu": "CPU A", "cpu_model": "family 1", "num_cpus": 2,
    "cores": 2, "memory_bytes": 8 << 30, "caches": [{"type": "Data", "level": 1, "size": 32768, "num_sharing": 1}],
    "mhz_per_cpu": 2000.0, "compiler": "gcc 12", "commit": "aaaa", "dirty": False, "onednn": "oneDNN 2.6.3",
    "openmp": {"proc_bind": "close", "region_ns": 1.0}, "thp": "madvise", "ftz": False, "governor": "performance",
}


def row(case, variant, samples, impl=None, **more):
    name = f"{case}/threads:1/{variant}"
    return {"name": name, "run_name": name, "run_type": "iteration", "kernel": case.split("/")[0], "variant": variant,
            "impl": impl or variant, "isa": "avx2", "cache": "hot", "threads": 1, "scale": 0.0, "flops": 1e5,
            "bytes": 1e4, "roof_share": 0.5, "samples": samples, **more}


def wrong(case, variant, message):
    bad = row(case, variant, None, error_occurred=True, error_message=message)
    del bad["samples"]
    return bad


def processes(dice, ns, forks, noise):
    """Each process has its own place, each sample its own disturbance."""
    return [[ns * math.exp(place) * (1.0 + abs(dice.gauss(0, noise / 4))) for _ in range(9)]
            for place in (dice.gauss(0, noise) for _ in range(forks))]


def build(seed, *, cases=12, forks=5, noise=0.002, drift=0.0, slower=None, context=None, extra=(), **impl):
    """A file of hinge: a lane and two forms of oneDNN a case. slower: case -> factor of the lane."""
    dice = random.Random(seed)
    rows = []
    for c in range(cases):
        case, ns = f"relu_fwd/n:{64 << c}", 100.0 * 1.7 ** c * (1.0 + drift)
        rows.append(row(case, "avx2", processes(dice, ns * (slower or {}).get(c, 1.0), forks, noise)))
        rows += [row(case, form, processes(dice, 2.0 * ns, forks, noise), impl.get("impl", "jit:avx2"))
                 for form in ("dnnl-plain", "dnnl-matmul")]
    return {"context": {**CONTEXT, **(context or {})}, "benchmarks": rows + list(extra)}


OLD = write("old.json", build(1))


def compared(*arguments):
    code, out, err = run(*arguments, "--json", path("out.json"))
    with open(path("out.json")) as got:
        return code, json.load(got)["comparisons"], out + err


# ---- verdicts and exit codes
def verdicts():
    code, (c,), _ = compared(OLD, write("same.json", build(2)))
    expect(code == 0 and c["counts"] == {"regressed": 0, "improved": 0, "unchanged": 12, "inconclusive": 0},
           f"the same code: {code}, {c['counts']}")
    expect(c["noise"]["controls"] == 24 and c["noise"]["cases"] == 12 and not c["noise"]["assumed"], c["noise"])

    code, (c,), out = compared(OLD, write("slow.json", build(3, slower={3: 1.08, 5: 1 / 1.1})))
    by_name = {r["name"]: r for r in c["rows"]}
    slow, fast = by_name["relu_fwd/n:512/threads:1/avx2"], by_name["relu_fwd/n:2048/threads:1/avx2"]
    expect(code == 1 and slow["verdict"] == "regressed" and fast["verdict"] == "improved", f"{code} {c['counts']}")
    expect(slow["interval"][0] < 1.08 < slow["interval"][1] and slow["p_adjusted"] < 0.05, slow)
    expect(slow["bootstrap"][0] > 1.05 and slow["p_rank"] < 0.01 and slow["detectable"] < 1.05, slow)
    expect(by_name["relu_fwd/n:64/threads:1/dnnl-plain"]["verdict"] == "control", "controls are not judged")
    lines = out.splitlines()
    expect([line.split()[0] for line in lines if "/avx2" in line] == ["REGRESSED", "improved"], "changed rows alone")
    expect(len([line for line in run("-v", OLD, path("slow.json"))[1].splitlines() if "/threads:1/" in line]) == 36,
           "-v shows every row")

    # The whole machine is 20 % slower: nobody's fault.
    code, (c,), out = compared(OLD, write("drift.json", build(4, drift=0.2)))
    expect(code == 0 and c["counts"]["unchanged"] == 12, f"drift: {code} {c['counts']}")
    expect(abs(c["noise"]["drift"] - 1.2) < 0.01 and "that is the machine" in out, c["noise"])

    # Loud: nothing to be said, and said so. With a threshold that the noise allows it is.
    loud = write("loud.json", build(5, noise=0.03))
    code, (c,), _ = compared(OLD, loud)
    expect(code == 3 and c["counts"]["regressed"] == 0 and c["counts"]["inconclusive"] > 0, f"{code} {c['counts']}")
    expect(run("--min-effect", "20%", OLD, loud)[0] == 0, "20 % is not there")
    # A few that may be slower by more than 1 %: 3. None that may: improved ones are no reason.
    expect(run(OLD, write("faster.json", build(6, slower={i: 0.8 for i in range(12)})))[0] == 0, "all faster")

    bad = write("wrong.json", build(7, slower={3: 1.5}, extra=[wrong("relu_fwd/n:1", "avx2", "y[3]: got 1, want <2>")]))
    code, (c,), out = compared(OLD, bad)
    expect(code == 2 and c["wrong"] == ["relu_fwd/n:1/threads:1/avx2"] and "want <2>" in out, f"wrong: {code}")

    # Versions: each against the first; the gravest decides.
    code, both, _ = compared(OLD, path("same.json"), path("slow.json"))
    expect(code == 1 and [c["counts"]["regressed"] for c in both] == [0, 1], f"three files: {code}")


def calibration():
    alone = build(8)
    alone["benchmarks"] = [r for r in alone["benchmarks"] if r["variant"] == "avx2"]
    a = write("alone_a.json", alone)
    slow = build(9, slower={3: 1.15})
    slow["benchmarks"] = [r for r in slow["benchmarks"] if r["variant"] == "avx2"]
    b = write("alone_b.json", slow)
    code, (c,), out = compared(a, b)
    expect(code == 1 and c["noise"]["assumed"] and "is assumed" in out and c["counts"]["unchanged"] == 0, c["noise"])
    runs = [write(f"run{i}.json", build(20 + i)) for i in range(3)]
    code, (c,), _ = compared(a, b, *(x for r in runs for x in ("--calibration", r)))
    expect(code in (1, 3) and not c["noise"]["assumed"] and c["noise"]["calibration_pairs"] == 2, c["noise"])
    other = write("other_commit.json", build(30, context={"commit": "bbbb"}))
    expect(run(a, b, "--calibration", runs[0], "--calibration", other)[0] == 65, "calibration of two builds")
    expect(run(a, b, "--calibration", runs[0])[0] == 64, "one calibration run")

    # One process a side: the controls' single processes say what that is worth, or nobody does.
    one, two = build(10, forks=1), build(11, forks=1, slower={3: 1.5})
    code, (c,), _ = compared(write("one.json", one), write("two.json", two))
    expect(code == 1 and c["noise"]["one_process"]["rows"] == 24 and c["noise"]["several_processes"] is None, c["noise"])
    for f in (one, two):
        f["benchmarks"] = [r for r in f["benchmarks"] if r["variant"] == "avx2"]
    code, (c,), out = compared(write("one.json", one), write("two.json", two))
    expect(code == 3 and c["counts"]["inconclusive"] == 12 and c["rows"][0]["interval"] == [None, None], c["counts"])
    expect("[?, ?]" in out, "no interval is invented")
    # Schema 1 says the same as one process of schema 2.
    for f, name in ((one, "one.json"), (two, "two.json")):
        f["context"]["hinge_schema"] = 1
        for r in f["benchmarks"]:
            r["samples"] = r["samples"][0]
        write(name, f)
    expect(compared(path("one.json"), path("two.json"))[1][0]["rows"] == c["rows"], "schema 1")


def libraries():
    code, (c,), out = compared(OLD, write("impl.json", build(12, impl="gemm:ref")))
    expect(len(c["implementations"]) == 24 and c["noise"]["controls"] == 0 and "jit:avx2 -> gemm:ref" in out, out[:400])
    code, (c,), out = compared(OLD, write("onednn.json", build(13, context={"onednn": "oneDNN 3.4"})))
    expect(c["noise"]["controls"] == 0 and "onednn: oneDNN 2.6.3 -> oneDNN 3.4" in out, "another oneDNN calibrates nothing")
    code, (c,), _ = compared("--variant", "dnnl-plain", OLD, path("same.json"))
    judged = [r for r in c["rows"] if r["verdict"] != "control"]
    expect(len(judged) == 12 and all(r["name"].endswith("dnnl-plain") for r in judged), "--variant")
    code, (c,), _ = compared("--filter", "n:(64|128)/", OLD, path("slow.json"))
    expect(code == 0 and sum(c["counts"].values()) == 2 and c["noise"]["controls"] == 24, "--filter leaves controls")


def rest():
    fewer = build(14)
    del fewer["benchmarks"][0]
    fewer["benchmarks"].append(row("relu_bwd/n:64", "avx2", [[1.0]]))
    fewer["benchmarks"][2] = wrong("relu_fwd/n:128", "avx2", "not sampled")
    code, (c,), out = compared(OLD, write("fewer.json", fewer))
    expect(c["only_old"] == ["relu_fwd/n:64/threads:1/avx2"] and c["only_new"] == ["relu_bwd/n:64/threads:1/avx2"]
           and c["untimed"] == ["relu_fwd/n:128/threads:1/avx2"] and code == 0, c)
    for text in ("only in the old file: relu_fwd/n:64/", "only in the new file: relu_bwd", "not timed in both files: relu"):
        expect(text in out, text)
    settings = write("settings.json", build(15, context={"commit": "bbbb", "compiler": "clang 14", "thp": "always", "ftz": True,
                                                         "openmp": {"proc_bind": "false", "region_ns": 9.0}}))
    out = run(OLD, settings)[1]
    for text in ("compiler: gcc 12 -> clang 14", "thp: madvise -> always", "ftz: false -> true", "proc_bind: close -> false"):
        expect(text in out, text)
    expect("region_ns" not in out and "9.0" not in out.split("noise")[0], "what is measured is no setting")


def machines():
    other = {"cpu": "CPU B", "mhz_per_cpu": 4000.0}
    fast = build(16, context=other)
    for r in fast["benchmarks"]:
        r["samples"] = [[x / 2.0 for x in f] for f in r["samples"]]
    b = write("machine_b.json", fast)
    code, out, err = run(OLD, b)
    expect(code == 3 and "different machines (cpu: CPU A, CPU B)" in err and "CPU B" in out, f"refused: {code} {err}")
    expect(run(OLD, b, "--junit", path("x.xml"))[0] == 65, "no verdicts for JUnit")
    expect(run("--force", OLD, b)[0] in (0, 3) and "MACHINE   cpu: CPU A -> CPU B" in run("--force", OLD, b)[1], "--force")
    expect(run("--machines", OLD, b, "--json", path("m.json"))[0] == 0, "--machines")
    with open(path("m.json")) as got:
        m = json.load(got)
    a, b_ = m["machines"]
    expect(abs(b_["speed"] - 2.0) < 0.02 and b_["rank"] == 1 and a["rank"] == 2 and a["speed"] == 1.0, m["machines"])
    expect(b_["interval"][0] < b_["speed"] < b_["interval"][1], b_)
    expect(abs(b_["gflops_per_core"] / a["gflops_per_core"] - 2.0) < 0.02, "per core")
    expect(abs(b_["flops_per_cycle"] / a["flops_per_cycle"] - 1.0) < 0.02 and a["roof_share"] == 0.5, "per cycle")
    expect(len(m["rows"]) == 12 and len(m["rows"][0]["ns"]) == 2, "row by row")
    expect(run("-v", "--machines", OLD, b)[1].count("relu_fwd") == 24, "-v has the rows, their times and factors")
    # Kernels keep a little of the memory for themselves.
    expect(run(OLD, write("memory.json", build(2, context={"memory_bytes": (8 << 30) - (50 << 20)})))[0] == 0, "memory")
    expect("memory: 8.0 GiB, 16.0 GiB" in
           run(OLD, write("memory.json", build(2, context={"memory_bytes": 16 << 30})))[2], "twice the memory")
    expect(run("--machines", OLD, write("none.json", {"context": CONTEXT, "benchmarks": []}))[0] == 65, "nothing common")


def outputs():
    hostile = "relu_fwd/a|b<script>alert(1)</script>`*x*@everyone[l](http://e)&\u001b[31m"
    files = []
    for i, factor in enumerate((1.0, 1.5)):
        f = build(40 + i, extra=[row(hostile, "avx2", processes(random.Random(i), 100.0 * factor, 5, 0.002)),
                                 wrong(hostile + "2", "avx2", "got ]]> \ufffe \u0001")])
        files.append(write(f"hostile{i}.json", f))
    code, out, _ = run(*files, "--markdown", "-")
    expect(code == 2 and out.startswith("### hinge compare: 1 regressed, 0 improved, 12 unchanged"), out[:200])
    line = next(x for x in out.splitlines() if "**regressed**" in x)
    expect(line.count("|") == 8 and "<script" not in out and "`" not in line and "@" not in line and "[l]" not in line
           and "\x1b" not in out, line)
    expect("<details>" in out and out.rstrip().endswith("</details>"), "folded")
    expect("\x1b" not in run("-v", *files)[1], "no name steers the terminal")
    expect(run(*files, "--junit", path("j.xml"))[0] == 2, "junit")
    suite = xml.dom.minidom.parse(path("j.xml")).getElementsByTagName("testsuite")[0]
    failed = [c for c in suite.getElementsByTagName("testcase") if c.getElementsByTagName("failure")]
    expect(suite.getAttribute("name") == "hinge compare" and len(failed) == 2, f"{len(failed)} failures in JUnit")
    code, out, _ = run(*files, "--json", "-")
    expect(json.loads(out)["comparisons"][0]["counts"]["regressed"] == 1, "--json -")
    expect(run(*files, "--json", "-", "--markdown", "-")[0] == 64, "two at once")
    expect(run(*files, "--json", "/no/such/folder/x")[0] == 73, "cannot write")


def foreign():
    def google(factor):
        return {"context": {"date": "x", "num_cpus": 2}, "benchmarks": [
            {"name": "BM_x", "run_name": "BM_x", "run_type": "iteration", "real_time": factor * (1.0 + 0.01 * i),
             "time_unit": "us"} for i in range(5)]}
    code, (c,), out = compared(write("g1.json", google(1.0)), write("g2.json", google(2.0)))
    # Repetitions of one process are no processes.
    expect(code == 3 and c["rows"][0]["old_processes"] == 1 and "of Google Benchmark" in out, f"{code}")
    expect(abs(c["rows"][0]["ratio"] - 2.0) < 1e-6, c["rows"][0])


def usage():
    for code, text, arguments in (
            (64, "two result files", [OLD]), (64, "two result files", []),
            (64, "--min-effect x", [OLD, OLD, "--min-effect", "x"]), (64, "--min-effect -1", [OLD, OLD, "--min-effect=-1"]),
            (64, "--min-effect nan", [OLD, OLD, "--min-effect", "nan"]), (64, "--filter", [OLD, OLD, "--filter", "("]),
            (64, "no row that was asked for", [OLD, OLD, "--filter", "^none$"]),
            (64, "no row that was asked for", [OLD, OLD, "--variant", "none"]),
            (64, "--machines has no verdicts", [OLD, OLD, "--machines", "--force"]),
            (64, "more than 64", [OLD] * 65), (66, "none.jsn", [OLD, path("none.jsn")]), (66, "folder", [OLD, DIR]),
            (66, "not a regular file", [OLD, "/dev/zero"]), (65, "is empty", [OLD, write("empty.json", "")]),
            (65, "not JSON", [OLD, write("cut.json", json.dumps(build(1))[:5000])]),
            (65, "duplicate object key", [OLD, write("twice.json", '{"context": {}, "context": {}}')]),
            (65, "not a result file", [OLD, write("results.json", '{"results": []}')]),
            (65, "hinge_schema 9", [OLD, write("schema.json", {"context": {"hinge_schema": 9}, "benchmarks": []})])):
        got, out, err = run(*arguments)
        expect(got == code and text in err and err.count("\n") <= 4, f"{arguments[-1:]}: {got}, {err[:300]}")
    with open(path("big.json"), "w") as big:
        big.truncate(100 << 20)
    got, _, err = run(OLD, path("big.json"))
    expect(got == 65 and "104857600 bytes" in err, err)


for test in (verdicts, calibration, libraries, rest, machines, outputs, foreign, usage):
    test()
subprocess.run(["rm", "-rf", DIR], check=True)
print(failures, "failures")
sys.exit(2 if failures else 0)
