#!/usr/bin/python3
"""results.py HINGE SCHEMA: freshly written result files obey results/schema.json, and so do those of results/runs
beside it, whatever their version; a reader of Google Benchmark's JSON finds what it looks for, and the schema refuses
broken files. Exit 77: no python3-jsonschema here."""
import copy
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
    print("SKIPPED: python3-jsonschema is not installed")
    sys.exit(77)

hinge, schema_file = sys.argv[1:3]
schema = json.loads(Path(schema_file).read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
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


def obeys(name, document):
    for error in validator.iter_errors(document):
        expect(False, f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message:.200}")


def bench(*args):
    return run("bench", "--budget", "20s", "--forks", "4", *args)


def run(*args):
    done = subprocess.run([hinge, *args], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"FAIL hinge {' '.join(args)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def read_as_google_benchmark(name, document):
    """What benchmark's own tools (compare.py, report.py) take from a file."""
    expect(isinstance(document["context"]["num_cpus"], int), f"{name}: num_cpus")
    for row in document["benchmarks"]:
        for key in ("name", "run_name", "run_type", "iterations", "time_unit"):
            expect(key in row, f"{name}: a row without {key}")
        timed = "error_occurred" not in row
        for key in ("real_time", "cpu_time"):
            expect(isinstance(row[key], (int, float)), f"{name}: {row['name']}: {key}")
            expect(row[key] > 0 or not timed, f"{name}: {row['name']}: {key} is {row[key]}")
    names = [row["name"] for row in document["benchmarks"]]
    expect(len(set(names)) == len(names), f"{name}: two rows of one name")


# The 0.975 quantile of Student's t, from tables.
STUDENT = {1: 12.706205, 2: 4.302653, 3: 3.182446, 4: 2.776445, 5: 2.570582, 6: 2.446912, 7: 2.364624, 8: 2.306004,
           9: 2.262157, 11: 2.200985, 19: 2.093024}


def near(x, y, relative=1e-6):
    return abs(x - y) <= relative * abs(y)


def mean_over_forks(values):
    """The geometric mean and its interval, None with one value or where the table has no t."""
    logs = [math.log(x) for x in values]
    at = statistics.fmean(logs)
    t = STUDENT.get(len(values) - 1)
    if t is None:
        return math.exp(at), None
    half = t * statistics.stdev(logs) / math.sqrt(len(values))
    return math.exp(at), (math.exp(at - half), math.exp(at + half))


def agrees(name, row, target):
    """Fields that follow from one another."""
    if "error_occurred" in row:
        return
    what = f"{name}: {row['name']}"
    forks = row["samples"]
    samples = sorted(x for fork in forks for x in fork)
    expect(row["min"] == samples[0], f"{what}: min")
    expect(samples[0] <= row["median"] <= samples[-1], f"{what}: median")
    expect(row["real_time_ns"] == row["median"], f"{what}: time")
    shape = [len(fork) for fork in forks]
    for key in ("cpu_ns", "switches"):
        expect([len(fork) for fork in row.get(key, forks)] == shape, f"{what}: {key} has other rounds than samples")
    for key in ("stolen_ns", "placement"):
        expect(len(row[key]) == len(forks), f"{what}: {key} has other forks than samples")
    expect(any(any(fork) for fork in row.get("switches", [[1]])), f"{what}: switches that are all 0")
    at, interval = mean_over_forks([statistics.median(fork) for fork in forks])
    expect(near(row["median"], at), f"{what}: median {row['median']}, over forks {at}")
    if len(forks) == 1:
        expect(row["interval"] is None and row["half_width"] is None, f"{what}: an interval of one fork")
    elif interval:
        expect(near(row["interval"]["lo"], interval[0]) and near(row["interval"]["hi"], interval[1]),
               f"{what}: interval {row['interval']}, by Student's t {interval}")
        expect(near(row["half_width"], interval[1] / at - 1, 1e-4), f"{what}: half width")
    expect(row["met_target"] == (row["half_width"] is not None and row["half_width"] <= target), f"{what}: met_target")
    expect(abs(row["gflops"] * row["median"] - row["flops"]) <= 1e-6 * row["flops"] + 1e-6, f"{what}: gflops")
    expect((row["roof"] == "fma") == (row["bound_by"] == "compute"), f"{what}: roof")
    if "vs_onednn" in row:
        vs = row["vs_onednn"]
        expect(vs["lo"] <= vs["ratio"] <= vs["hi"], f"{what}: its interval against oneDNN")
        expect(vs["forks"] == len(forks), f"{what}: forks against oneDNN")


def pairs_agree(name, rows):
    """Ratios to oneDNN are medians over rounds of pairs, then over forks."""
    checked = 0
    for row in rows:
        vs, case = row.get("vs_onednn"), row["name"].rsplit("/", 1)[0]
        twins = [r for r in rows if r["name"].startswith(case + "/dnnl-") and "samples" in r and "fell_out" not in r]
        if not vs or len(twins) != 1 or len(row["samples"]) < 2:
            continue
        pairs = zip(row["samples"], twins[0]["samples"], strict=True)
        at, interval = mean_over_forks([statistics.median(y / x for x, y in zip(*fork, strict=True)) for fork in pairs])
        what = f"{name}: {row['name']} against oneDNN"
        expect(near(vs["ratio"], at), f"{what}: {vs['ratio']}, from its samples {at}")
        if interval:
            expect(near(vs["lo"], interval[0]) and near(vs["hi"], interval[1]), f"{what}: {vs}, from its samples {interval}")
        checked += 1
    return checked


def without(path):
    def change(document):
        for key in path[:-1]:
            document = document[key]
        del document[path[-1]]

    return change


def put(path, value):
    def change(document):
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = value

    return change


BROKEN = {
    "no context": without(["context"]),
    "no rows": without(["benchmarks"]),
    "another schema": put(["context", "hinge_schema"], 3),
    "a new file that calls itself an old one": put(["context", "hinge_schema"], 1),
    "no sampling": without(["context", "sampling"]),
    "no target": without(["context", "sampling", "target"]),
    "CPUs of no team": put(["context", "threads_to_cpus"], {"all": [0]}),
    "samples as of version 1": put(["benchmarks", 0, "samples"], [1.0, 2.0]),
    "a fork without samples": put(["benchmarks", 0, "samples"], [[1.0], []]),
    "a sample of no time": put(["benchmarks", 0, "samples"], [[0.0]]),
    "no interval": without(["benchmarks", 0, "interval"]),
    "half an interval": put(["benchmarks", 0, "interval"], {"lo": 1.0}),
    "no CPU times": without(["benchmarks", 0, "cpu_ns"]),
    "a placement beyond its page": put(["benchmarks", 0, "placement"], [[4096]]),
    "switches as of version 1": put(["benchmarks", 0, "switches"], 0),
    "no commit": without(["context", "commit"]),
    "rows without a grid": without(["context", "grid"]),
    "an empty text": put(["context", "cpu"], ""),
    "a seed as a number": put(["context", "seed"], 1),
    "a field that nobody knows": put(["benchmarks", 0, "colour"], "red"),
    "a row without a name": without(["benchmarks", 0, "name"]),
    "a row without a time": without(["benchmarks", 0, "real_time_ns"]),
    "a time that is null": put(["benchmarks", 0, "real_time"], None),
    "a time of zero": put(["benchmarks", 0, "median"], 0),
    "no samples": put(["benchmarks", 0, "samples"], []),
    "an error with a time": put(["benchmarks", 0, "error_occurred"], True),
    "seconds": put(["benchmarks", 0, "time_unit"], "s"),
    "a roof that nobody measured": put(["benchmarks", 0, "roof"], "disk"),
    "a row without its roof": without(["benchmarks", 0, "roof"]),
    "half a shape": without(["benchmarks", 0, "shape", "m"]),
    "no implementation": put(["benchmarks", 0, "impl"], ""),
    "a cold row named as a hot one": put(["benchmarks", 0, "cache"], "cold"),
    "a hot row of two copies": put(["benchmarks", 0, "copies"], 2),
    "a level that no machine has": put(["benchmarks", 0, "level"], "L9"),
}

with tempfile.TemporaryDirectory() as scratch:
    info = Path(scratch, "info.json")
    kernel = Path(scratch, "kernel.json")
    chain = Path(scratch, "chain.json")
    run("info", "--no-roofs", "--json", str(info))
    table = bench("--kernel", "relu_fwd", "--filter", "n:2000$", "--json", str(kernel))
    threads, single = Path(scratch, "threads.json"), Path(scratch, "single.json")
    bench("--kernel", "relu_fwd", "--filter", "n:2000$", "--threads", "1,2", "--json", str(threads))
    said = bench("--kernel", "relu_fwd", "--filter", "n:2000$", "--forks", "1", "--target", "0.0001%", "--json", str(single))
    expect("missed the target of 0.0001 %" in said, "rows that missed the target are not said to")
    bench("--depth", "2", "--width", "64", "--batch", "1", "--scale", "1", "--seed", "18446744073709551615", "--json", str(chain))
    peers = Path(scratch, "peers.json")
    bench("--kernel", "dense_fwd", "--filter", "/m:8/n:64/k:64/relu$", "--peers", "--json", str(peers))
    triad = Path(scratch, "relu_bwd.json")
    bench("--kernel", "relu_bwd", "--filter", "n:2000$", "--json", str(triad))
    paths = [info, kernel, chain, peers, triad, threads, single]
    for name in ("axpy", "dot_fwd"):
        paths.append(Path(scratch, name + ".json"))
        bench("--kernel", name, "--filter", "n:2000(/|$)", "--json", str(paths[-1]))
        paths.append(Path(scratch, name + "-cold.json"))
        bench("--kernel", name, "--filter", "n:2000(/|$)", "--cold", "--json", str(paths[-1]))
    shared = ("--kernel", "relu_fwd", "--filter", "n:(2000|16384)$", "--forks", "1", "--json", str(Path(scratch, "shared.json")))
    for k in (1, 2):
        bench(*shared, "--share", f"{k}/2")
        paths.append(Path(scratch, f"shared.{k}-of-2.json"))
    run("gather", *map(str, paths[-2:]), "-o", str(Path(scratch, "gathered.json")))
    bench(*shared, "--per-host")
    paths += [Path(scratch, "gathered.json"), *(path for path in Path(scratch).glob("shared.*.json") if path not in paths)]
    documents = {}
    for path in paths:
        documents[path.stem] = strict(path.read_text())
    documents["stdout"] = strict(run("info", "--no-roofs", "--json", "-"))

paired = 0
for name, document in documents.items():
    obeys(name, document)
    read_as_google_benchmark(name, document)
    rows = document["benchmarks"]
    for row in rows:
        agrees(name, row, document["context"]["sampling"]["target"])
    sampling = document["context"].get("sampling", {"missed": []})
    missed = {r["name"] for r in rows if not r.get("met_target", True) and "fell_out" not in r}
    expect(set(sampling["missed"]) == missed, f"{name}: missed the target: {missed ^ set(sampling['missed'])}")
    paired += pairs_agree(name, rows)
expect(paired >= 2, f"{paired} ratios were held to their samples")
for row in documents["kernel"]["benchmarks"]:
    if "samples" in row and "fell_out" not in row:
        expect(len(row["samples"]) >= 3, f"{row['name']}: {len(row['samples'])} forks in 20 s")
context = documents["threads"]["context"]
expect({key: len(cpus) for key, cpus in context["threads_to_cpus"].items()} == {"1": 1, "2": 2},
       f"where two teams ran: {context['threads_to_cpus']}")
expect(len(set(context["threads_to_cpus"]["2"])) == min(2, context["cpus_allowed"]), "two threads on one CPU")
one = documents["single"]["benchmarks"]
expect(all(len(r["samples"]) == 1 for r in one if "samples" in r), "--forks 1 has more")
expect(documents["info"]["benchmarks"] == [], "info has rows")
card = documents["info"]["context"]
for kind, count in {"Core": card["cores"], "Package": card["packages"], "NUMANode": card["numa_nodes"]}.items():
    expect(sum(o["type"] == kind for o in card["topology"]) == count, f"{count} of {kind}")
for cache in card["caches"]:
    kind = {"Data": "L1d", "Instruction": "L1i"}.get(cache["type"], f"L{cache['level']}")
    first = next(o for o in card["topology"] if o["type"] == kind)
    cpus = [part.split("-") for part in first["cpus"].split(",")]
    shared = sum(int(part[-1]) - int(part[0]) + 1 for part in cpus)
    expect((first["bytes"], shared) == (cache["size"], cache["num_sharing"]), f"{kind}: {first}")
expect("inf]" not in table, "a summary of one row without its interval")
expect(documents["kernel"]["benchmarks"] and documents["chain"]["benchmarks"], "a bench without rows")
expect(documents["chain"]["context"]["seed"] == "18446744073709551615", "a seed of 64 bits")
expect(any("signal" in row for row in documents["chain"]["benchmarks"]), "a chain without its signal")
flushed = [r for r in documents["chain"]["benchmarks"] if r["ftz"]]
expect(flushed and all(r["variant"].endswith("+ftz") and len(r["samples"]) >= 3 for r in flushed), "a chain without FTZ")
expect(documents["kernel"]["context"]["roofs"], "a bench without roofs")
context = documents["kernel"]["context"]
for roof, before, after in zip(*(context[key] for key in ("roofs", "roofs_before", "roofs_after")), strict=True):
    expect(all(roof[key] == (before[key] if key in ("isa", "threads") else max(before[key], after[key])) for key in roof),
           f"roofs of {roof['isa']}: not the higher of both")
for name, roof in {"kernel": "copy", "axpy": "update", "relu_bwd": "triad", "dot_fwd": "load"}.items():
    for row in documents[name]["benchmarks"]:
        expect(row.get("roof", roof) == roof, f"{row['name']} under the roof {row.get('roof')}, not {roof}")

caches = {c["level"]: c["size"] for c in documents["dot_fwd-cold"]["context"]["caches"]}
# Beyond 64 MiB the L3 is what one core was seen to reach of it: four times L2 at the least.
last = caches.get(3, 0) if caches.get(3, 0) <= 64 << 20 else 4 * caches[2]
for name in ("axpy", "dot_fwd"):
    hot, cold = documents[name]["benchmarks"], documents[name + "-cold"]["benchmarks"]
    expect({r["cache"] for r in hot} == {"hot"} and {r["cache"] for r in cold} == {"cold"}, f"cache of {name}")
    expect(len(cold) == len(hot), f"{name}: cold, {len(cold)} rows for {len(hot)}")
    expect(not {r["name"] for r in hot} & {r["name"] for r in cold}, f"{name}: hot and cold rows of one name")
    for row in cold:
        expect(row.get("level", "DRAM") == "DRAM" and row.get("bound_by", "memory") == "memory",
               f"{row['name']}: not held to the roof of DRAM")
        # A third of axpy's traffic is on bytes that are counted already.
        held = row["bytes"] * (2 / 3 if name == "axpy" else 1)
        expect((row["copies"] - 1) * held >= 2 * last, f"{row['name']}: {row['copies']} copies fit the caches")
    expect(all("level" in r for r in hot + cold if "samples" in r), f"{name}: a row without its level")

libraries = {r["variant"] for r in documents["peers"]["benchmarks"]
             if r["variant"] in ("openblas", "blis", "libxsmm") and "samples" in r}
for row in documents["peers"]["benchmarks"]:
    if row["variant"] in ("avx2", "avx512") and "vs_onednn" in row:
        expect(set(row.get("vs_peers", {})) == libraries, f"vs_peers of {row['name']}")

committed = sorted(Path(schema_file).parent.glob("runs/**/*.json"))
expect(committed, "no committed files")
for path in committed:
    obeys(path.name, strict(path.read_text()))

timed = next(i for i, row in enumerate(documents["kernel"]["benchmarks"]) if "samples" in row)
whole = copy.deepcopy(documents["kernel"])
whole["benchmarks"] = whole["benchmarks"][timed:]
obeys("the whole file that is broken below", whole)
for what, breaks in BROKEN.items():
    document = copy.deepcopy(whole)
    breaks(document)
    expect(not validator.is_valid(document), f"the schema takes {what}")
for word in ("NaN", "Infinity"):
    try:
        strict('{"real_time": %s}' % word)
        expect(False, f"{word} was taken for JSON")
    except ValueError:
        pass

print(f"{len(documents)} files and {len(committed)} committed ones, {sum(len(d['benchmarks']) for d in documents.values())} rows, "
      f"{paired} ratios, {len(BROKEN)} broken files, {failures} failures")
sys.exit(failures != 0)
