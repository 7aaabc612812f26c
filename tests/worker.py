#!/usr/bin/python3
"""worker.py HINGE: `hinge worker` by its protocol (bench/worker/serve.h): rows, samples and words of two processes, requests
that cannot be met, and its end."""
import json
import os
import subprocess
import sys

hinge = sys.argv[1]
failures = 0
CASE = "dense_fwd/m:8/n:64/k:64/relu"


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)


class Worker:
    def __init__(self, *args):
        answers, end = os.pipe()
        # Descriptor 3 in the child, whatever it is here.
        self.process = subprocess.Popen(["bash", "-c", f'exec "$@" 3>&{end}', "worker", hinge, "worker", *args],
                                        stdin=subprocess.PIPE, pass_fds=(end,), text=True)
        os.close(end)
        self.answers = os.fdopen(answers)
        self.hello = json.loads(self.answers.readline())

    def ask(self, request, key):
        text = request if isinstance(request, str) else json.dumps(request)
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.answers.readline())
        expect(list(answer) == [key], f"{text} is answered by {answer}, not {key}")
        return answer.get(key, {})

    def refused(self, request, says):
        failed = self.ask(request, "failed")
        expect(failed.get("code") == 64 and says in failed.get("text", ""), f"{request}: {failed}")

    def end(self):
        self.process.stdin.close()
        rest = self.answers.read()
        self.answers.close()
        expect(self.process.wait(60) == 0 and rest == "", f"its end: {rest}")


def sample(least, most, seconds=10.0, target=0.0, tight=False):
    return {"sample": {"rounds": [least, most], "seconds": seconds, "tight": tight, "target": target, "seed": 1}}


def wrong(opened):
    return [v["name"] for v in opened["variants"] if v["state"] != "timed"]


def first():
    """Every variant, by the oracle; sampled twice, as an interleaved comparison does."""
    worker = Worker("--kernel", "dense_fwd", "--isa", "scalar,avx2")
    expect(worker.hello["hello"] == "hinge-worker" and worker.hello["protocol"] == 1, f"hello: {worker.hello}")
    expect({"name": CASE, "threads": 1} in worker.hello["cases"], "a case is not named")
    opened = worker.ask({"open": CASE, "threads": 1}, "opened")
    names = [v["name"] for v in opened["variants"]]
    expect("avx2" in names and not wrong(opened), f"{names}, {wrong(opened)} wrong")
    expect(opened["checked"] == 8 * 64 and opened["oracle_seconds"] > 0, f"what the oracle was asked: {opened}")
    expect(all(0 <= x < 4096 and x % 64 == 0 for x in opened["offset"]), f"operands at {opened['offset']}")
    for rounds in (4, 6):
        sampled = worker.ask(sample(rounds, rounds), "sampled")
        expect(sampled["rounds"] == rounds and len(sampled["cpus"]) == 1, f"{rounds} rounds: {sampled['rounds']}")
        for v in sampled["variants"]:
            whole = len(v["ns"]) == rounds or (v["name"].startswith("dnnl-") and len(v["ns"]) == 3)
            expect(whole and len(v["cpu_ns"]) == len(v["ns"]), f"{v['name']}: {len(v['ns'])} samples of {rounds}")
            expect(all(x > 0 for x in v["ns"] + v["cpu_ns"]), f"{v['name']}: a sample of no time")
    expect(worker.ask({"close": True}, "closed")["variants"] == [], "wrong after the timing")
    worker.end()
    return {v["name"]: v["words"] for v in opened["variants"]}


def second(words):
    """Another process writes the same words, and is found out when it does not."""
    worker = Worker("--kernel", "dense_fwd", "--isa", "scalar,avx2")
    known = {"avx2": words["avx2"]}
    opened = worker.ask({"open": CASE, "threads": 1, "words": known}, "opened")
    expect([v["name"] for v in opened["variants"]] == ["avx2"], "variants that were not asked for")
    expect(opened["oracle_seconds"] == 0 and "checked" not in opened and not wrong(opened), "the oracle for known words")
    expect(worker.ask(sample(1, 9, seconds=0.0, tight=True), "sampled")["rounds"] == 1, "rounds where the time is tight")
    worker.ask({"close": True}, "closed")
    other = worker.ask({"open": CASE, "threads": 1, "words": {"avx2": "0123456789abcdef"}}, "opened")
    expect(wrong(other) == ["avx2"] and "other words" in other["wrong"], f"other words: {other}")
    expect(worker.ask(sample(3, 3), "sampled")["variants"] == [], "a wrong variant has samples")
    expect(worker.ask({"close": True}, "closed")["variants"] == ["avx2"], "it is forgotten that it was wrong")
    # oneDNN's order of rounding is its own: other words are held to the oracle, and may be right.
    twin = next((name for name in words if name.startswith("dnnl-")), None)
    if twin:
        held = worker.ask({"open": CASE, "threads": 1, "words": {twin: "0123456789abcdef"}}, "opened")
        expect(not wrong(held) and held["oracle_seconds"] > 0, f"other words of oneDNN: {held}")
        worker.ask({"close": True}, "closed")
        form = twin.removeprefix("dnnl-")
        forms = worker.ask({"open": CASE, "threads": 1, "forms": [form, "no such form", 3]}, "opened")
        expect([v["name"] for v in forms["variants"] if "form" in v] == [twin], f"forms that were asked for: {forms}")
        worker.ask({"close": True}, "closed")
    worker.end()


def cannot():
    worker = Worker("--kernel", "relu_fwd", "--filter", "n:2000$")
    worker.refused({"close": True}, "no row is open")
    worker.refused(sample(1, 1), "no row is open")
    worker.refused({"open": 5}, "no row is open")
    worker.refused({"open": "no such case", "threads": 1}, "no such row")
    worker.refused({"open": "relu_fwd/n:2000", "threads": 2}, "no such row")
    worker.ask({"open": "relu_fwd/n:2000", "threads": 1}, "opened")
    worker.refused({"sample": {"rounds": 5}}, "without its plan")
    worker.refused({"sample": {"rounds": [-1, 1], "seconds": 1, "tight": False, "target": 0, "seed": 1}}, "plan")
    worker.ask(sample(3, 3), "sampled")
    worker.refused({"open": "relu_fwd/n:2000", "threads": 1}, "a row is open")
    worker.ask({"open": "relu_fwd/n:2000", "threads": 1}, "opened")
    worker.end()
    # Neither without a parent nor in the list of commands.
    alone = subprocess.run([hinge, "worker"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    expect(alone.returncode == 64 and "hinge bench" in alone.stderr, f"alone: {alone.returncode}, {alone.stderr}")
    listed = subprocess.run([hinge, "--help"], capture_output=True, text=True, check=False).stdout
    expect("worker" not in listed and "bench" in listed, "an internal command in the list")


second(first())
cannot()
print(f"{failures} failures")
sys.exit(failures != 0)
