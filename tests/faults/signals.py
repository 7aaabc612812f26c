#!/usr/bin/python3
"""signals.py HINGE: Ctrl-C, a second one, SIGTERM, SIGHUP, and a reader that has gone, for each command that runs long: it
ends in order with what is done, or at once and can be gone on with; never with half a file."""
import json
import os
import signal
import subprocess
import time

from faults import BENCH, CALLS, SCHOOL, TRAIN, conclude, expect, files, finish, fresh, hinge, run, start, wait_for

INT, TERM, HUP = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
LONG_TRAIN = [*(x if x != "60" else "100000" for x in TRAIN)]
CIRCUITS = ["study", "circuits", "--size", "smoke", "--threads", "1", "--json"]


def started(call, ready, what, **kwargs):
    """Running, past the point where `ready` is true."""
    process = start(*call, preexec_fn=lambda: signal.signal(INT, signal.SIG_DFL), **kwargs)
    wait_for(lambda: ready() or process.poll() is not None, what)
    expect(process.poll() is None, f"{what}: it was over before its signal")
    return process


def catches(process, number):
    """Whether it has a handler for that."""
    with open(f"/proc/{process.pid}/status", encoding="utf8") as status:
        line = next(line for line in status if line.startswith("SigCgt"))
    return int(line.split()[1], 16) >> (number - 1) & 1


def test_study():
    """In order: what it has so far, marked."""
    for number in (INT, TERM, HUP):
        folder = fresh("study")
        process = start(*CIRCUITS, folder / "s.json", preexec_fn=lambda: signal.signal(INT, signal.SIG_DFL))
        wait_for(lambda p=process: catches(p, INT), "the study")
        process.send_signal(number)
        finish(process, f"study, {number.name}", 128 + number, "result file: ")
        expect(json.loads((folder / "s.json").read_text())["interrupted"] is True, f"study, {number.name}: not marked")
        expect(not list(folder.glob("*.new")), f"study, {number.name}: half a file")


def test_second():
    """Stopped first, so that the second comes while the first is being seen to."""
    for first, second in ((INT, INT), (INT, TERM), (TERM, TERM)):
        folder = fresh("second")
        process = start(*CIRCUITS, folder / "s.json", preexec_fn=lambda: signal.signal(INT, signal.SIG_DFL))
        wait_for(lambda p=process: catches(p, INT), "the study")
        process.send_signal(first)
        wait_for(lambda p=process, n=first: not pending(p, n), "the first")
        process.send_signal(second)
        finish(process, f"{first.name}, then {second.name}", (-second, 128 + first))
        expect(process.returncode == -second or (folder / "s.json").exists(), "neither at once nor in order")


def pending(process, number):
    with open(f"/proc/{process.pid}/status", encoding="utf8") as status:
        lines = [line for line in status if line.startswith(("SigPnd", "ShdPnd"))]
    return any(int(line.split()[1], 16) >> (number - 1) & 1 for line in lines)


def test_train():
    for number in (INT, TERM, HUP):
        folder = fresh("train") / "run"
        steps = folder / "steps.jsonl"
        process = started([*LONG_TRAIN, "-o", folder], lambda: steps.exists() and steps.read_bytes().count(b"\n") > 5,
                          "a training")
        process.send_signal(number)
        finish(process, f"train, {number.name}", 128 + number, "goes on")
        done = steps.read_bytes().count(b"\n")
        process = started(["train", "gpt", "--resume", folder, "--threads", "1"],
                          lambda: steps.read_bytes().count(b"\n") > done, "a training that goes on")
        process.kill()
        process.communicate()


def test_nohup():
    """Under nohup the end of the terminal is none."""
    folder = fresh("nohup") / "run"
    steps = folder / "steps.jsonl"
    process = start(*LONG_TRAIN, "-o", folder, preexec_fn=lambda: signal.signal(HUP, signal.SIG_IGN))
    wait_for(lambda: steps.exists() and steps.read_bytes().count(b"\n") > 5, "a training")
    process.send_signal(HUP)
    done = steps.read_bytes().count(b"\n")
    wait_for(lambda: steps.read_bytes().count(b"\n") > done + 5, "a step behind SIGHUP")
    expect(process.poll() is None, "SIGHUP under nohup")
    process.kill()
    process.communicate()


def test_bench():
    """At once: what is done is in the journal, and no worker is left."""
    folder = fresh("bench")
    journal = folder / "b.json.part"
    call = [*BENCH, "--forks", "6", "--target", "0.01", "--json", folder / "b.json"]
    for number in (TERM, HUP):
        process = started(call, lambda: journal.exists() and journal.read_bytes().count(b"\n") > 1, "a visit")
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="utf8") as children:
            workers = children.read().split()
        process.send_signal(number)
        finish(process, f"bench, {number.name}", -number)
        for worker in workers:
            wait_for(lambda w=worker: not os.path.exists(f"/proc/{w}"), "the end of a worker", 10)
        expect(list(files(folder)) == ["b.json.part"], f"bench, {number.name}: left {list(files(folder))}")
        call = ["bench", "--resume", journal]
    run(*call, says="result file: ")


def test_short():
    """What is written in one go is as it was."""
    for name in ("check", "doctor"):
        folder = fresh("short")
        file = CALLS[name][0]
        (folder / file).write_bytes(b"before")
        call = {"check": ["check", "--junit"], "doctor": ["doctor", "--json"]}[name]
        process = start(*call, folder / file, preexec_fn=lambda: signal.signal(INT, signal.SIG_DFL))
        time.sleep(0.3)
        process.send_signal(INT)
        finish(process, f"{name}, SIGINT", -INT)
        expect(files(folder) == {file: b"before"}, f"{name}, SIGINT: left {list(files(folder))}")


def test_pipe():
    """Nobody reads: the result is kept all the same. What has none ends like any filter."""
    for name in ("bench", "study", "check", "info", "doctor"):
        file, call = CALLS[name]
        folder = fresh("pipe")
        process = start(*call, folder / file)
        process.stdout.close()
        process.stdout = None
        finish(process, f"{name} into a closed pipe", 73, "cannot write to standard output")
        expect((folder / file).stat().st_size > 100, f"{name} into a closed pipe: no result")
    with subprocess.Popen([hinge, "list", "--shapes"], stdout=subprocess.PIPE) as process:
        process.stdout.close()
    expect(process.returncode == -signal.SIGPIPE, f"list into a closed pipe: {process.returncode}")


test_study()
test_second()
test_train()
test_nohup()
test_bench()
test_short()
test_pipe()
conclude()
