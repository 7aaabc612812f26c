#!/usr/bin/python3
"""count.py HINGE PLANTED SCHEMA: counts are the same in every run; a pass that was planted is seen; what the baseline and
valgrind may do wrong gets a sentence and an exit code. Exit 77: no python3-jsonschema, or counts cannot be had here."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import jsonschema
except ImportError:
    print("SKIPPED: python3-jsonschema is not installed")
    sys.exit(77)

hinge, planted, schema_file = sys.argv[1:4]
schema = json.loads(Path(schema_file).read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
failures = 0
HEAD = "compiler,case,lane,threads,instructions"
FEW = ("count", "--filter", "^(relu_fwd/n:2000|axpy/n:2000/.*|mlp_fwd/depth:16/m:1/.*|gpt2_step/.*)$", "--isa", "scalar,avx2")
ONE = ("count", "--filter", "^axpy/n:2000/", "--isa", "avx2", "--threads", "1")


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)


def run(*args, program=hinge, **environment):
    done = subprocess.run([program, *args], capture_output=True, text=True, check=False, cwd=scratch,
                          env={**os.environ, **environment})
    return done.returncode, done.stdout + done.stderr


def expect_run(code, words, *args, **kwargs):
    got, text = run(*args, **kwargs)
    expect(got == code and words in text, f"hinge {' '.join(args)}: exit {got}, want {code} with '{words}' in:\n{text:.800}")
    return text


def kept(path):
    """{(case, lane, threads): [compiler, instructions]}"""
    head, *rows = path.read_text().splitlines()
    expect(head == HEAD, f"the head of {path}: {head}")
    fields = [row.split(",") for row in rows]
    return {tuple(f[1:4]): [f[0], int(f[4])] for f in fields}


def keep(path, counts):
    rows = [",".join([compiler, *key, str(count)]) for key, (compiler, count) in counts.items()]
    path.write_text("\n".join([HEAD, *rows]) + "\n")


def counts_repeat():
    """In another process, environment, order of selection; on one CPU and several."""
    code, text = run(*FEW, "--baseline", "a.csv", "--update")
    expect(code == 0, f"--update: exit {code}: {text}")
    first = kept(here / "a.csv")
    expect(len(first) == 4 * 2 * 2, f"{len(first)} counts, want four cases on two lanes with 1 and 2 threads")
    expect(all(count > 0 for _, count in first.values()), "a count of nothing")
    expect_run(0, ", 16 are the same", *FEW, "--baseline", "a.csv", "--tolerance", "0", PADDING="x" * 5003,
               OMP_WAIT_POLICY="active", OMP_PROC_BIND="true", OMP_THREAD_LIMIT="1")
    expect_run(0, "4 counts beside those in a.csv: 0 grew by more than 0 %, 4 are the same", "count", "--kernel", "axpy",
               "--filter", "n:2000", "--isa", "avx2,scalar", "--baseline", "a.csv", "--tolerance", "0")
    cpu = str(min(os.sched_getaffinity(0)))
    alone = subprocess.run(["taskset", "-c", cpu, hinge, *FEW, "--baseline", here / "a.csv", "--tolerance", "0"],
                           capture_output=True, text=True, check=False)
    expect(alone.returncode == 0, f"on one CPU: exit {alone.returncode}: {alone.stdout}{alone.stderr}")
    for (case, lane, threads), (_, count) in first.items():
        if threads == "2" and lane == "avx2" and "mlp" in case:
            expect(count > first[case, lane, "1"][1], f"{case}: a team of two takes no more than one thread alone")


def changes_are_told():
    text = expect_run(1, "grew", *FEW, "--baseline", "a.csv", "--json", "grew.json", program=planted)
    document = json.loads((here / "grew.json").read_text())
    for error in validator.iter_errors(document):
        expect(False, f"{'/'.join(map(str, error.absolute_path))}: {error.message:.200}")
    rows = {(r["case"].split("/")[0], r["lane"], r["threads"]): r for r in document["counts"]}
    for kernel, least in {"relu_fwd": 1.8, "axpy": 1.1}.items():
        for threads in (1, 2):
            row = rows[kernel, "avx2", threads]
            expect(row["change"] == "grew" and row["instructions"] > least * row["kept"], f"a planted pass: {row}")
    sound = [r for (kernel, lane, _), r in rows.items() if lane == "scalar" or kernel == "mlp_fwd"]
    expect(len(sound) == 8 + 2 and {r["change"] for r in sound} == {"same"},
           f"what was not planted:\n{text}")
    markdown = expect_run(1, "### hinge count: regressed", *FEW, "--baseline", "a.csv", "--markdown", program=planted)
    expect("| grew |" in markdown, "Markdown without its table")

    # The same counts, written as if they had been others.
    counts = kept(here / "a.csv")
    keys = [key for key in counts if key[1] == "avx2"]
    counts[keys[0]][1] -= 1
    counts[keys[1]][1] += 1
    counts[keys[2]][1] //= 2
    del counts[keys[3]]
    compiler = counts[keys[0]][0]
    counts["axpy/n:2000/scale:7", "avx2", "1"] = [compiler, 5]
    counts["axpy/n:2001/scale:0.5", "avx2", "1"] = [compiler, 5]  # what the filter leaves out
    counts["axpy/n:2000/scale:0.5", "avx2", "7"] = [compiler, 5]
    counts["axpy/n:2000/scale:0.5", "model", "1"] = [compiler, 5]
    keep(here / "b.csv", counts)
    expect_run(1, "17 counts beside those in b.csv: 1 grew by more than 0.5 %, 1 are no longer counted, 1 grew less, "
               "1 fell, 1 are new, 12 are the same", *FEW, "--baseline", "b.csv")
    expect_run(1, ": 2 grew by more than 0 %", *FEW, "--baseline", "b.csv", "--tolerance", "0")
    counts["axpy/n:2000/scale:9", "avx2", "1"] = ["other 1.0", 5]
    keep(here / "b.csv", counts)
    expect_run(0, "16 counts kept in b.csv", *FEW, "--baseline", "b.csv", "--update")
    now = kept(here / "b.csv")
    expect({k: v for k, v in now.items() if k in kept(here / "a.csv")} == kept(here / "a.csv"), "--update kept other counts")
    expect(len(now) == 16 + 4, f"--update left {len(now) - 16} other rows, want 4")
    keep(here / "other.csv", {key: ["other 1.0", 5] for key in keys})
    expect_run(69, "nothing was compared: other.csv has no counts of this build", *ONE, "--baseline", "other.csv")


def bad_baselines():
    row = "gcc,axpy/n:2000/scale:0.5,avx2,1,5"
    bad = {"empty": ("", "bad.csv is empty"), "head": ("compiler,case\n", "bad.csv:1: not compiler"),
           "no end": (HEAD, "bad.csv:1"), "cut": (f"{HEAD}\n{row}", "bad.csv:2"),
           "few": (f"{HEAD}\ngcc,axpy,avx2,1\n", "bad.csv:2"), "many": (f"{HEAD}\n{row},\n", "bad.csv:2"),
           "lane": (f"{HEAD}\n{row.replace('avx2', 'avx9')}\n", "bad.csv:2"), "text": (f"{HEAD}\n{row}x\n", "bad.csv:2"),
           "negative": (f"{HEAD}\n{row.replace(',5', ',-5')}\n", "bad.csv:2"),
           "zero": (f"{HEAD}\n{row.replace(',5', ',0')}\n", "bad.csv:2"),
           "huge": (f"{HEAD}\n{row}{'0' * 30}\n", "bad.csv:2"), "threads": (f"{HEAD}\n{row.replace(',1,', ',1025,')}\n", "bad.csv:2"),
           "twice": (f"{HEAD}\n{row}\n{row}\n", "is there twice"), "long": (f"{HEAD}\n{'x' * 3000}\n", "bad.csv:2"),
           "name": (f"{HEAD}\ngcc,{'x' * 300},avx2,1,5\n", "bad.csv:2"), "nul": (f"{HEAD}\n\0\n", "bad.csv:2"),
           "rows": (HEAD + "\n" + "".join(f"gcc,a/{i},avx2,1,5\n" for i in range(20001)), "more than 20000 rows")}
    for what, (text, words) in bad.items():
        (here / "bad.csv").write_text(text)
        expect_run(65, words, *ONE, "--baseline", "bad.csv")
        expect((here / "bad.csv").read_text() == text, f"{what}: the baseline was changed")
    (here / "bad.csv").write_bytes(bytes(range(256)) * 400000)  # 100 MB
    expect_run(65, "bad.csv: 102400000 bytes are more", *ONE, "--baseline", "bad.csv")
    expect_run(66, "cannot be read", *ONE, "--baseline", "missing.csv")
    expect_run(66, ". is a folder", *ONE, "--baseline", ".")
    expect_run(73, "cannot be written", *ONE, "--baseline", "no/folder.csv", "--update")
    expect_run(73, "cannot be written", *ONE, "--json", "no/folder.json")


def usage():
    expect_run(0, "Exit codes: 0 fine", "count", "--help")
    expect("--inside" not in run("count", "--help")[1], "the inner option in --help")
    expect_run(64, "is not an option", "count", "surplus")
    expect_run(64, "not a percentage", *ONE, "--tolerance", "-1")
    expect_run(64, "not a percentage", *ONE, "--tolerance", "nan")
    expect_run(64, "name a file", *ONE, "--json", "-")
    expect_run(64, "matches no case", "count", "--filter", "^nothing$")
    expect_run(64, "no such kernel", "count", "--kernel", "nothing")
    expect_run(64, "kept counts are of seed 1", *ONE, "--seed", "2", "--baseline", "a.csv")
    expect_run(64, "kept counts are of seed 1", *ONE, "--seed", "2", "--update")
    expect_run(69, "valgrind has no AVX-512", "count", "--isa", "avx512,omp_avx512")
    expect_run(69, "not under valgrind", *ONE, "--inside")
    expect_run(0, "compared with none", *ONE)
    expect_run(0, "Lanes avx512 and omp_avx512 are not counted", *ONE, "--isa", "avx2,avx512")


def fake_valgrind():
    """Whatever stands for valgrind: no count comes of it."""
    folder = here / "bin"
    folder.mkdir()
    expect_run(69, "valgrind cannot be started", *ONE, PATH=str(folder))
    log = 'for a; do case $a in --log-fd=*) fd=${a#*=};; esac; done\n'
    for script, code, words in ((f'{log}echo "==7== no luck" >&$fd; exit 1', 69, "failed with exit code 1: no luck"),
                                ("exit 3", 69, "failed with exit code 3"),
                                ("kill -SEGV $$", 69, "signal 11 ended valgrind"),
                                ("exit 0", 70, "0 times, not 2"), ("echo mine >&2; exit 71", 71, "mine")):
        (folder / "valgrind").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "valgrind").chmod(0o755)
        expect_run(code, words, *ONE, PATH=f"{folder}:/usr/bin:/bin")
    stripped = here / "stripped"
    subprocess.run(["strip", "-o", stripped, hinge], check=True)
    expect_run(69, "has no symbols", *ONE, program=str(stripped))


with tempfile.TemporaryDirectory() as scratch:
    here = Path(scratch)
    code, text = run(*ONE)
    if code == 69:
        print("SKIPPED:", text)
        sys.exit(77)
    counts_repeat()
    changes_are_told()
    bad_baselines()
    usage()
    fake_valgrind()
    expect(not list(here.glob("*.part")) and not list(here.glob("callgrind*")), "something was left behind")
print(f"{failures} failures")
sys.exit(failures != 0)
