"""What the tests of outside faults share: small calls of every command that writes a file, and how to judge them."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

hinge = str(Path(sys.argv[1]).resolve())
failures = checks = 0
_scratch = tempfile.TemporaryDirectory(prefix="hinge-faults-")
scratch = Path(_scratch.name)


def dated_result():
    """A result file that has what a history asks for too."""
    document = json.loads(Path("tests/corpus/results/v2.json").read_text())
    document["context"]["date"] = "2024-02-29T12:00:00Z"
    (scratch / "result.json").write_text(json.dumps(document))
    return str(scratch / "result.json")


RESULT = dated_result()

BENCH = ["bench", "--depth", "1", "--width", "16", "--batch", "1", "--scale", "1", "--isa", "scalar", "--threads", "1",
         "--forks", "3", "--target", "50", "--budget", "20s"]
TRAIN = ["train", "gpt", "--layers", "1", "--channels", "16", "--heads", "1", "--context", "8", "--batch", "2",
         "--steps", "60", "--warmup", "5", "--threads", "1"]
SCHOOL = ["study", "distillation", "--size", "smoke", "--threads", "1"]

# Which file a call writes, and the call without it.
CALLS = {
    "ab": ("ab.json", ["ab", hinge, hinge, "--kernel", "relu_fwd", "--filter", "n:2000$", "--isa", "scalar", "--threads", "1",
                       "--budget", "1s", "--json"]),
    "angle": ("angle.json", ["angle", "--depth", "2", "--width", "16", "--json"]),
    "bench": ("bench.json", [*BENCH, "--json"]),
    "check": ("check.xml", ["check", "--kernel", "relu_fwd", "--quick", "--no-twins", "--isa", "scalar", "--junit"]),
    "compare": ("compare.json", ["compare", RESULT, RESULT, "--force", "--json"]),
    "compare-junit": ("compare.xml", ["compare", RESULT, RESULT, "--force", "--junit"]),
    "compare-markdown": ("compare.md", ["compare", RESULT, RESULT, "--force", "--markdown"]),
    "count": ("count.csv", ["count", "--kernel", "relu_fwd", "--isa", "scalar", "--update", "--baseline"]),
    "doctor": ("doctor.json", ["doctor", "--no-probe", "--json"]),
    "history": ("history.json", ["history", RESULT, "--index", str(scratch / "history.db"), "--json"]),
    "info": ("info.json", ["info", "--no-roofs", "--json"]),
    "model": ("model.safetensors", ["model", "--init", "1x64", "--vocab", "256", "--context", "8", "-o"]),
    "report": ("report.html", ["report", RESULT, "--html"]),
    "study": ("study.json", [*SCHOOL, "--json"]),
    "train": ("train", [*TRAIN, "-o"]),
}
SANITIZED = any(name in Path(hinge).read_bytes() for name in (b"__asan_init", b"__tsan_init"))
if not shutil.which("valgrind") or SANITIZED:
    print("SKIPPED count: no valgrind here, or none that runs this build")
    del CALLS["count"]
FINE = (0, 3)  # a file held to itself, or a build for a second, is inconclusive


SPEAKERS = ("hinge", "libgomp", "OMP")  # and the two libraries of OpenMP


def expect(good, what):
    global failures, checks
    checks += 1
    if not good:
        failures += 1
        print("FAIL", what)
    return good


def environment(changes):
    """None takes a variable away."""
    env = {**os.environ, **(changes or {})}
    return {name: value for name, value in env.items() if value is not None}


def start(*args, env=None, **kwargs):
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **kwargs}
    return subprocess.Popen([hinge, *map(str, args)], text=True, errors="replace", env=environment(env), **streams)


def finish(process, what, codes, says=""):
    """Its output and errors; each failure is a sentence of the command, and never a crash."""
    try:
        out, err = process.communicate(timeout=100)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        expect(False, f"{what}: no end after 100 s")
    codes = (codes,) if isinstance(codes, int) else codes
    told = f"{what}: exit {process.returncode}\n{(err or out or '')[-700:]}"
    expect(process.returncode in codes, f"{told}\nwant {codes}")
    expect(says in (out or "") + (err or ""), f"{told}\nwant '{says}'")
    if process.returncode in (65, 66, 69, 70, 71, 73) and err is not None:
        expect(any(who in err for who in SPEAKERS), f"no sentence: {told}")
    return out, err


def run(*args, codes=0, says="", what=None, **kwargs):
    return finish(start(*args, **kwargs), what or " ".join(map(str, args)), codes, says)


def fresh(name):
    """A folder of that name with nothing in it."""
    folder = scratch / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def wait_for(test, what, seconds=60):
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            sys.exit(f"FAIL {what} did not come")
        time.sleep(0.002)


def in_namespace():
    """Starts the script again where it may mount what only it sees; False where nobody lets it."""
    if os.environ.get("HINGE_NAMESPACE"):
        return True
    for flags in (["-m"], ["-rm"]):
        if subprocess.run(["unshare", *flags, "mount", "-t", "tmpfs", "none", scratch], check=False,
                          capture_output=True).returncode == 0:
            os.environ["HINGE_NAMESPACE"] = "1"
            _scratch.cleanup()
            os.execvp("unshare", ["unshare", *flags, sys.executable, *sys.argv])
    return False


def conclude():
    print(f"{checks} checks, {failures} failures")
    sys.exit(failures != 0)
