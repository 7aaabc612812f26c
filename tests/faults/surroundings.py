#!/usr/bin/python3
"""surroundings.py HINGE CLOCK: any number of threads, a language with decimal commas, clocks that are set or coarse, lanes
that are not here, and no place to call home: the same answers, or a sentence."""
import json
import math
import os
import shutil
import subprocess
import sys

from faults import BENCH, CALLS, FINE, SCHOOL, TRAIN, conclude, expect, files, fresh, run, scratch

clock = sys.argv[2]
CHECK = ["check", "--kernel", "dot_fwd", "--quick", "--no-twins", "--isa", "scalar,avx2"]


def strict(text):
    def refuse(word):
        raise ValueError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_threads():
    """The same words for any number; more than there can be are refused."""
    names = ("checkpoint.safetensors", "steps.jsonl")
    words = []
    for threads in ("1", "2", "7"):
        folder = fresh("threads")
        env = {"OMP_NUM_THREADS": threads}
        run(*TRAIN[:-2], "-o", folder / "run", env=env, what=f"train on {threads}")
        words.append([(folder / "run" / name).read_bytes() for name in names])
        for call in (CHECK, CALLS["info"][1] + [folder / "i.json"], [*SCHOOL[:-2], "--json", folder / "s.json"]):
            run(*call, env=env, what=f"{call[0]} on {threads}")
    expect(all(w == words[0] for w in words), "other words on other threads")
    run(*TRAIN, env={"OMP_NUM_THREADS": "10000"}, codes=64, says="OMP_NUM_THREADS=10000: not a number from 1 to 1024")
    for call in (CHECK, BENCH, TRAIN, SCHOOL):
        run(*call, "--threads", "10000", codes=64, says="10000: not a number from 1 to 1024")


def test_commas():
    """A language whose numbers have commas changes nothing in files or text."""
    if not shutil.which("localedef"):
        print("SKIPPED decimal commas: no localedef here")
        return
    folder = fresh("locale")
    made = subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", folder / "de_DE.UTF-8"], capture_output=True, check=False)
    if made.returncode > 1 or not (folder / "de_DE.UTF-8").exists():
        print("SKIPPED decimal commas: localedef has no de_DE (Debian: locales)")
        return
    env = {"LOCPATH": str(folder), "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}
    told = subprocess.run(["printf", "%.1f", "0,5"], env={**os.environ, **env}, capture_output=True, check=False, text=True)
    if told.stdout != "0,5":
        told = subprocess.run([sys.executable, "-c", "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.str(0.5))"],
                              env={**os.environ, **env}, capture_output=True, check=False, text=True)
    expect(told.stdout.strip() == "0,5", f"no commas in the language that was made: {told}")
    for name, (file, call) in CALLS.items():
        texts = []
        repeats = name in ("report", "compare", "compare-markdown", "history", "check")
        for with_ in (env, {}) if repeats else (env,):
            out = fresh("commas")
            run(*call, out / file, codes=FINE, env=with_, what=f"{name} with commas")
            texts.append(files(out))
            for path, text in texts[-1].items():
                if path.endswith(".json"):
                    strict(text)
        expect(texts[0] == texts[-1], f"{name}: another file with commas")
    run(*BENCH[:-2], "--scale", "0,5", "--budget", "1s", codes=64, env=env, what="a scale with a comma")


def bench(env, codes=0, says=""):
    folder = fresh("clock")
    out, err = run(*BENCH, "--json", folder / "b.json", env={"LD_PRELOAD": clock, **env}, codes=codes, says=says,
                   what=f"bench, {env}")
    return strict((folder / "b.json").read_text()) if (folder / "b.json").exists() else err + out


def finite(value):
    if isinstance(value, dict):
        return all(map(finite, value.values()))
    if isinstance(value, list):
        return all(map(finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def test_clocks():
    """Times are those of the clock that only goes forward; the date is in the form that it always has."""
    document = bench({"HINGE_CLOCK_STEP": "86400"})
    rows = [row for row in document["benchmarks"] if "median" in row]
    expect(rows and all(0 < row["median"] < 1e9 for row in rows), f"times on a clock that steps: {rows}")
    for seconds, date in (("-86400", "1969-12-31T00:00:00Z"), ("4102444800", "2100-01-01T00:00:00Z"),
                          ("253402300800", "10000-01-01T00:00:00Z")):
        folder = fresh("date")
        run(*CALLS["info"][1], folder / "i.json", env={"LD_PRELOAD": clock, "HINGE_CLOCK_AT": seconds}, what=f"info in {date}")
        expect(strict((folder / "i.json").read_text())["context"]["date"] == date, f"not {date}")
    for grain in ("500", "1000000", "4000000"):
        document = bench({"HINGE_CLOCK_GRAIN": grain}, codes=(0, 69), says="" if grain == "500" else "the clock goes on in steps of")
        if isinstance(document, dict):
            times = [row["median"] for row in document["benchmarks"] if "median" in row]
            expect(times and finite(document) and all(x > 0 for x in times), f"a clock of {grain} ns: {times}")
        run("doctor", "--budget", "1s", codes=FINE if grain == "500" else 69, says="goes on by",
            env={"LD_PRELOAD": clock, "HINGE_CLOCK_GRAIN": grain}, what=f"doctor with a clock of {grain} ns")


def test_lanes():
    """What this CPU or its system lacks is refused by name; what nobody has, too."""
    run("list", env={"HINGE_ISA": "avx9"}, codes=64, says="HINGE_ISA=avx9: no lane has that name")
    run("list", env={"HINGE_ISA": ""}, codes=64, says="HINGE_ISA=: no lane has that name")
    run(*CHECK[:-1], "avx9", codes=64, says="--isa avx9: not a list of lanes")
    here = run("info", "--no-roofs")[0]
    if "avx512   used" not in here:
        run("list", env={"HINGE_ISA": "avx512"}, codes=69, says="HINGE_ISA=avx512: not on this CPU")
        run("check", "--kernel", "relu_fwd", "--quick", "--isa", "avx512", codes=77, says="nothing ran")
        run(*BENCH[:-2], "--isa", "avx512", "--budget", "5s", codes=(64, 69), says="avx512")
    qemu = shutil.which("qemu-x86_64")
    if not qemu:
        print("SKIPPED masked lanes: no qemu-x86_64 here (Debian: qemu-user)")
        return
    for cpu, lane, code, says in (("Haswell", "avx512", 69, "HINGE_ISA=avx512: not on this CPU"),
                                  ("Nehalem", "avx2", 69, "HINGE_ISA=avx2: not on this CPU"),
                                  ("Nehalem", "scalar", 0, "relu_fwd")):
        done = subprocess.run([qemu, "-cpu", cpu, sys.argv[1], "list"], capture_output=True, text=True, check=False,
                              env={**os.environ, "HINGE_ISA": lane, "OMP_NUM_THREADS": "1"}, timeout=100)
        expect(done.returncode == code and says in done.stdout + done.stderr, f"{lane} on {cpu}: {done.returncode} {done.stderr}")


def test_homeless():
    """Without HOME, in a folder that is gone, where temporary files may not lie."""
    env = {"HOME": None, "XDG_CACHE_HOME": None, "TMPDIR": "/no/such/folder"}
    history = CALLS["history"][1]
    folder = fresh("homeless")
    run("history", history[1], "--json", folder / "h.json", env=env, says="into memory", what="history without HOME")
    run("ab", "--git", "main", codes=(66, 69, 73), env={**env, "PATH": "/no/such/folder"}, what="ab without HOME or git")
    run(*CALLS["count"][1], folder / "c.csv", codes=69, env=env, says="valgrind failed", what="count without TMPDIR")
    for name, (file, call) in CALLS.items():
        gone = fresh("gone")
        env["TMPDIR"] = None if name == "count" else env["TMPDIR"]  # valgrind needs it
        # The folder goes between the start of the process and that of the program.
        run(*call, folder / file, codes=FINE, env=env, cwd=gone, preexec_fn=lambda: shutil.rmtree(gone), what=f"{name} nowhere")
        expect((folder / file).exists(), f"{name} in a folder that is gone: nothing written")
    for call in (BENCH, ["study", "distillation", "--size", "default"], TRAIN):
        gone = fresh("gone")
        run(*call, codes=73, says="No such file", env=env, cwd=gone, preexec_fn=lambda: shutil.rmtree(gone),
            what=f"{call[0]}, to where it always writes, nowhere")


for test in (test_threads, test_commas, test_clocks, test_lanes, test_homeless):
    test()
expect(scratch.exists(), "the scratch folder")
conclude()
