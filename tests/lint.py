#!/usr/bin/python3
"""lint.py ROOT BUILD [REGEX]: clang-tidy and cppcheck on every C source of a build, once each: those of all lanes as the
widest has them. What clang-tidy 19 says includes the warnings of that compiler. .clang-tidy and lint.txt say what is not
looked for and what is known, and why; a line of lint.txt that is found no more is a finding too. With REGEX only on the
sources whose paths match."""
import concurrent.futures
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

root, build = (os.path.realpath(path) for path in sys.argv[1:3])
chosen = re.compile(sys.argv[3] if len(sys.argv) > 3 else "")
TIDY, CPPCHECK = "clang-tidy-19", "cppcheck"
FINDING = re.compile(r"(/[^:\n]+):(\d+):(\d+): (?:error|warning|style|performance|portability): (.*) \[([\w.,-]+)\]$", re.M)
NODES = 50000  # of paths through a function; the analyzer's own 225000 took three times as long and found nothing more that was so
CPUS = len(os.sched_getaffinity(0))


def give_up(text, code):
    print(f"lint: {text}", file=sys.stderr)
    sys.exit(code)


def commands(into):
    """The build's commands, the last of each source; what it generates, generated."""
    path = os.path.join(build, "compile_commands.json")
    if not os.path.exists(path):
        give_up(f"no {path}: configure first", 66)
    with open(path, encoding="utf-8") as file:
        last = {entry["file"]: entry for entry in json.load(file)}
    last = {name: entry for name, entry in last.items() if name.endswith(".c") and name.startswith(root)}
    last = {name: last[name] for name in sorted(last) if chosen.search(os.path.relpath(name, root))}
    if not last:
        give_up(f"no source of {build} matches", 64)
    with open(os.path.join(into, "compile_commands.json"), "w", encoding="utf-8") as file:
        json.dump(list(last.values()), file)
    subprocess.run(["cmake", "--build", build, "--target", "commit"], check=True, stdout=subprocess.DEVNULL)
    return list(last)


def openmp(into):
    """A folder with omp.h alone: the compiler's own headers are clang-tidy's."""
    there = glob.glob("/usr/lib/llvm-*/lib/clang/*/include/omp.h") + glob.glob("/usr/lib/gcc/*/*/include/omp.h")
    if not there:
        give_up("no omp.h here (Debian: libomp-14-dev)", 69)
    folder = os.path.join(into, "omp")
    os.mkdir(folder)
    os.symlink(there[0], os.path.join(folder, "omp.h"))
    return folder


def tidy(sources, into):
    """What clang-tidy says, of a few sources a call; the longest first, as far as their sizes tell."""
    base = [TIDY, "-p", into, "--quiet", f"--config-file={root}/.clang-tidy",
            f"--extra-arg=-isystem{openmp(into)}", "--extra-arg=-Wno-unknown-warning-option",
            *(f"--extra-arg={word}" for word in ("-Xclang", "-analyzer-config", "-Xclang", f"max-nodes={NODES}"))]
    order = sorted(sources, key=os.path.getsize, reverse=True)
    calls = [order[i:i + 4] for i in range(0, len(order), 4)]
    said = []

    def one(names):
        done = subprocess.run(base + names, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode in (0, 1) else f"{done.stdout}\n{done.stderr}"

    with concurrent.futures.ThreadPoolExecutor(CPUS) as pool:
        for text in pool.map(one, calls):
            said.append(text)
            if sys.stderr.isatty():
                print(f"\r{TIDY}: {min(4 * len(said), len(order))} of {len(order)} sources ", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return "\n".join(said)


def cppcheck(into):
    done = subprocess.run(
        [CPPCHECK, "--quiet", f"-j{CPUS}", f"--project={into}/compile_commands.json", "--std=c17",
         "--enable=warning,performance,portability", f"--library={root}/tests/lint.cfg",
         "--template={file}:{line}:{column}: {severity}: {message} [{id}]"],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        give_up(f"{CPPCHECK} ended with {done.returncode}: {done.stderr or done.stdout}", 70)
    return done.stderr


def known():
    """(check, file) to the line of lint.txt: `CHECK FILE reason`, * for any file."""
    rows = {}
    with open(os.path.join(root, "tests", "lint.txt"), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            words = line.split(maxsplit=2)
            if len(words) != 3:
                give_up(f"tests/lint.txt:{number}: not CHECK FILE reason", 65)
            rows[words[0], words[1]] = number
    return rows


for tool, package in ((TIDY, TIDY), (CPPCHECK, CPPCHECK)):
    if not shutil.which(tool):
        give_up(f"no {tool} here (Debian: {package})", 69)
begun = time.monotonic()
with tempfile.TemporaryDirectory() as scratch:
    names = commands(scratch)
    text = tidy(names, scratch) + "\n" + cppcheck(scratch)
rows, met, new = known(), set(), {}
for path, line, column, message, checks in FINDING.findall(text):
    file = os.path.relpath(path, root)
    checks = [check for check in checks.split(",") if check != "-warnings-as-errors"]
    row = next(((check, of) for check in checks for of in (file, "*") if (check, of) in rows), None)
    if row:
        met.add(row)
    else:
        new[file, int(line), int(column), checks[0]] = message
for (file, line, column, check), message in sorted(new.items()):
    print(f"{file}:{line}:{column}: {message} [{check}]")
relative = {os.path.relpath(name, root) for name in names}
gone = [row for row in rows if row not in met and (row[1] in relative or not chosen.pattern)]
for check, file in gone:
    print(f"tests/lint.txt:{rows[check, file]}: {check} is found no more in {file}")
if not FINDING.search(text) and "error" in text.lower():
    give_up(text, 70)
print(f"{len(names)} sources, {len(new)} findings, {len(met)} known, {len(gone)} known and gone, "
      f"{time.monotonic() - begun:.0f} s")
sys.exit(2 if new or gone else 0)
