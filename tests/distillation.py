#!/usr/bin/python3
"""distillation.py HINGE: `hinge study distillation`: its options, and a sweep that is killed wherever it is, resumed, and gives the
rows of one that was not."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

hinge = str(Path(sys.argv[1]).resolve())
failures = 0


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)


def command(*args):
    return [hinge, "study", "distillation", *map(str, args)]


def run(*args, code=0, says=""):
    done = subprocess.run(command(*args), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    told = done.stdout + done.stderr
    expect(done.returncode == code, f"{' '.join(map(str, args))}: exit {done.returncode}, want {code}: {told[-600:]}")
    expect(says in told, f"{' '.join(map(str, args))}: no '{says}' in {told[-600:]}")
    return done.stdout


def rows(path):
    """The rows in the order of their names, without the head that names the run's options."""
    lines = path.read_text().splitlines()
    expect(lines[-1] == "# complete", f"{path.name}: ends with {lines[-1]}")
    return sorted(lines[2:-1])


SWEEP = ("--model", "mlp", "--d", 20, "--n", "100,200", "--c", 10, "--p", 10, "--rho", "0.3,0.5,0.7", "--tau", "1,10",
         "--epochs", 1500, "--student-epochs", 3000, "--draws", 2)
STUDENTS = 2 * 3 * 2 * 2 * 2  # n, rho, tau, draws, shuffled or not

BAD = {
    "--model svm": "--model svm: logistic, linear, mlp",
    "--only mlp,gpt": "--only gpt: of logistic",
    "--only ,": "no experiment",
    "--rho 0.5": "--rho is of a sweep of your own: it goes with --model",
    "--only mlp --model mlp": "one or the other",
    "--model mlp --rho 1": "--rho 1: a number from 0.01 to 0.99",
    "--model mlp --rho 0.5,x": "--rho x: a number",
    "--model mlp --rho ,": "--rho ',': no number",
    "--model mlp --tau nan": "--tau nan: a number from 0.001 to 1e+06",
    "--model mlp --tau 0": "--tau 0: a number",
    "--model mlp --n 100.5": "--n 100.5: whole numbers",
    "--model mlp --n 150": "--n 150: less than two samples of each of the 100 classes of --c",
    "--model mlp --n 1e9": "--n 1e9: a number from 2 to 1e+07",
    "--model mlp --n 200 --rho 0.3": "--rho 0.3: nothing of the 200 samples of --n is seen",
    "--model addition --d 5 --n 26": "--n 26: there are 25 pairs of numbers below --d 5",
    "--model mlp --d 1": "--d 1: a number from 2",
    "--model mlp --p 0": "--p 0: a number from 1",
    "--model mlp --student-p 1e6": "--student-p 1e6: a number",
    "--model mlp --c 1": "--c 1: a number from 2",
    "--model mlp --lr 0": "--lr 0: a number from 1e-08",
    "--model mlp --student-lr 11": "--student-lr 11: a number from 1e-08 to 10",
    "--model mlp --decay -1": "--decay -1: a number from 0",
    "--model mlp --epochs 0": "--epochs 0",
    "--model mlp --student-epochs x": "--student-epochs x",
    "--model mlp --batch 0": "--batch 0",
    "--model mlp --draws 100000": "--draws 100000",
    "--model mlp --shuffle maybe": "--shuffle maybe: no, yes or both",
    "--model mlp --draws 10000 --tau 1,2,3,4,5,6": "students are asked for; at most 100000",
    "--model logistic --tau 3": "--tau: the model logistic has a student that solves for the logits",
    "--model logistic --hard": "--hard: the model logistic has a student that solves",
    "--model logistic --c 3": "--c: the model logistic has two classes",
    "--model logistic --student-lr 1": "--student-lr: the model logistic has a student that is not trained",
    "--model addition --c 3": "--c: the model addition has as many classes as numbers",
    "--model attention --c 3": "--c: the model attention has as many classes as numbers",
    "--model attention --d 5 --n 26": "--n 26: there are 25 pairs of numbers below --d 5",
    "--model attention --p 16,40": "--p 40: the model attention takes multiples of 16",
    "--model attention --student-p 8": "--student-p 8: the model attention takes multiples of 16",
    "--model plane --d 3": "--d: the model plane has two inputs",
    "--model linear --p 3": "--p: the model linear has no hidden layer",
    "--model linear --student-p 3": "--student-p: the model linear has no hidden layer",
    "--model mlp --hard --tau 3": "--tau and --hard: true labels have no temperature",
    "--save-every -1": "--save-every -1",
    "--resume --no-json": "--resume: no rows are kept here without --rows FILE",
}

for line, says in BAD.items():
    run(*line.split(), code=64, says=says)
run("--help", says="Options of the study distillation:")
for line, says in {"feature-speed --only mlp": "--only is an option of the study distillation",
                   "--save-every 1": "--save-every is an option of the study distillation",
                   "feature-speed --resume": "--resume: the study feature-speed keeps no rows",
                   "feature-speed --rows x.csv": "--rows: the study feature-speed keeps no rows"}.items():
    done = subprocess.run([hinge, "study", *line.split()], capture_output=True, text=True, check=False)
    expect(done.returncode == 64 and says in done.stderr, f"{line}: exit {done.returncode}: {done.stderr}")

with tempfile.TemporaryDirectory() as scratch:
    here = Path(scratch)
    whole, part = here / "whole.csv", here / "part.csv"

    # A run of one thread, undisturbed.
    began = time.monotonic()
    table = run(*SWEEP, "--threads", 1, "--json", here / "whole.json", "--figures", here / "whole", says="mlp, means over 2 draws")
    took = time.monotonic() - began
    wanted = rows(whole)
    expect(len(wanted) == STUDENTS, f"{len(wanted)} rows")
    lines = [line for line in table.splitlines() if line.startswith("    20 ")]
    expect(len(lines) == STUDENTS // 2, f"{len(lines)} lines, one for each combination")
    expect({p.name for p in here.iterdir()} == {"whole", "whole.csv", "whole.json"}, "what is left")
    document = json.loads((here / "whole.json").read_text())
    expect({c["verdict"] for c in document["claims"]} == {"out_of_reach"}, "claims of a sweep of one's own")
    expect(document["claims"][0]["note"] == "left out by --model", "why")
    expect([f["name"] for f in document["figures"]] == ["own"], "its figure")

    # Killed wherever it is, on two threads, each training's state saved all the time; later and later, so that it ends.
    asked = command(*SWEEP, "--threads", 2, "--no-json", "--rows", part, "--save-every", 0, "--resume")
    kills, states, refused = 0, 0, False
    for i in range(200):
        process = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            process.wait(took * (0.1 + 0.02 * i))
        except subprocess.TimeoutExpired:
            process.kill()
            kills += 1
        told = process.communicate()[1].decode()
        expect(process.returncode in (0, -signal.SIGKILL), f"resumed: exit {process.returncode}: {told}")
        folder = Path(f"{part}.states")
        states += folder.exists() and any(folder.iterdir())
        if process.returncode == 0:
            break
        if not refused and part.read_text().count("\n") > 2:
            refused = True
            run(*SWEEP, "--no-json", "--rows", part, code=64, says="rows of an unfinished run: --resume goes on")
            run(*SWEEP, "--seed", 2, "--no-json", "--rows", part, "--resume", code=64, says="rows of another run")
    expect(kills > 2 and states > 0, f"killed {kills} times, {states} with states of trainings")
    expect(rows(part) == wanted, "killed and resumed: the same words")
    expect(not Path(f"{part}.states").exists(), "states that nobody needs any more")

    # Interrupted: what is done is written, and told how to go on.
    process = subprocess.Popen(command(*SWEEP, "--json", here / "cut.json"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 60.0
    while time.monotonic() < deadline and not ((here / "cut.csv").exists() and (here / "cut.csv").read_text().count("\n") > 4):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    told = process.communicate()[0].decode()
    expect(process.returncode == 130, f"interrupted: exit {process.returncode}")
    expect("--resume goes on with them" in told, "interrupted: how to go on")
    run(*SWEEP, "--json", here / "cut.json", "--resume")
    expect(rows(here / "cut.csv") == wanted, "interrupted and resumed: the same words")

    # A disk that is full, rows that are no rows.
    full = Path("/dev/full")
    if full.exists():
        run(*SWEEP, "--no-json", "--rows", full, code=73, says="no regular file")
    (here / "text.csv").write_text("a text\n")
    run(*SWEEP, "--no-json", "--rows", here / "text.csv", code=65, says="line 1 is no head")
    expect((here / "text.csv").read_text() == "a text\n", "somebody's file")
    os.truncate(whole, whole.stat().st_size - 12)
    limited = subprocess.run(["bash", "-c", 'ulimit -f 8; trap "" XFSZ; exec "$@"', "-", *command(*SWEEP, "--no-json", "--rows", here / "big.csv")],
                             capture_output=True, text=True, check=False)
    expect(limited.returncode == 73 and "a row" in limited.stderr, f"a full disk: {limited.returncode} {limited.stderr}")
    expect((here / "big.csv").read_text().endswith("\n"), "half a row")

sys.exit(1 if failures else 0)
