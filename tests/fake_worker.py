#!/usr/bin/python3
"""A build of hinge that takes the times it is told to take, for the tests of `hinge ab`: a worker that speaks the
protocol of bench/worker/serve.h. What it does is said by the JSON file beside it, of its own name and ".json":
  commit    what it says of itself
  cases     {name: {lane: ns}}
  noise     relative spread of a sample, and of a process (placement)
  wrong     names of cases whose output it finds wrong
  crash     names of cases that end it by a signal
  words     a text that the outputs hang on"""
import hashlib
import json
import os
import random
import signal
import sys

with open(os.path.realpath(sys.argv[0]) + ".json", encoding="utf-8") as file:
    told = json.load(file)
noise = told.get("noise", 0.002)
draw = random.Random(int.from_bytes(os.urandom(8), "little") if told.get("seed") is None else told["seed"])
answers = os.fdopen(3, "w")


def answer(**what):
    answers.write(json.dumps(what) + "\n")
    answers.flush()


if sys.argv[1:2] != ["worker"]:
    sys.exit("fake hinge: only a worker")
answer(hello="hinge-worker", protocol=1, version="0", commit=told.get("commit", "0"), compiler="none",
       onednn="none", cases=[{"name": name, "threads": 1} for name in told["cases"]])
lanes, placement = {}, {}
for line in sys.stdin:
    request = json.loads(line)
    if "open" in request:
        name = request["open"]
        if name in told.get("crash", []):
            os.kill(os.getpid(), signal.SIGSEGV)
        lanes = told["cases"][name]
        placement = {lane: draw.gauss(0.0, noise) for lane in lanes}
        wrong = name in told.get("wrong", [])
        words = hashlib.sha256((name + told.get("words", "")).encode()).hexdigest()[:16]
        opened = {"seconds": 0.0, "variants": [
            {"name": lane, "impl": lane, "isa": lane, "state": "wrong" if wrong else "timed", "words": words}
            for lane in lanes]}
        if wrong:
            opened["wrong"] = f"{name} avx2: element 3: got 1, want 2"
        answer(opened=opened)
    elif "sample" in request:
        rounds = request["sample"]["rounds"][1]
        answer(sampled={"rounds": rounds, "seconds": 0.0, "stolen_ns": 0.0, "cpus": [0], "variants": [
            {"name": lane, "iterations": 1, "retaken": 0, "disturbed": 0,
             "ns": [ns * (1 + placement[lane]) * (1 + abs(draw.gauss(0.0, noise))) for _ in range(rounds)],
             "cpu_ns": [ns] * rounds} for lane, ns in lanes.items()]})
    elif "close" in request:
        answer(closed={"seconds": 0.0, "variants": []})
