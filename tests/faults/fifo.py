#!/usr/bin/python3
"""fifo.py HINGE: a named pipe that nobody writes to, in place of each file that is read: no wait, but a sentence that names
it."""
import os

from faults import CALLS, RESULT, conclude, expect, finish, fresh, start

folder = fresh("pipes")
PIPE, MODEL, JOURNAL = (str(folder / name) for name in ("pipe", "pipe.safetensors", "pipe.part"))
for path in (PIPE, MODEL, JOURNAL, str(folder / "checkpoint.safetensors")):
    os.mkfifo(path)
(folder / "steps.jsonl").write_bytes(b"")

READ = [
    (66, ["angle", "--weights", MODEL]),
    (65, ["bench", "--resume", JOURNAL]),
    (66, ["check", "--plugin", PIPE]),
    (66, ["compare", PIPE, RESULT]),
    (66, ["compare", RESULT, RESULT, "--card", PIPE]),
    (66, ["gather", PIPE, RESULT, "-o", folder / "out.json"]),
    (66, ["hash", "--kernel", "relu_fwd", "--against", PIPE]),
    (66, ["history", PIPE]),
    (64, ["history", RESULT, "--index", PIPE]),
    (66, ["model", MODEL]),
    (66, ["report", PIPE, "--html", folder / "out.html"]),
    (66, ["study", "circuits", "--size", "smoke", "--circuit", PIPE]),
    (66, ["study", "circuits", "--size", "smoke", "--machine", PIPE]),
    (66, ["train", "gpt", "--text", PIPE, "-o", folder / "text"]),
    (66, ["train", "gpt", "--tokens", PIPE, "-o", folder / "tokens"]),
    (66, ["train", "gpt", "--resume", folder]),
    (66, ["variance", MODEL]),
]
if "count" in CALLS:
    READ.append((66, ["count", "--kernel", "relu_fwd", "--isa", "scalar", "--baseline", PIPE]))

for code, call in READ:
    what = " ".join(map(str, call)).replace(str(folder) + "/", "")
    _, err = finish(start(*call), what, code)
    expect(str(folder) in err, f"{what}: the pipe is not named: {err}")
conclude()
