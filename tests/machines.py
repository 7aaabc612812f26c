#!/usr/bin/env python3
"""machines.py HINGE: what `hinge compare` makes of machines and of settings of one: differences that are planted in
crafted files come back as the factors that they are, columns are matched and named by what tells them apart."""
import copy
import json
import math
import os
import random
import subprocess
import sys
import tempfile

HINGE = sys.argv[1]
DIR = tempfile.mkdtemp()
PARTS = ("frequency", "width", "cores", "cache", "bandwidth", "kernel", "rest")
LEVELS = ("L1", "L2", "L3", "DRAM")
failures = 0


def expect(truth, what):
    global failures
    if not truth:
        failures += 1
        print("FAIL", what)


def run(*arguments):
    done = subprocess.run([HINGE, "compare", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def write(name, value):
    path = os.path.join(DIR, name)
    with open(path, "w") as out:
        json.dump(value, out)
    return path


def compared(*arguments):
    code, out, err = run(*arguments, "--json", os.path.join(DIR, "out.json"))
    if code not in (0, 3):
        expect(False, f"{arguments}: {code} {err}")
        return code, {"machines": [], "rows": []}, out + err
    with open(os.path.join(DIR, "out.json")) as got:
        return code, json.load(got), out + err


# ---- a machine: GHz, flops a cycle and core, and bytes a cycle and core (GB/s of all in L3 and DRAM) of each level
MACHINE = {"ghz": 2.0, "width": 32.0, "cores": 4, "bytes": {"L1": 64.0, "L2": 32.0, "L3": 40.0, "DRAM": 20.0}}
CASES = {"dense_fwd/m:8/n:64/k:64": ("fma", None), "relu_fwd/n:2000": ("load", "L1"), "relu_fwd/n:60000": ("load", "L2"),
         "relu_fwd/n:600000": ("load", "L3"), "relu_fwd/n:6000000": ("load", "DRAM")}


def altered(**changes):
    machine = copy.deepcopy(MACHINE)
    for name, value in changes.items():
        if name in LEVELS:
            machine["bytes"][name] = value
        else:
            machine[name] = value
    return machine


def roof(machine, threads, lane="avx2"):
    cores = min(threads, machine["cores"])
    r = {"isa": lane, "threads": threads, "gflops": machine["ghz"] * machine["width"] * cores, "mhz": 1e3 * machine["ghz"]}
    for level in LEVELS:
        shared = level in ("L3", "DRAM")
        r[f"load_gbps_{level}"] = machine["bytes"][level] * (1.0 if shared else machine["ghz"] * cores)
    return r


def row(case, machine, *, share=0.5, threads=1, lane="avx2", roof_lane=None, bound=None, level=None, ftz=False, cache="hot",
        variant=None):
    kind, where = bound or CASES[case][0], level or CASES[case][1] or "L1"
    flops, size = 1e6, 1e6
    r = roof(machine, threads, roof_lane or lane)
    least = flops / r["gflops"] if kind == "fma" else size / r[f"load_gbps_{where}"]
    name = f"{case}{'/cold' if cache == 'cold' else ''}/threads:{threads}/{variant or lane}"
    return {"name": name, "run_name": name, "run_type": "iteration", "kernel": case.split("/")[0],
            "variant": variant or lane, "impl": lane, "isa": lane, "cache": cache, "threads": threads, "scale": 0.0,
            "flops": flops, "bytes": size, "ftz": ftz, "roof_share": share,
            "bound_by": "compute" if kind == "fma" else "memory", "roof": kind, "level": where,
            "samples": [[least / share] * 3] * 3}


def context(machine, **more):
    return {"hinge_schema": 2, "date": "2026-01-01T00:00:00Z", "cpu": "CPU A", "cpu_model": "family 1", "num_cpus": 8,
            "cores": machine["cores"], "memory_bytes": 8 << 30, "caches": [], "mhz_per_cpu": 1e3 * machine["ghz"],
            "compiler": "gcc 12", "commit": "aaaa", "dirty": False, "onednn": "oneDNN 2.6.3", "thp": "madvise",
            "openmp": {"proc_bind": "close", "places": 4, "region_ns": 1.0}, "ftz": False, "governor": "performance",
            "roofs": [roof(machine, t, lane) for t in (1, 2, 4, 8) for lane in ("avx2", "avx512")], **more}


def result(machine, rows, **more):
    return {"context": context(machine, **more), "benchmarks": rows}


def all_cases(machine, **how):
    return [row(case, machine, **how) for case in CASES]


def near(x, y):
    return x is not None and y is not None and abs(x - y) <= 1e-6 * abs(y)


def sound(out, what):
    """The factors that are known multiply to the speed, of rows and of means."""
    made = [m["made_of"] for m in out["machines"]] + [m for r in out["rows"] for m in r["made_of"]]
    for m in made:
        product = math.prod(m[p] for p in PARTS if m[p] is not None)
        expect(near(product, m["speed"]), f"{what}: factors make {product}, not {m['speed']}: {m}")
    for r in out["rows"]:
        for ns, m in zip(r["ns"], r["made_of"], strict=True):
            expect(near(m["speed"], r["ns"][0] / ns), f"{what}: speed {m['speed']} of {r['ns']}")
    for c, m in enumerate(out["machines"]):
        for p in PARTS:
            known = [r["made_of"][c][p] for r in out["rows"] if r["made_of"][c][p] is not None]
            mean = math.exp(sum(map(math.log, known)) / len(out["rows"])) if known else None
            expect(m["made_of"][p] == mean or near(m["made_of"][p], mean), f"{what}: mean of {p}: {m['made_of'][p]}, {mean}")


def planted(what, a, b, wanted, *arguments):
    """The factors of the only row of two files, each way round; those not named are 1, None: unknown."""
    first, second = write("a.json", a), write("b.json", b)
    code, out, text = compared("--machines", first, second, *arguments)
    sound(out, what)
    expect(code == 0 and len(out["rows"]) == 1, f"{what}: {code}, {text}")
    for p in PARTS:
        got, want = out["rows"][0]["made_of"][1][p], wanted.get(p, 1.0)
        expect(got is None if want is None else near(got, want), f"{what}: {p} is {got}, not {want}")
    back = compared("--machines", second, first, *arguments)[1]["rows"][0]["made_of"][1]
    for p in PARTS:
        want = wanted.get(p, 1.0)
        expect(back[p] is None if want is None else near(back[p], 1.0 / want), f"{what}: back: {p} is {back[p]}")


def pair(case, machine, *, share=0.5, **how):
    a = result(MACHINE, [row(case, MACHINE)])
    return a, result(machine, [row(case, machine, share=share, **how)], cpu="CPU B")


def differences():
    fma, l1, l2, l3, dram = CASES
    planted("frequency", *pair(fma, altered(ghz=2.4)), {"frequency": 1.2})
    planted("half the width", *pair(fma, altered(width=16.0)), {"width": 0.5})
    planted("a slower kernel", *pair(fma, MACHINE, share=0.4), {"kernel": 0.8})
    planted("all of them", *pair(fma, altered(ghz=2.4, width=16.0), share=0.4),
            {"frequency": 1.2, "width": 0.5, "kernel": 0.8})
    planted("frequency in L1", *pair(l1, altered(ghz=2.4)), {"frequency": 1.2})
    planted("wider L2", *pair(l2, altered(ghz=2.4, L2=48.0)), {"frequency": 1.2, "bandwidth": 1.5})
    planted("memory", *pair(dram, altered(ghz=2.4, DRAM=30.0), share=0.25), {"bandwidth": 1.5, "kernel": 0.5})
    planted("the clock does not move L3", *pair(l3, altered(ghz=2.4)), {})
    # L2 holds it there, L3 here: what L2 has over L3, the mean over both machines; then L2's clock is no matter.
    other = altered(L2=64.0, L3=60.0)
    here, there = MACHINE["ghz"] * 32.0 / 40.0, MACHINE["ghz"] * 64.0 / 60.0
    cache = math.sqrt(here * there)
    planted("another level", *pair(l3, other, level="L2"), {"cache": cache, "bandwidth": 2.0 * 64.0 / 40.0 / cache})
    # Bound by arithmetic here, by memory there: the peaks are the same, memory takes the rest.
    peak, memory = MACHINE["ghz"] * MACHINE["width"], MACHINE["bytes"]["L3"]
    planted("bound otherwise", *pair(fma, MACHINE, bound="load", level="L3"), {"bandwidth": memory / peak})
    planted("bound otherwise, faster clock", *pair(fma, altered(ghz=2.5), bound="load", level="L3"),
            {"frequency": 1.25, "bandwidth": memory / (1.25 * peak)})


def unknown():
    fma, _, _, l3, _ = CASES
    a, b = pair(fma, altered(ghz=2.4, width=16.0))
    for r in b["context"]["roofs"]:
        del r["mhz"]
    planted("reported where one did not measure", a, b, {"frequency": 1.2, "width": 0.5})
    text = run("--machines", write("a.json", a), write("b.json", b))[1]
    expect("measured with the roofs of 1, else" in text, text)
    b["context"]["mhz_per_cpu"] = "unknown"
    planted("no frequency", a, b, {"frequency": None, "width": None, "rest": 0.6})
    code, out, text = compared("--machines", write("a.json", a), write("b.json", b))
    expect(out["machines"][1]["flops_per_cycle"] is None and "unknown" in text, out["machines"][1])
    # A card of that CPU knows both; one of another CPU is of no use.
    card = write("card.json", {"context": context(altered(ghz=2.4, width=16.0), cpu="CPU B"), "benchmarks": []})
    planted("a card", a, b, {"frequency": 1.2, "width": 0.5}, "--card", card)
    text = run("--machines", write("a.json", a), write("b.json", b), "--card", card)[2]
    expect(f"b.json: from the card {card}: roofs, mhz_per_cpu" in text and "a.json: from" not in text, text)
    other = write("other.json", {"context": context(MACHINE, cpu="CPU C"), "benchmarks": []})
    code, _, text = run("--machines", write("a.json", a), write("b.json", b), "--card", other)
    expect(code == 65 and "CPU C, family 1: no file is of that CPU" in text, f"{code} {text}")
    twin = write("twin.json", {"context": context(MACHINE, cpu="CPU B", num_cpus=64), "benchmarks": []})
    expect(run("--machines", write("a.json", a), write("b.json", b), "--card", twin)[0] == 65, "a card of more CPUs")

    a, b = pair(fma, altered(ghz=2.4), share=0.4)
    del b["benchmarks"][0]["roof_share"]
    planted("no share", a, b, {p: None for p in PARTS} | {"rest": 1.2 * 0.8})
    a, b = pair(fma, MACHINE, bound="load", level="L3")
    b["context"]["roofs"] = []
    planted("no peak to hold it to", a, b, {p: None for p in PARTS} | {"kernel": 1.0, "rest": 40.0 / 64.0})
    a, b = pair(l3, MACHINE, share=0.25)
    for x in (a, b):
        del x["benchmarks"][0]["level"]
    planted("no level", a, b, {"kernel": 0.5})
    foreign = {"context": {"num_cpus": 2}, "benchmarks": [
        {"name": "BM_x", "run_name": "BM_x", "run_type": "iteration", "real_time": 2.0, "time_unit": "us"}]}
    twice = copy.deepcopy(foreign)
    twice["benchmarks"][0]["real_time"] = 1.0
    planted("Google Benchmark's", foreign, twice, {p: None for p in PARTS} | {"rest": 2.0})


def at_random():
    """Whatever two machines, the factors make the speed."""
    dice = random.Random(1)
    for trial in range(10):
        files = []
        for f in range(3):
            machine = altered(ghz=dice.uniform(1, 5), width=dice.choice((16.0, 32.0, 64.0)), cores=dice.randint(1, 8),
                              **{level: dice.uniform(5, 200) for level in LEVELS})
            rows = [row(case, machine, share=dice.uniform(0.1, 1.0), threads=2, bound=dice.choice(("fma", "load")),
                        level=dice.choice(LEVELS)) for case in CASES]
            files.append(write(f"random{f}.json", result(machine, rows, cpu=f"CPU {f}")))
        code, out, _ = compared("--machines", *files)
        expect(code == 0 and len(out["rows"]) == len(CASES), f"trial {trial}: {code}")
        sound(out, f"trial {trial}")
        expect(all(p == "rest" or x["made_of"][2][p] is not None for x in out["rows"] for p in PARTS), "all is known")


# ---- settings
def settings():
    a = write("gcc.json", result(MACHINE, all_cases(MACHINE)))
    clang = write("clang.json", result(MACHINE, all_cases(MACHINE, share=0.25), compiler="clang 14"))
    code, out, text = compared(a, clang)
    expect(code == 3 and "of one machine with other settings (gcc 12; clang 14): compared as settings" in text, text)
    expect([m["name"] for m in out["machines"]] == ["gcc 12", "clang 14"] and len(out["rows"]) == 5, out["machines"])
    expect(near(out["machines"][1]["made_of"]["kernel"], 0.5) and near(out["machines"][1]["speed"], 0.5), out["machines"])
    expect("differs   compiler: gcc 12 -> clang 14" in text, text)
    sound(out, "compilers")
    expect(run("--machines", a, clang)[0] == 0, "asked for, it is no failure")
    code, out, err = run("--force", a, clang)
    expect(code == 1 and "REGRESSED" in out and not err, f"--force judges: {code} {err}")
    later = write("later.json", result(MACHINE, all_cases(MACHINE, share=0.25), compiler="clang 14", commit="bbbb"))
    expect("REGRESSED" in run(a, later)[1], "another commit is another version")
    for name, value, label in (("thp", "always", "thp madvise"), ("ftz", True, "ftz false"),
                               ("openmp", {"proc_bind": "spread", "places": 4}, "proc_bind close")):
        other = write("other.json", result(MACHINE, all_cases(MACHINE), **{name: value}))
        code, out, text = compared(a, other)
        expect(code == 3 and out["machines"][0]["name"] == label, f"{name}: {out['machines']}")
    seed = write("seed.json", result(MACHINE, all_cases(MACHINE), seed="2"))
    expect("0 regressed" in run(a, seed)[1] and "as settings" not in run(a, seed)[2], "another seed is no setting")


def lanes():
    """What is in the names of rows tells columns apart where it is the only one of each file."""
    wide = altered(width=64.0)
    fma = next(iter(CASES))
    a = write("avx2.json", result(MACHINE, [row(fma, MACHINE)]))
    b = write("avx512.json", result(wide, [row(fma, wide, lane="avx512", share=0.4)]))
    code, out, text = compared(a, b)
    expect(code == 3 and [m["name"] for m in out["machines"]] == ["avx2", "avx512"], text)
    expect(out["rows"][0]["name"] == f"{fma}/threads:1" and near(out["rows"][0]["made_of"][1]["width"], 2.0), out["rows"])
    two = write("two.json", result(MACHINE, [row(fma, MACHINE, threads=2, share=0.45)]))
    code, out, text = compared(a, two)
    expect([m["name"] for m in out["machines"]] == ["1 thread", "2 threads"], text)
    expect(near(out["rows"][0]["made_of"][1]["cores"], 2.0) and near(out["machines"][1]["efficiency"], 0.9), out)
    # Beyond the cores there are no more of them.
    eight = write("eight.json", result(MACHINE, [row(fma, MACHINE, threads=8)]))
    out = compared(a, two, eight)[1]
    expect(near(out["rows"][0]["made_of"][2]["cores"], 4.0) and near(out["machines"][2]["efficiency"], 0.5), out)
    dram = list(CASES)[-1]
    hot, cold = (write(f"{c}.json", result(MACHINE, [row(list(CASES)[1], MACHINE, cache=c, level=level)]))
                 for c, level in (("hot", "L1"), ("cold", "DRAM")))
    code, out, _ = compared(hot, cold)
    made = out["rows"][0]["made_of"][1]
    expect([m["name"] for m in out["machines"]] == ["hot", "cold"] and near(made["cache"], 20.0 / 128.0)
           and near(made["bandwidth"], 1.0), made)
    flushed = write("ftz.json", result(MACHINE, [row(dram, MACHINE, ftz=True, share=1.0)], ftz=True))
    code, out, _ = compared(write("plain.json", result(MACHINE, [row(dram, MACHINE)])), flushed)
    expect([m["name"] for m in out["machines"]] == ["no FTZ", "FTZ"] and near(out["machines"][1]["speed"], 2.0), out)
    # Several lanes: rows are matched by their names as they are.
    both = write("both.json", result(MACHINE, [row(fma, MACHINE), row(fma, wide, lane="avx512")]))
    expect("regressed" in run(a, both)[1], "not the only lane")


def by():
    wide = altered(width=64.0)
    rows = [row(case, m, lane=lane, threads=t, share=0.5 if t == 1 else 0.4)
            for case in CASES for t in (4, 1, 2) for lane, m in (("avx512", wide), ("avx2", MACHINE))]
    rows += [row(case, MACHINE, variant="avx2+ftz", ftz=True, share=1.0) for case in CASES]
    rows += [row(case, MACHINE, variant="dnnl-plain") for case in CASES]
    one = write("one.json", result(MACHINE, rows))
    code, out, text = compared(one, "--by", "isa")
    expect(code == 0 and [m["name"] for m in out["machines"]] == ["avx2", "avx512"] and len(out["rows"]) == 15, text)
    out = compared(one, "--by", "isa", "--variant", "avx2,dnnl-plain")[1]
    expect([m["name"] for m in out["machines"]] == ["avx2", "dnnl-plain"] and len(out["rows"]) == 5, out["machines"])
    code, out, text = compared(one, "--by", "threads", "--variant", "avx512")
    expect([m["name"] for m in out["machines"]] == ["1 thread", "2 threads", "4 threads"], out["machines"])
    expect("effic." in text and "efficiency" in text and text.count("relu_fwd/n:2000") == 3, text)
    scaled = next(r for r in out["rows"] if r["name"].startswith("dense"))
    expect(near(scaled["made_of"][2]["cores"], 4.0) and near(scaled["made_of"][2]["kernel"], 0.8), scaled)
    sound(out, "--by threads")
    out = compared(one, "--by", "ftz")[1]
    expect([m["name"] for m in out["machines"]] == ["no FTZ", "FTZ"] and len(out["rows"]) == 5
           and near(out["machines"][1]["speed"], 2.0), out["machines"])
    code, text, _ = run(one, "--by", "isa", "--markdown", "-")
    expect(code == 0 and text.startswith("### hinge compare: machines") and "| frequency | width |" in text
           and text.count("<details>") == text.count("</details>") == 1, text[:300])


def refused():
    fma = next(iter(CASES))
    a = write("a.json", result(MACHINE, [row(fma, MACHINE)]))
    for code, text, arguments in (
            (64, "--by: name one result file", [a, a, "--by", "isa"]), (64, "--by lanes: not isa", [a, "--by", "lanes"]),
            (64, "or one and --by", [a]), (64, "--by has no verdicts", [a, "--by", "isa", "--junit", "x.xml"]),
            (64, "--card explains machines", [a, a, "--card", a, "--force"]),
            (65, "--by isa: its rows are all of avx2", [a, "--by", "isa"]),
            (65, "no row was asked for", [a, "--by", "isa", "--filter", "none"]),
            (65, "at every value of --by threads",
             [write("apart.json", result(MACHINE, [row(fma, MACHINE), row(list(CASES)[1], MACHINE, threads=2)])),
              "--by", "threads"]),
            (66, "none.json", [a, a, "--machines", "--card", "none.json"])):
        got, _, err = run(*arguments)
        expect(got == code and text in err and err.count("\n") <= 4, f"{arguments[1:]}: {got}, {err[:300]}")


for test in (differences, unknown, at_random, settings, lanes, by, refused):
    test()
subprocess.run(["rm", "-rf", DIR], check=True)
print(failures, "failures")
sys.exit(2 if failures else 0)
