#!/usr/bin/python3
"""hang.py PLANTED CLOCK: a kernel that does not return in one row of bench: a sentence names row and lane, and the other rows
have their times; Ctrl-C ends it in order meanwhile. PLANTED is a hinge whose dot_fwd for AVX2 has no end at n:16384."""
import json
import os
import signal
import sys

from faults import conclude, expect, files, finish, fresh, run, start, wait_for

ENDLESS = "dot_fwd/n:16384"
CALL = ["bench", "--kernel", "dot_fwd", "--filter", "n:(2000|16384)$", "--isa", "avx2", "--threads", "1", "--forks", "2",
        "--budget", "20s", "--json"]
ENV = {"HINGE_PLANTED_HANG": "1"}
SOON = {**ENV, "LD_PRELOAD": sys.argv[2], "HINGE_CLOCK_TIMER": "20000000"}  # a minute is over in 1.2 s

if "avx2     used" not in run("info", "--no-roofs")[0]:
    print("SKIPPED: no AVX2 here")
    sys.exit(77)


def rows_of(path):
    return {row["name"]: row for row in json.loads(path.read_text())["benchmarks"]}


def test_bench():
    folder = fresh("bench")
    _, err = run(*CALL, folder / "b.json", env=SOON, says="result file: ")
    expect(f"hinge bench: not timed: {ENDLESS} avx2: its process ended by SIGALRM, since it did not return" in err,
           f"no sentence: {err}")
    rows = rows_of(folder / "b.json")
    expect("SIGALRM" in rows[f"{ENDLESS}/threads:1/avx2"].get("error_message", ""), f"its row: {sorted(rows)}")
    expect(rows["dot_fwd/n:2000/threads:1/avx2"].get("samples"), "the other row has no samples")
    expect(list(files(folder)) == ["b.json"], f"left {list(files(folder))}")


def children(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="utf8") as file:
        return file.read().split()


def hanging(process):
    """It is in a worker that has computed for longer than both rows take."""
    for child in children(process):
        with open(f"/proc/{child}/stat", encoding="utf8") as stat:
            ticks = int(stat.read().rsplit(")", 1)[1].split()[11])
        if ticks > 2 * os.sysconf("SC_CLK_TCK"):
            return True
    return False


def test_interrupt():
    folder = fresh("interrupt")
    process = start(*CALL, folder / "b.json", env=ENV, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    wait_for(lambda: hanging(process), "the loop")
    worker = children(process)[0]
    process.send_signal(signal.SIGINT)
    finish(process, "Ctrl-C in a loop", 130)
    expect(not os.path.exists(f"/proc/{worker}"), "Ctrl-C in a loop: the worker is left")


test_bench()
test_interrupt()
conclude()
