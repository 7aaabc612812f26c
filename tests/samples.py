#!/usr/bin/python3
"""samples.py HINGE ROOT: what the pages show is what is printed. In every Markdown page of ROOT
- a sample, an indented block with lines "$ COMMAND", is run; `...` stands for any lines, or for the rest of one;
- a table of `hinge bench` has the numbers of the result file that is linked above it;
- what `hinge COMMAND` is called with has that command, its options, kernels and files.
"""
import glob
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile

HINGE, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
PRINTS = {**os.environ, "OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": "2", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
UNAVAILABLE = 69
COMPILER = re.compile(r"\b(?:gcc|clang) \d[\d.]*")
EXAMPLE = "scale_fwd" # the kernel that CONTRIBUTING.md adds
OTHERS = {"test", "data", "lint"} # commands of ./run, not of hinge
OF_LAUNCHERS = {"--mca", "--exclusive", "--map-by"}
counted = {"samples": 0, "times": 0, "calls": 0}
failures = 0


def fail(what):
    global failures
    failures += 1
    print("FAIL", what)


def pages():
    names = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False)
    found = names.stdout.split() or glob.glob("**/*.md", root_dir=ROOT, recursive=True)
    return sorted(name for name in found if not name.startswith("build"))


def read(page):
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        return file.read()


def blocks(text):
    """The indented blocks of a page, each without its indent."""
    for block in re.findall(r"(?:^(?: {4,}\S.*)\n(?:[ \t]*\n(?= {4}))*)+", text, re.M):
        lines = block.splitlines()
        indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
        yield "\n".join(line[indent:].rstrip() for line in lines).strip("\n")


# ---- samples


def pattern(shown):
    """What is printed may have anything in place of `...`."""
    lines = [".*(?:\n.*)*?" if line.strip() == "..." else ".*".join(map(re.escape, line.split("...")))
             for line in shown.splitlines()]
    return "\n".join(lines)


def first_difference(shown, printed):
    """The longest beginning of the sample that is printed, and the line after it."""
    lines = shown.splitlines()
    count = len(lines)
    while count and not re.match(pattern("\n".join(lines[:count])) + r"(\n|\Z)", printed):
        count -= 1
    return lines[count] if count < len(lines) else "(more is printed than shown)"


def stage(folder):
    """What a reader has who has built and installed a clone and stands in it; what is written stays out of the clone."""
    for name in os.listdir(ROOT):
        if name not in ("run", "results", ".git") and not name.startswith("build"):
            os.symlink(f"{ROOT}/{name}", f"{folder}/{name}")
    shutil.copytree(f"{ROOT}/results", f"{folder}/results", copy_function=os.symlink)
    os.symlink(HINGE, f"{folder}/run")
    os.symlink(os.path.dirname(HINGE), f"{folder}/build")
    os.makedirs(f"{folder}/installed")
    os.symlink(f"{ROOT}/kernels", f"{folder}/installed/hinge")
    with open(f"{folder}/installed/hinge.pc", "w", encoding="utf-8") as file:
        file.write(f"Name: hinge\nDescription: headers\nVersion: 0\nCflags: -I{folder}/installed\n")
    return {**PRINTS, "HOME": folder, "PATH": f"{folder}/build:{os.environ['PATH']}",
            "PKG_CONFIG_PATH": f"{folder}/installed"}


def run_sample(page, command, shown, folder, environment):
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=120, check=False,
                          stdin=subprocess.DEVNULL, env=environment)
    printed = "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n")
    of, by = COMPILER.search(shown), COMPILER.search(printed)
    if done.returncode == UNAVAILABLE or (of and by and of[0] != by[0]):
        print(f"SKIPPED {page}: $ {command}: {done.stderr.strip() or f'shown of {of[0]}, this is {by[0]}'}")
        return
    counted["samples"] += 1
    if not re.fullmatch(pattern(shown), printed):
        fail(f"{page}: $ {command}\n  exit code {done.returncode}; {done.stderr.strip() or 'no message'}\n"
             f"  shown and not printed there: {first_difference(shown, printed)}\n{printed}\n")


def run_samples(page, folder, environment):
    samples = [block for block in blocks(read(page)) if block.startswith("$ ")]
    for command, shown in re.findall(r"^\$ (.*)\n?((?:(?!\$ ).*\n?)*)", "\n".join(samples), re.M):
        run_sample(page, command, shown.strip("\n"), folder, environment)


# ---- tables of times

ROW = re.compile(r"(?:(\d+) +(\d+) +(\d+) +(\d+)  )?(\S+) +([\d.]+) (ns|us|ms) +([\d.]+)% +([\d.]+) +(\d+)% (\w+) +"
                 r"([\d.]+) +(?:\[([\d.]+), ([\d.]+)\]|\S+) +([\d.]+)$")
SUMMARY = re.compile(r"\w+ (\w+), (\d+) threads?: ")
EXTREME = re.compile(r" +(best|worst|loss) +([\d.]+)  (\S+)$")
NS = {"ns": 1.0, "us": 1e3, "ms": 1e6}


def is_near(shown, value):
    """Whether `shown` is `value` in as many digits."""
    decimals = len(shown.partition(".")[2])
    return abs(float(shown) - value) <= 0.5001 * 10.0**-decimals


def hold(where, numbers):
    for what, shown, value in numbers:
        counted["times"] += 1
        if not is_near(shown, value):
            fail(f"{where}: {what} {shown}, in the file {value:.6g}")


def row_of(page, rows, case, lane):
    """Of oneDNN the fastest form."""
    found = [row for row in rows if row.get("half_width") is not None and "fell_out" not in row and
             (row["name"] == case + lane or (lane == "oneDNN" and row["name"].startswith(case + "dnnl")))]
    if not found:
        fail(f"{page}: its file has no row {case}{lane}")
        return None
    return min(found, key=lambda row: row["median"])


def hold_row(where, row, shown):
    median, unit, half, gflops, share, roof, ratio, lo, hi, error = shown
    vs = row.get("vs_onednn") or {"ratio": 1.0}
    pairs = [("median", median, row["median"] / NS[unit]), ("+-", half, 100.0 * row["half_width"]),
             ("GFLOP/s", gflops, row["gflops"]), ("of roof", share, 100.0 * row["roof_share"]),
             ("ratio", ratio, vs["ratio"])]
    pairs += [("lower end", lo, vs.get("lo", 0.0)), ("upper end", hi, vs.get("hi", 0.0))] if lo else []
    pairs += [("error", error, row["bound_used"])] if not math.isinf(row["bound_used"]) else []
    hold(where, pairs)
    if roof != row["roof"]:
        fail(f"{where}: roof {roof}, in the file {row['roof']}")


def hold_table(page, block, rows):
    kernel, shape, summary = None, None, None
    for line in block.splitlines():
        summary, best = SUMMARY.match(line) or summary, EXTREME.match(line)
        if best:
            row = row_of(page, rows, f"{best[3]}/threads:{summary[2]}/", summary[1])
            hold(f"{page}: {line.strip()}", [(best[1], best[2], row["vs_onednn"]["ratio"])] if row else [])
        head, match = re.match(r"(\w+): ", line), ROW.match(line.strip())
        kernel = head[1] if head else kernel
        if not match:
            continue
        shape = match.groups()[:4] if match[1] else shape
        depth, width, batch, threads = shape
        case = f"{kernel}/depth:{depth}/m:{batch}/n:{width}/k:{width}/scale:1/threads:{threads}/"
        row = row_of(page, rows, case, match[5])
        if row:
            hold_row(f"{page}: {case}{match[5]}", row, match.groups()[5:])


SWEPT = re.compile(r"(\S+) +([\d.]+) (ns|us|ms) +([\d.]+) (ns|us|ms) +([\d.]+) (ns|us|ms) +"
                   r"([\d.]+) \[([\d.]+), ([\d.]+)\]  \w+ \d")


def hold_placements(page, block, rows):
    case = None
    for line in block.splitlines():
        head, match = re.match(r"(\S+), (\d+) threads?$", line), SWEPT.match(line.strip())
        case = f"{head[1]}/threads:{head[2]}/" if head else case
        if not match:
            continue
        row = row_of(page, rows, case, match[1])
        if not row:
            continue
        sweep, spread = row["sweep"], row["sweep"]["spread"]
        times = [("best", 2), ("median", 4), ("worst", 6)]
        hold(f"{page}: {case}{match[1]}", [(what, match[at], sweep[what]["at"] / NS[match[at + 1]]) for what, at in times])
        hold(f"{page}: {case}{match[1]}", [("worst over best", match[8], spread["at"]),
                                           ("lower end", match[9], spread["lo"]), ("upper end", match[10], spread["hi"])])


PAIRED = re.compile(r"(\S+) +(\d+) (\S+) +([\d.]+) (ns|us|ms) +([\d.]+) (ns|us|ms) +([+-][\d.]+)% "
                    r"\[ *([+-][\d.]+), +([+-][\d.]+)\] +(\d+)  (\w+)$")


def hold_pairs(page, block, rows):
    """What `hinge ab` printed, beside what it wrote by --json."""
    for match in filter(None, (PAIRED.match(line) for line in block.splitlines())):
        row = next((r for r in rows if (r["name"], str(r["threads"]), r["lane"]) == match.groups()[:3]), None)
        if not row or row["verdict"] != match[12]:
            fail(f"{page}: its file has no such row: {match[0]}")
            continue
        change, lo, hi = (100.0 * (row[key] - 1.0) for key in ("change", "lo", "hi"))
        hold(f"{page}: {match[1]} {match[3]}",
             [("old", match[4], row["old_ns"] / NS[match[5]]), ("new", match[6], row["new_ns"] / NS[match[7]]),
              ("change", match[8], change), ("lower end", match[9], lo), ("upper end", match[10], hi),
              ("pairs", match[11], len(row["log_ratios"]))])


def load(page, link):
    with open(os.path.join(ROOT, os.path.dirname(page), link), encoding="utf-8") as file:
        return json.load(file)


def check_tables(page):
    text = read(page)
    for link, block in re.findall(r"\[the whole file\]\((\S+?\.json)\)\):\n\n((?:    .*\n|\n)+)", text):
        hold_table(page, "\n".join(blocks(block)), load(page, link)["benchmarks"])
    links = re.findall(r"\]\((\S*placement-\S+?\.json)\)", text)
    swept = [row for link in links for row in load(page, link)["benchmarks"]]
    paired = [row for link in re.findall(r"\]\((\S*results/ab/\S+?\.json)\)", text) for row in load(page, link)["rows"]]
    for block in blocks(text):
        if "worst over best" in block:
            hold_placements(page, block, swept)
        hold_pairs(page, block, paired)


# ---- calls


def commands():
    """{command: its options}, from the man page, which another test holds to --help."""
    text = subprocess.run([HINGE, "help", "--format", "man"], capture_output=True, text=True, check=True).stdout
    parts = re.split(r"^\.SS (\S+)\n", text.replace("\\-", "-"), flags=re.M)
    return {name: set(re.findall(r"\\fB(--[a-z0-9-]+)", part)) for name, part in zip(parts[1::2], parts[2::2])}


def kernels():
    text = subprocess.run([HINGE, "list"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^([a-z0-9_]+) +\S", text.split("\n\n", 1)[1], re.M))


def code(text):
    """What is set as code: lines of blocks that are typed, with lines that go on, and spans."""
    indented = "\n\n".join(blocks(text))
    typed = [re.sub(r"^\$ ", "", line) for line in indented.replace("\\\n", " ").splitlines()]
    prose = re.sub(r"^    .*$", "", text, flags=re.M)
    return typed + [span.replace("\n", " ") for span in re.findall(r"`([^`]+)`", prose)]


CALL = re.compile(r"(?:^|[\s/])(?:\./run|hinge|hinge_planted) ([a-z]+)\b([^|;&#>]*)")


def check_calls(page, known, rooms, all_options):
    for line in code(read(page)):
        for command, rest in CALL.findall(line):
            if command in OTHERS or not (re.search(r"\./run|build/hinge", line) or command in known):
                continue
            counted["calls"] += 1
            if command not in known:
                fail(f"{page}: no command '{command}': {line}")
                continue
            for option in re.findall(r"(?<=\s)(--[a-z][a-z0-9-]*)", rest):
                if option not in known[command]:
                    fail(f"{page}: hinge {command} has no {option}: {line}")
            for room in re.findall(r"--kernel[ =]([a-z0-9_]+)", rest):
                if room not in rooms | {EXAMPLE}:
                    fail(f"{page}: no kernel {room}: {line}")
        if re.match(r"--[a-z]", line):
            for option in re.findall(r"(?:^|\s)(--[a-z][a-z0-9-]*)", line):
                if option not in all_options | OF_LAUNCHERS:
                    fail(f"{page}: no command has {option}: `{line}`")
        for path in re.findall(r"(?<![\w./-])((?:results|tests|bench|kernels|reference)/[\w./*{},-]*[\w*])", line):
            if not re.search(rf"[A-Z]{{3}}|\{{|{EXAMPLE}", path) and not glob.glob(os.path.join(ROOT, path)):
                fail(f"{page}: no file {path}: {line}")


known = commands()
rooms = kernels()
every = set().union(*known.values())
with tempfile.TemporaryDirectory() as clone:
    settings = stage(clone)
    for name in pages():
        run_samples(name, clone, settings)
        check_tables(name)
        check_calls(name, known, rooms, every)
print(f"{counted['samples']} samples, {counted['times']} numbers of tables, {counted['calls']} calls, {failures} failures")
sys.exit(2 if failures or not all(counted.values()) else 0)
