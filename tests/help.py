#!/usr/bin/env python3
"""help.py HINGE man|bash|zsh|fish: what `hinge help --format` makes has every command and every option that --help has,
offers values that the commands accept, and is sound to the program that reads it."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

hinge, form = os.path.abspath(sys.argv[1]), sys.argv[2]
text = subprocess.run([hinge, "help", "--format", form], check=True, capture_output=True, text=True).stdout
folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, "hinge." + ("1" if form == "man" else form))
with open(path, "w", encoding="utf-8") as file:
    file.write(text)
failed = 0


def expect(what, got, want):
    global failed
    if got != want:
        failed += 1
        print(f"FAIL {what}\n  got  {got}\n  want {want}")


def run(*args, **more):
    return subprocess.run(args, capture_output=True, text=True, cwd=folder.name, timeout=60, check=False, **more)


def need(program, package=None):
    if shutil.which(program):
        return
    print(f"SKIPPED: no {program} here (Debian: {package or program})")
    sys.exit(1 if failed else 77)


def commands():
    return re.findall(r"^  ([a-z]+) +\S", run(hinge, "help").stdout, re.M)


# What argp prints: "  -k, --kernel=KERNEL   ...".
def options(command):
    out = run(hinge, command, "--help").stdout
    rows = re.findall(r"^  (?:(-\S)(?:, )?|    )(?:(--[a-z0-9-]+)(?:=(\S+))?)?(?: |$)", out, re.M)
    return [(letter, name, arg) for letter, name, arg in rows if letter or name]


def names(command):
    return sorted(word for letter, name, _ in options(command) for word in (letter, name) if word)


def choices(arg):
    return [word for word in arg.split("|") if not re.search("[A-Z]", word)] if "|" in arg else []


kernels = re.findall(r"^([a-z0-9_]+) +\S", run(hinge, "list").stdout.split("\n\n", 1)[1], re.M)
lanes = ["scalar", "model", "omp_avx2", "omp_avx512", "avx2", "avx512"]


def check_tables():
    """The tables themselves: a word that they offer is one that the parser takes."""
    expect("more than a few commands", len(commands()) > 7, True)
    expect("more than a few kernels", len(kernels) > 30, True)
    for command in commands():
        expect(f"{command} --help has its own help", {"--help", "--usage"} <= set(names(command)), True)
        for _, name, arg in options(command):
            for word in choices(arg):
                said = run(hinge, command, f"{name}={word}", "--no-such-option").stderr
                expect(f"{command} {name}={word}", "unrecognized option '--no-such-option'" in said, True)


def sections(start):
    """command: its part of the text, between two lines that match."""
    parts = re.split(start, text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def check_man():
    found = sections(r"^\.SS (\S+)\n")
    expect("sections", list(found), commands())
    for command in commands():
        rows = re.findall(r"^\.TP\n(\\fB\\-.*)", found[command], re.M)
        words = re.findall(r"\\fB(\\-\S+?)\\fR", "\n".join(rows))
        expect(f"man: {command}", sorted(word.replace("\\-", "-") for word in words), names(command))
    for word in ("HINGE_DATA", "HINGE_ISA", "OMP_NUM_THREADS", "EXIT STATUS", "FILES", "EXAMPLES"):
        expect(f"man: {word}", word in text, True)
    need("man", "man-db")
    out = run("man", "--warnings", "-l", path, env={**os.environ, "LC_ALL": "C.UTF-8", "MANPAGER": "cat"})
    expect("man --warnings", (out.returncode, out.stderr), (0, ""))
    expect("man shows an option", "--kernel=KERNEL" in out.stdout, True)
    need("mandoc")
    out = run("mandoc", "-Tlint", path)
    expect("mandoc -Tlint", (out.returncode, out.stdout), (0, ""))


def complete_bash(*words):
    script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hinge; printf "%s\\n" "${COMPREPLY[@]}"'
    out = run("bash", "-uc", script, "bash", path, "hinge", *words)
    expect(f"bash: no complaint about {words}", out.stderr, "")
    return out.stdout.split()


def check_bash():
    check_tables()
    os.mkdir(os.path.join(folder.name, "inputs"))
    everything = sorted(os.listdir(folder.name))
    for words, want in (
        (["be"], ["bench"]),
        (["bench", "--grid", ""], ["quick", "default", "full"]),
        (["bench", "--grid", "=", "q"], ["quick"]),
        (["bench", "--grid", "="], ["quick", "default", "full"]),
        (["bench", "--depth", ""], []),
        (["bench", "--kernel", ""], kernels),
        (["check", "-k", "relu_f"], ["relu_fwd"]),
        (["bench", "--isa", ""], lanes),
        (["bench", "--isa", "scalar,avx"], ["scalar,avx2", "scalar,avx512"]),
        (["angle", "--isa", "omp_avx5"], ["omp_avx512"]),
        (["study", "feat"], ["feature-speed"]),
        (["study", "--size", "s"], ["smoke"]),
        (["model", "--init", ""], ["gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl"]),
        (["help", "sel"], ["selftest"]),
        (["bench", "--cold", "--no-j"], ["--no-json"]),
        (["no-such-command", ""], []),
    ):
        expect(f"bash: {words}", complete_bash(*words), want)
    expect("bash: a path", sorted(complete_bash("model", "")), everything)
    expect("bash: a folder", complete_bash("bench", "--data", ""), ["inputs"])
    expect("bash: commands", complete_bash(""), commands() + ["--help", "--version"])
    for command in commands():
        expect(f"bash: {command}", sorted(complete_bash(command, "-")), names(command))


def check_zsh():
    found = sections(r"^        ([a-z]+)\)\n            _arguments")
    expect("zsh: sections", list(found), commands())
    for command in commands():
        words = re.findall(r"^ +'(?:\((-\S) (--[a-z0-9-]+)\)|(-{1,2}[a-z0-9-]+)[+=]?\[)", found[command], re.M)
        expect(f"zsh: {command}", sorted(word for row in words for word in row if word), names(command))
        for _, _, arg in options(command):
            if choices(arg):
                expect(f"zsh: {arg}", f":({' '.join(choices(arg))})'" in found[command], True)
    need("zsh")
    out = run("zsh", "-n", path)
    expect("zsh -n", (out.returncode, out.stderr), (0, ""))


def complete_fish(line):
    out = run("fish", "--no-config", "-c", f"source {path}; complete -C '{line}'", env={**os.environ, "HOME": folder.name})
    expect(f"fish: no complaint about {line}", out.stderr, "")
    return [row.split("\t")[0] for row in out.stdout.splitlines()]


def check_fish():
    found = {}
    for command, rest in re.findall(r"^complete -c hinge -n '__hinge_command ([a-z]+)'(.*)", text, re.M):
        found.setdefault(command, []).extend(re.findall(r" -s '(\S)'| -l ([a-z0-9-]+)", rest.split(" -d '")[0]))
    for command in commands():
        words = ["-" + letter if letter else "--" + name for letter, name in found[command]]
        expect(f"fish: {command}", sorted(words), names(command))
    need("fish")
    for line, want in (
        ("hinge be", ["bench"]),
        ("hinge bench --grid ", ["quick", "default", "full"]),
        ("hinge bench --grid=q", ["--grid=quick"]),
        ("hinge check -k relu_f", ["relu_fwd"]),
        ("hinge check --isa model --qui", ["--quick"]),
        ("hinge study feat", ["feature-speed"]),
        ("hinge bench --isa scalar,avx5", ["scalar,avx512"]),
    ):
        expect(f"fish: {line}", complete_fish(line), want)
    expect("fish: commands", sorted(complete_fish("hinge ")), commands())
    expect("fish: kernels", complete_fish("hinge bench --kernel "), kernels)
    for command in commands():
        want = [name for name in names(command) if name.startswith("--")]
        expect(f"fish: {command} --", sorted(complete_fish(f"hinge {command} --")), want)


{"man": check_man, "bash": check_bash, "zsh": check_zsh, "fish": check_fish}[form]()
print(f"{len(commands())} commands, {failed} failures")
sys.exit(failed > 0)
