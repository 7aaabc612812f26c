#!/usr/bin/python3
"""train.py HINGE: `hinge train gpt`, `hinge sample` and `hinge variance`: the same words for any number of threads and
after any kill, records against what the checkpoint holds, and files and options that are wrong."""
import fcntl
import gzip
import json
import math
import os
import pty
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

hinge = sys.argv[1]
failures = checks = 0
work = tempfile.TemporaryDirectory()
dir_ = Path(work.name)
random.seed(1)
L, C, T, B, STEPS = 2, 32, 16, 4, 240
SMALL = ["--layers", L, "--channels", C, "--heads", 2, "--context", T, "--batch", B, "--steps", STEPS, "--warmup", 20,
         "--lr", 3e-3, "--record-every", 6, "--held-out-every", 50]
PARTS = {"q": L, "k": L, "v": L, "o": L, "fc": L, "proj": L, "ln_1": L, "ln_2": L, "wte": 1, "wpe": 1, "ln_f": 1}


def expect(good, what):
    global failures, checks
    checks += 1
    if not good:
        failures += 1
        print("FAIL", what)


def run(*args, code=0, says="", before=None, env=None):
    """What is printed; a failure of a file is one line, a signal is none."""
    done = subprocess.run([hinge, *map(str, args)], capture_output=True, check=False, timeout=120, preexec_fn=before,
                          env={**os.environ, **(env or {})})
    out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    told = f"hinge {' '.join(map(str, args))}: exit {done.returncode}\n{err:.600}"
    expect(done.returncode == code and says in out + err, f"{told}\nwant {code}, '{says}'")
    if done.returncode in (2, 65, 66, 71, 73):
        expect(err.startswith(f"hinge {args[0]}") and err.count("\n") == 1, f"not one sentence: {told}")
    expect(max(map(len, out.splitlines()), default=0) <= 100 + len(str(dir_)) or args[0] == "sample",
           f"a line is too long: {told}")
    return out


def train(folder, *args, **kwargs):
    return run("train", "gpt", *SMALL, "-o", dir_ / folder, *args, **kwargs)


def resume(folder, *args, **kwargs):
    return run("train", "gpt", "--resume", dir_ / folder, *args, **kwargs)


def words(folder):
    return [(dir_ / folder / name).read_bytes() for name in ("checkpoint.safetensors", "steps.jsonl")]


def journal(folder):
    return [json.loads(line) for line in (dir_ / folder / "steps.jsonl").read_text().splitlines()]


def tensors(path):
    content = path.read_bytes()
    length, = struct.unpack_from("<Q", content)
    header = json.loads(content[8:8 + length])
    metadata = header.pop("__metadata__")
    data = content[8 + length:]
    return metadata, {name: data[slice(*e["data_offsets"])] for name, e in header.items()}


# ---- one run, whole
out = train("whole", "--threads", 1)
whole = words("whole")
for threads in (2, 3):
    train(f"on{threads}", "--threads", threads)
    expect(words(f"on{threads}") == whole, f"{threads} threads: other words than one")
train("seed", "--seed", 2)
expect(words("seed") != whole, "another seed, the same words")

steps = journal("whole")
expect([s["step"] for s in steps] == list(range(STEPS + 1)), "a line a step, in order")
for s in steps[1:]:
    n = s["step"]
    rate = 3e-3 * n / 20 if n <= 20 else 3e-4 + 2.7e-3 * (1 + math.cos(math.pi * (n - 20) / (STEPS - 20))) / 2
    expect(math.isclose(s["rate"], rate, rel_tol=1e-8), f"step {n}: rate {s['rate']}, {rate}")
    expect(("variance" in s) == (n % 6 == 0) == ("mean" in s), f"step {n}: a record of the weights")
    expect(("held_out" in s) == (n % 50 == 0 or n == STEPS), f"step {n}: a loss of held-out tokens")
expect(abs(steps[1]["loss"] - math.log(256)) < 0.2, f"a fresh model knows nothing: {steps[1]['loss']}")
late = sum(s["loss"] for s in steps[-20:]) / 20
expect(late < 3.4 and steps[-1]["held_out"] < 3.4, f"the loss went down to {late}, held out {steps[-1]['held_out']}")
for row in re.findall(r"^ +(\d+) +([\d.]+) +([\d.]+) ", out.split("Standard")[0], re.M):
    s = steps[int(row[0])]
    expect(abs(float(row[1]) - s["loss"]) < 1e-4 and abs(float(row[2]) - s["held_out"]) < 1e-4, f"printed: {row}")

# ---- records against the checkpoint
metadata, held = tensors(dir_ / "whole" / "checkpoint.safetensors")


def floats(name):
    return struct.unpack(f"<{len(held[name]) // 4}f", held[name])


def spread(x):
    mean = math.fsum(x) / len(x)
    return mean, math.fsum((v - mean)**2 for v in x) / len(x)


def part_of(part, layer):
    tensor = {"o": "attn.c_proj", "fc": "mlp.c_fc", "proj": "mlp.c_proj", "wte": "wte", "wpe": "wpe", "ln_1": "ln_1",
              "ln_2": "ln_2", "ln_f": "ln_f"}.get(part, "attn.c_attn")
    x = floats((f"h.{layer}." if PARTS[part] > 1 else "") + tensor + ".weight")
    third = "qkv".find(part) if part in ("q", "k", "v") else -1
    return x if third < 0 else [v for r in range(C) for v in x[r * 3 * C + third * C:r * 3 * C + (third + 1) * C]]


run("variance", dir_ / "whole" / "checkpoint.safetensors", "--json", dir_ / "variance.json", says="2 layers of 32")
told = json.loads((dir_ / "variance.json").read_text())
for part, count in PARTS.items():
    for where, record in (("the journal", steps[-1]), ("hinge variance", told)):
        for field, at in (("mean", 0), ("variance", 1)):
            got = record[field][part]
            want = [spread(part_of(part, layer))[at] for layer in range(count)]
            # Nine digits are written; the square of a mean near 1 cancels in the variance of a gain.
            expect(len(got) == count and all(abs(a - b) <= 1e-8 * abs(b) + 1e-13 for a, b in zip(got, want)),
                   f"{field} of {part} in {where}: {got}, {want}")

# ---- bands against the rule, from the journal
result = json.loads((dir_ / "whole" / "result.json").read_text())
expect(len(result["bands"]) == sum(PARTS.values()), "a band for each part of each layer")
records = [s for s in steps if "variance" in s]
for band in result["bands"]:
    x = [math.sqrt(s["variance"][band["part"]][band["layer"] or 0]) for s in records]
    last = [v for v, s in zip(x, records) if s["step"] >= 0.75 * STEPS]
    level = math.fsum(last) / len(last)
    way = abs(level - x[0])
    tau = None
    if way > max(last) - min(last):
        near = [abs(v - level) <= way / math.e for v in x]
        tau = records[next(i for i in range(len(x)) if all(near[i:]))]["step"]
    expect(all(math.isclose(band[k], v, rel_tol=1e-12) for k, v in
               (("start", x[0]), ("level", level), ("lo", min(last)), ("hi", max(last)))), f"band {band}")
    expect(band["tau"] == tau and band["rate"] == (1 / tau if tau else None), f"tau of {band}: {tau}")
    expect(band["settled"] == (max(last) - min(last) <= 0.05 * level), f"settled: {band}")
expect(result["settings"]["layers"] == L and result["loss"] == steps[-1]["loss"], "result.json: settings, loss")
expect(result["held_out"] == steps[-1]["held_out"] and result["tokens_per_second"] > 0, "result.json: numbers")
expect(out.count("\n    0") >= 1 and "tau: the step" in out, "the table of bands")
train("few", "--record-every", 100, says="no bands: they take 4 records")
out = train("no-records", "--record-every", 0, "--held-out", 0, "--steps", 30, says="no bands")
expect(len(re.findall(r"^ +\d+ +[\d.]+ +- ", out, re.M)) == 15, "rows where nothing is held out")
expect(all(s.keys() <= {"step", "rate", "loss", "norm"} for s in journal("no-records")), "nothing recorded, nothing held out")

# ---- on a terminal


def on_terminal(*args, **streams):
    main, side = pty.openpty()
    process = subprocess.Popen([hinge, *map(str, args)], **{name: side for name in streams})
    os.close(side)
    told = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:  # the other side is closed
            break
        told += piece
    os.close(main)
    expect(process.wait() == 0, f"on a terminal: {args}")
    return told


told = on_terminal("train", "gpt", *SMALL, "-o", dir_ / "terminal", stderr=True, stdout=True)
expect(re.search(rb"\r\x1b\[Kstep \d+ of 240, loss \d\.\d{4}, \d+ tokens/s, [\d.]+ (m?s|min) left", told), f"progress: {told!r:.500}")
expect(words("terminal") == whole, "on a terminal, other words")
expect("\x1b" not in out, "progress where there is no terminal")
seen = on_terminal("sample", dir_ / "whole" / "checkpoint.safetensors", "-n", 0, "--prompt", "\x1b[2J\xe9!", stdout=True)
expect(seen.strip() == b"\\x1b[2J\xc3\xa9!", f"a terminal is told {seen!r}")

# ---- ten thousand steps take the memory of two hundred
TINY = ["--layers", 1, "--channels", 8, "--heads", 1, "--context", 4, "--batch", 1, "--threads", 1, "--record-every", 0,
        "--held-out", 0, "--checkpoint-every", 1000]
most = []
for n in (200, 10000):
    process = subprocess.Popen([hinge, "train", "gpt", *map(str, TINY), "-o", dir_ / f"tiny{n}", "--steps", str(n)],
                               stdout=subprocess.DEVNULL, env={**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=1"})
    _, ended, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(ended)
    expect(process.returncode == 0, f"{n} steps: exit {process.returncode}")
    most.append(usage.ru_maxrss)
# A step that kept a byte of each of its 3,000 parameters would hold 30 MiB more: half of that is no allocator's whim.
expect(most[1] < most[0] + 15 * 1024, f"{most} KiB for 200 and 10,000 steps")

# ---- killed at any step
for kill in (signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
    folder = dir_ / f"killed{checks}"
    args = ["-o", folder, *SMALL]
    kills = 0
    while True:
        begun = len((folder / "steps.jsonl").read_bytes().splitlines()) if kills else 0
        process = subprocess.Popen([hinge, "train", "gpt", *map(str, args), "--checkpoint-every", "7"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        at = begun + random.randrange(5, 80)
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            if (folder / "steps.jsonl").exists() and (folder / "checkpoint.safetensors").exists():
                if (folder / "steps.jsonl").read_bytes().count(b"\n") >= at:
                    break
            time.sleep(0.002)
        process.send_signal(kill)
        told = process.communicate()[1].decode()
        if process.returncode == 0:
            break
        want = -9 if kill == signal.SIGKILL else 128 + kill
        expect(process.returncode == want, f"{kill.name}: exit {process.returncode}: {told}")
        if kill != signal.SIGKILL:
            expect("stopped behind step" in told, f"{kill.name}: {told}")
        args = ["--resume", folder]
        kills += 1
    expect(kills > 0, f"{kill.name}: the run was over before it came")
    expect(words(folder) == whole, f"{kill.name}, {kills} times: other words than without")
shutil.copytree(dir_ / "whole", dir_ / "again")
resume("again", says=f"{STEPS} steps of {STEPS} are done")
expect(words("again") == whole, "a run that was done, gone on with")
expect(json.loads((dir_ / "again" / "result.json").read_text())["loss"] == result["loss"], "its loss")

# ---- a disk that is full
half = dir_ / "disk"
process = subprocess.Popen([hinge, "train", "gpt", *map(str, SMALL), "-o", half, "--checkpoint-every", "20"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while not (half / "steps.jsonl").exists() or (half / "steps.jsonl").read_bytes().count(b"\n") < 60:
    time.sleep(0.002)
process.kill()
process.wait()
kept = (half / "checkpoint.safetensors").read_bytes()


def small_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 17, 1 << 17))


resume("disk", "--checkpoint-every", 20, code=73, says="File too large", before=small_files)
expect((half / "checkpoint.safetensors").read_bytes() == kept, "a full disk cost the checkpoint")
expect(not list(half.glob("*.part")), "something half written")
resume("disk")
expect(words("disk") == whole, "after a full disk: other words than without")

# ---- a loss that is not finite
train("broken", "--lr", 1e6, "--clip", 0, "--checkpoint-every", 1, code=2, says="is that of step")
expect("norm" in journal("broken")[-1], "the journal of a run that broke")
tensors(dir_ / "broken" / "checkpoint.safetensors")

# ---- states that are wrong
good = whole[0]
bad = dir_ / "bad"
length, = struct.unpack_from("<Q", good)
header = json.loads(good[8:8 + length])


def with_state(content, lines=whole[1]):
    bad.mkdir(exist_ok=True)
    (bad / "checkpoint.safetensors").write_bytes(content)
    (bad / "steps.jsonl").write_bytes(lines)


def changed(change, reseal=False):
    new = json.loads(json.dumps(header))
    state = json.loads(new["__metadata__"]["train"])
    change(new, state)
    if state is not None and "train" in new.get("__metadata__", {}):
        new["__metadata__"]["train"] = json.dumps(state, separators=(",", ":"))
        if reseal:
            new["__metadata__"]["crc32"] = f"{zlib.crc32(new['__metadata__']['train'].encode() + memory):08x}"
    head = json.dumps(new).encode()
    return struct.pack("<Q", len(head)) + head + good[8 + length:]


def layout():
    """The parameters as they lie in memory: each tensor at a multiple of 64 bytes."""
    names = ["wte", "wpe"] + [f"h.{i}.{n}" for i in range(L) for n in
                              ("ln_1.w", "ln_1.b", "attn.c_attn.w", "attn.c_attn.b", "attn.c_proj.w", "attn.c_proj.b",
                               "ln_2.w", "ln_2.b", "mlp.c_fc.w", "mlp.c_fc.b", "mlp.c_proj.w", "mlp.c_proj.b")]
    names = [n + ".weight" if "." not in n else n[:-1] + {"w": "weight", "b": "bias"}[n[-1]] for n in names]
    return b"".join(held[n] + bytes(-len(held[n]) % 64) for n in names + ["ln_f.weight", "ln_f.bias"])


memory = layout() + held["optimizer.m"] + held["optimizer.v"]
expect(f"{zlib.crc32(metadata['train'].encode() + memory):08x}" == metadata["crc32"], "the sum by the rule of its header")


def setting(name, value):
    return changed(lambda h, s: s["settings"].update({name: value}), reseal=True)


flipped = bytearray(good)
flipped[8 + length + 100] ^= 1
moment = bytearray(good)
moment[-5] ^= 64
plain = dir_ / "plain.safetensors"
run("model", "--init", f"{L}x{C}", "--heads", 2, "--vocab", 256, "--context", T, "-o", plain)
WRONG = [
    ("too short", b""), ("ends at byte", good[:-4]), ("crc32", bytes(flipped)), ("crc32", bytes(moment)),
    ("without the state", plain.read_bytes()), ("no JSON", good[:9] + b"#" + good[10:]),
    ("crc32", changed(lambda h, s: s.update(step=7))), ("no step of 0 to 240", changed(lambda h, s: s.update(step=241))),
    ("no step", changed(lambda h, s: s.update(step="7"))), ("no step", changed(lambda h, s: s.pop("text"))),
    ("another version", changed(lambda h, s: s.update(version=2))),
    ("without the state", changed(lambda h, s: h["__metadata__"].pop("train"))),
    ("without the state", changed(lambda h, s: h["__metadata__"].update(crc32="xyz"))),
    ("no layers of 1 to 512", setting("layers", 0)), ("no batch of 1 to 4096", setting("batch", 10**9)),
    ("no lr of", setting("lr", "fast")), ("no lr of", setting("lr", -1)), ("no init of gpt2", setting("init", "magic")),
    ("no beta1 of 0 to below 1", setting("beta1", 1)), ("22 settings, not 21", setting("size", 1)),
    ("other sizes", setting("layers", 3)), ("other sizes", setting("context", 8)), ("other sizes", setting("heads", 4)),
    ("is longer than", setting("warmup", 10**6)),
    ("optimizer.m is missing", changed(lambda h, s: h.update({"optimizer.x": h.pop("optimizer.m")}))),
    ("optimizer.v: F32 [", changed(lambda h, s: h["optimizer.v"]["shape"].append(1))),
    ("vocabulary of 257 goes with --tokens", setting("vocab", 257)),
]
for says, content in WRONG:
    with_state(content)
    resume("bad", code=64 if "goes with" in says else 65, says=says)
for says, lines in [("ends 241 lines before step 240", b""), ("ends 1 lines", b"".join(whole[1].splitlines(True)[:-1])),
                    ("steps.jsonl:2: not the record of step 1", whole[1].replace(b'{"step":1,', b'{"step":2,')),
                    ("steps.jsonl:4:", whole[1].replace(b'{"step":3,', b'{"step":3 '))]:
    with_state(good, lines)
    resume("bad", code=65, says=says)
with_state(good, whole[1] + whole[1].splitlines(True)[-1][:30])
resume("bad")
expect(words("bad") == whole, "half a line behind the last was not dropped")
(bad / "steps.jsonl").unlink()
resume("bad", code=73, says="steps.jsonl")
with open(dir_ / "whole" / "steps.jsonl", "rb") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    resume("whole", code=73, says="another run is writing it")
for _ in range(40):
    broken = bytearray(good)
    for _ in range(random.choice((1, 2, 8))):
        broken[random.randrange(8 + length)] = random.randrange(256)
    with_state(bytes(broken))
    done = subprocess.run([hinge, "train", "gpt", "--resume", bad], capture_output=True, check=False, timeout=120)
    expect(done.returncode in (0, 64, 65, 71), f"a broken header: exit {done.returncode}: {done.stderr.decode()}")
train("whole", code=73, says="holds a run: --resume")
expect(words("whole") == whole, "a run was written over")

# ---- texts and token files
prose = (dir_ / "prose.txt")
prose.write_bytes(b"It was a grey day. \xff\x00" * 40)
(dir_ / "prose.txt.gz").write_bytes(gzip.compress(prose.read_bytes()))
SHORT = ["--steps", 4, "--warmup", 1]
train("plain", "--text", prose, *SHORT)
train("gzip", "--text", dir_ / "prose.txt.gz", *SHORT)
expect(words("plain") == words("gzip"), "text, gzipped or not")
resume("plain", "--text", dir_ / "prose.txt.gz")
resume("plain", code=65, says="was trained on 840 with")
resume("plain", "--text", dir_ / "missing", code=66, says="No such file")
train("x", "--text", dir_, code=66, says="not a regular file")
(dir_ / "cut.gz").write_bytes((dir_ / "prose.txt.gz").read_bytes()[:-6])
train("x", "--text", dir_ / "cut.gz", code=65, says="cut.gz: ")
(dir_ / "short").write_bytes(b"x" * 300)
train("x", "--text", dir_ / "short", code=65, says="300 tokens, of which 15 are held out; a context of 16 takes at least 17")
(dir_ / "short").write_bytes(b"")
train("x", "--text", dir_ / "short", "--held-out", 0, code=65, says="0 tokens")
(dir_ / "here").mkdir()
run("train", "gpt", *SMALL, *SHORT, "-o", dir_ / "x", env={"HINGE_DATA": str(dir_ / "here")}, code=66, says="moby-dick.txt.gz")


def token_file(ids, magic=20240520, version=1, count=None):
    path = dir_ / "tokens.bin"
    head = struct.pack("<256i", magic, version, len(ids) if count is None else count, *[0] * 253)
    path.write_bytes(head + struct.pack(f"<{len(ids)}H", *ids))
    return path


ids = [random.randrange(300) for _ in range(1000)]
train("ids", "--tokens", token_file(ids), "--vocab", 300, *SHORT, says="vocabulary 300")
plain_ids = dir_ / "tokens.bin"
resume("ids", code=64, says="a vocabulary of 300 goes with --tokens")
resume("ids", "--tokens", plain_ids)
for says, path, *args in [
        ("token 3 is 301; the vocabulary has 300", lambda: token_file([1, 2, 3, 301] + ids), "--vocab", 300),
        ("token 0 is 50257; the vocabulary has 50257", lambda: token_file([50257] + ids)),
        ("magic number 7", lambda: token_file(ids, magic=7)), ("version 2", lambda: token_file(ids, version=2)),
        ("2000 bytes behind its header, which says 999", lambda: token_file(ids, count=999)),
        ("which says -1 tokens", lambda: token_file(ids, count=-1)),
        ("20 tokens", lambda: token_file(ids[:20], count=20), "--vocab", 300)]:
    train("x", "--tokens", path(), *args, code=65, says=says)
(dir_ / "tokens.bin").write_bytes(b"\x28\xd7\x34\x01")
train("x", "--tokens", dir_ / "tokens.bin", code=65, says="shorter than a token file's header")

# ---- options: each range is named
help_ = run("train", "gpt", "--help")
options = {"layers": ("1", "512"), "channels": ("1", "65536"), "heads": ("0", "65536"), "context": ("1", "65536"),
           "vocab": ("0", "65536"), "std": ("0", "1000000"), "seed": ("0", "9007199254740992"), "batch": ("1", "4096"),
           "steps": ("1", "1000000000000"), "warmup": ("0", "1000000000000"), "lr": ("0", "1000000"), "lr-end": ("0", "1"),
           "beta1": ("0", "below 1"), "beta2": ("0", "below 1"), "eps": ("1e-30", "1"), "decay": ("0", "1000000"),
           "clip": ("0", "1e+30"), "held-out": ("0", "0.9"), "held-out-every": ("0", "1000000000000"),
           "record-every": ("0", "1000000000000"), "checkpoint-every": ("0", "1000000000000"), "threads": ("1", "1024")}
flat = " ".join(help_.split())
for name, (least, most) in options.items():
    expect(f"{least} to {most})" in flat, f"--help does not name the range of --{name}")
    for value in ("x", "-1", "1e40", "nan", "", "3x"):
        run("train", "gpt", f"--{name}={value}", "-o", dir_ / "x", code=64, says=f"--{name} {value}: not a")
        run("train", "gpt", f"--{name}={value}", "-o", dir_ / "x", code=64, says=f"from {least} to {most}")
for says, *args in [("--init magic: not gpt2, normal, kaiming, xavier or mup", "--init", "magic"),
                    ("is longer than --steps 5", "--steps", 5), ("make no heads of 64", "--channels", 65),
                    ("cannot be shared by 3 heads", "--channels", 64, "--heads", 3),
                    ("of 2048 channels each; 1024 is the most", "--channels", 2048, "--heads", 1),
                    ("one or the other", "--text", prose, "--tokens", plain_ids), ("no model 'surplus'", "surplus"),
                    ("a vocabulary of 300 goes with --tokens", "--vocab", 300),
                    ("--lr goes with a fresh run", "--resume", dir_ / "whole", "--lr", 1),
                    ("--out goes with a fresh run", "--resume", dir_ / "whole", "-o", dir_ / "x")]:
    run("train", "gpt", *args, code=64, says=says)
run("train", code=64, says="say which model: gpt")
run("train", "mlp", code=64, says="no model 'mlp'")
run("train", "gpt", "--layers", 512, "--channels", 65536, "-o", dir_ / "x", code=71, says="free")
run("train", "gpt", *SMALL, "-o", "/no/such/folder", code=73, says="/no/such/folder")
run("train", "gpt", *SMALL, "-o", prose, code=73, says="is no folder")
run("train", "gpt", "--resume", dir_ / "nothing", code=66, says="No such file")
expect(not list((dir_ / "x").glob("*")) if (dir_ / "x").exists() else True, "a refused run left something")

# ---- sampling
model = dir_ / "whole" / "checkpoint.safetensors"
text = run("sample", model, "-n", 60)
expect(text == run("sample", model, "-n", 60, "--threads", 3), "the same seed, other text")
expect(text != run("sample", model, "-n", 60, "--seed", 2), "another seed, the same text")
expect(run("sample", model, "-n", 60).startswith(run("sample", model, "-n", 20)[:-1]), "a longer text begins otherwise")
expect(len(run("sample", model, "-n", 20, "--prompt", "Call").encode()) >= 24, "prompt and more")
expect(run("sample", model, "-n", 30, "--prompt", "Call me ", "--temperature", 0).startswith("Call me "), "the prompt")
expect(run("sample", model, "-n", 30, "--temperature", 0) == run("sample", model, "-n", 30, "--top", 1), "the likeliest")
expect(run("sample", model, "-n", 0, "--prompt", "Ahab") == "Ahab\n", "no token more")
expect(run("sample", model, "-n", 0, "--prompt-tokens", "65,104") == "Ah\n", "a prompt of tokens")
ids_model = dir_ / "ids" / "checkpoint.safetensors"
expect(re.fullmatch(r"5 7( \d+){8}\n", run("sample", ids_model, "-n", 8, "--prompt-tokens", "5,7")), "tokens as numbers")
for says, code, *args in [("--prompt-tokens", 64, ids_model, "--prompt", "x"), ("name a FILE", 64),
                          ("ends in neither", 64, "x.pt"), ("one FILE", 64, model, model), ("No such file", 66, dir_ / "x.bin"),
                          ("--temperature -1: not a number from 0 to 1000", 64, model, "--temperature=-1"),
                          ("--top 0: not a number from 1", 64, model, "--top", 0),
                          ("--tokens x: not a number from 0 to 1048576", 64, model, "--tokens", "x"),
                          ("--prompt-tokens 300: not a number from 0 to 299", 64, ids_model, "--prompt-tokens", "300"),
                          ("empty", 64, model, "--prompt", ""),
                          ("one or the other", 64, model, "--prompt", "x", "--prompt-tokens", 1)]:
    run("sample", *args, code=code, says=says)
nan = bytearray(good)
nan[8 + length:12 + length] = struct.pack("<f", math.nan)
(dir_ / "nan.safetensors").write_bytes(nan)
run("sample", dir_ / "nan.safetensors", code=2, says="the logit of 0 is")
run("variance", dir_ / "nan.safetensors", says="1 of the weights are not finite")

# ---- variance
run("variance", code=64, says="name a FILE")
run("variance", "--weights", model, says="Standard deviations")
run("variance", model, "--weights", model, code=64, says="one FILE")
run("variance", model, "--json", "/no/such/x", code=73, says="/no/such/x")
run("model", model, "--convert", dir_ / "whole.bin")
expect(run("variance", dir_ / "whole.bin") == run("variance", model), "llm.c's file of the same model")
print(f"{checks} checks, {failures} failures")
sys.exit(failures != 0)
