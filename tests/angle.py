#!/usr/bin/python3
"""angle.py HINGE: `hinge angle` against the definitions in plain Python (a step of gradient descent carried out in f64), on
networks written by hand, and against files and options that are wrong."""
import json
import math
import os
import random
import resource
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

hinge = sys.argv[1]
failures = checks = 0
work = tempfile.TemporaryDirectory()
dir_ = Path(work.name)
random.seed(1)


def expect(good, what):
    global failures, checks
    checks += 1
    if not good:
        failures += 1
        print("FAIL", what)


def run(*args, code=0, says="", env=None):
    """Exit code and sentence; a failure of a file is one line, a signal is none."""
    done = subprocess.run([hinge, "angle", *map(str, args)], capture_output=True, text=True, check=False,
                          timeout=120, errors="replace", env={**os.environ, **(env or {})})
    told = f"hinge angle {' '.join(map(str, args))}: exit {done.returncode}\n{done.stderr:.600}"
    codes = code if isinstance(code, tuple) else (code,)
    expect(done.returncode in codes and says in done.stdout + done.stderr, f"{told}\nwant {code}, '{says}'")
    if done.returncode in (65, 66, 69, 71, 73):
        expect(done.stderr.startswith("hinge angle: ") and done.stderr.count("\n") == 1,
               f"not one sentence: {told}")
    if done.returncode == 0:
        lines = [line for line in done.stdout.splitlines() if "--weights" not in args or str(dir_) not in line]
        expect(max(map(len, lines)) <= 100, f"a line is too long: {told}\n{max(lines, key=len)}")
    return done.stdout


def result(*args, **kwargs):
    """What --json has, beside what is printed."""
    path = dir_ / "result.json"
    path.unlink(missing_ok=True)
    text = run(*args, "--json", path, **kwargs)
    content = path.read_text() if path.exists() else "{}"
    return json.loads(content), text


# ---- files by hand
def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def file_of(tensors, header=None, length=None):
    """tensors: (name, shape, values) with values in order, or bytes and a dtype."""
    entries, data = {}, b""
    for name, shape, values, *dtype in tensors:
        content = values if isinstance(values, bytes) else struct.pack(f"<{len(values)}f", *values)
        entries[name] = {"dtype": dtype[0] if dtype else "F32", "shape": list(shape),
                         "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    if header:
        header(entries)
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def write(name, content):
    path = dir_ / name
    path.write_bytes(content)
    return path


def layer(n, k, bias=False, scale=1.0):
    """Weights [n][k] of He's scale and biases, as f32 holds them."""
    w = [[f32(random.gauss(0, scale * math.sqrt(2 / k))) for _ in range(k)] for _ in range(n)]
    return w, [f32(random.gauss(0, 0.5)) for _ in range(n)] if bias else None


def tensors_of(layers, names):
    out = []
    for (w, bias), name in zip(layers, names):
        out.append((f"{name}.weight", (len(w), len(w[0])), [x for row in w for x in row]))
        if bias:
            out.append((f"{name}.bias", (len(bias),), bias))
    return out


# ---- three images of 2 x 2 pixels with labels
PIXELS = [[1, 200, 3, 40], [50, 6, 170, 8], [9, 100, 110, 255]]
LABELS = [3, 9, 0]
idx = dir_ / "idx"
idx.mkdir()
(idx / "t10k-images-idx3-ubyte").write_bytes(struct.pack(">4I", 0x803, 3, 2, 2) + bytes(sum(PIXELS, [])))
(idx / "t10k-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, 3) + bytes(LABELS))
mean = sum(sum(PIXELS, [])) / 12
spread = math.sqrt(sum((p - mean)**2 for p in sum(PIXELS, [])) / 12)
INPUT = [[(p - mean) / spread for p in row] for row in PIXELS]


# ---- the definitions
def forward(x, layers):
    """Features of each layer, [layer][row][unit]."""
    features, q = [], x
    for w, bias in layers:
        f = [[math.fsum(a * b for a, b in zip(row, unit)) + (bias[i] if bias else 0.0) for i, unit in enumerate(w)]
             for row in q]
        features.append(f)
        q = [[max(v, 0.0) for v in row] for row in f]
    return features


def dot(a, b):
    return math.fsum(x * y for p, q in zip(a, b) for x, y in zip(p, q))


def angles(x, labels, layers, rates, eta):
    """A row per layer, from backpropagation and a small step of gradient descent that is carried out."""
    m, depth = len(x), len(layers)
    f = forward(x, layers)
    off = [[v - (j == label) for j, v in enumerate(row)] for row, label in zip(f[-1], labels)]
    back = [None] * depth
    back[-1] = [[v / m for v in row] for row in off]
    for l in range(depth - 1, 0, -1):
        w = layers[l][0]
        back[l - 1] = [[math.fsum(b[i] * w[i][j] for i in range(len(w))) if f[l - 1][r][j] > 0 else 0.0
                        for j in range(len(w[0]))] for r, b in enumerate(back[l])]
    h, moved, decay = 1e-7, [], []
    for l, (w, bias) in enumerate(layers):
        q = x if l == 0 else [[max(v, 0.0) for v in row] for row in f[l - 1]]
        dw = [[math.fsum(back[l][r][i] * q[r][j] for r in range(m)) for j in range(len(w[0]))] for i in range(len(w))]
        db = [math.fsum(back[l][r][i] for r in range(m)) for i in range(len(w))] if bias else None
        square = dot(dw, dw) + (dot([db], [db]) if bias else 0.0)
        rate = eta / square if rates == "equal" else eta
        decay.append(rate * square)
        moved.append(([[a - h * rate * g for a, g in zip(p, q_)] for p, q_ in zip(w, dw)],
                      [a - h * rate * g for a, g in zip(bias, db)] if bias else None))
    after = forward(x, moved)
    rows = []
    for l in range(depth):
        v = [[(a - b) / h for a, b in zip(p, q)] for p, q in zip(f[l], after[l])]
        norm, b_norm = math.sqrt(dot(v, v)), math.sqrt(dot(back[l], back[l]))
        units = [value for row in f[l] for value in row]
        rows.append({"cos": dot(v, back[l]) / (norm * b_norm), "df_rms": norm / math.sqrt(len(units)), "b_norm": b_norm,
                     "decay": decay[l], "decay_up_to": math.fsum(decay[:l + 1]),
                     "dead_share": sum(u <= 0 for u in units) / len(units) if l + 1 < depth else None})
    return rows, dot(off, off) / (2 * m)


def close(a, b, to=1e-5):
    return a == b if a is None or b is None else abs(a - b) <= to * max(abs(b), 1e-3)


def consistent(got, what):
    """What holds of any result."""
    up_to = 0.0
    for row in got["layers"]:
        where = f"{what}, layer {row['layer']}: {row}"
        expect((row["cos"] is None) == (row["no_angle"] is not None), f"an angle or a reason: {where}")
        expect((row["cos"] is None) == (row["theta_degrees"] is None), f"theta beside cos: {where}")
        if row["cos"] is not None:
            expect(abs(math.cos(math.radians(row["theta_degrees"])) - row["cos"]) < 1e-9, f"theta: {where}")
            # Inside a branch what comes back did not all come through the layer.
            expect((0 if row["gap"] is not None else -1) < row["cos"] < 1 + 1e-6, f"cos: {where}")
        if row["decay"] is not None:
            up_to += row["decay"]
            expect(close(row["decay_up_to"], up_to, 1e-9), f"decay: {where}")
        if row["gap"] is not None:
            expect(row["gap"] < 1e-5, f"the formula: {where}")


def against_definition(layers, names, what, *options, rates="equal", eta=1.0, m=3):
    tensors = tensors_of(layers, names)
    random.shuffle(tensors)
    path = write("mlp.safetensors", file_of(tensors))
    got, text = result("--weights", path, "--data", idx, "--batch", m, "--rates", rates, "--eta", eta, *options)
    want, loss = angles(INPUT[:m], LABELS[:m], layers, rates, eta)
    expect([r["name"] for r in got["layers"]] == names, f"{what}: order {[r['name'] for r in got['layers']]}")
    expect(got["loss"] == "squared" and close(got["loss_value"], loss), f"{what}: loss {got['loss_value']}, {loss}")
    for row, wanted in zip(got["layers"], want):
        for key, value in wanted.items():
            expect(close(row[key], value), f"{what}, layer {row['layer']}: {key} {row[key]}, by definition {value}")
    expect(all(r["gap"] is not None for r in got["layers"]), f"{what}: the formula holds at all layers of an MLP")
    consistent(got, what)
    return got, text


sizes = [(5, 4), (17, 5), (3, 17), (10, 3)]
for bias in ("none", "all", "some"):
    layers = [layer(n, k, bias == "all" or bias == "some" and n == 17) for n, k in sizes]
    for m in (1, 3):
        against_definition(layers, ["0", "2", "4", "6"], f"biases: {bias}, batch {m}", m=m)
against_definition(layers, ["layers.0.lin", "layers.1.lin", "layers.2.lin", "layers.3.lin"], "fixed rates", rates="fixed",
                   eta=0.01)
one = layer(10, 4, True)
path = write("one.safetensors", file_of([("weight", (10, 4), sum(one[0], [])), ("bias", (10,), one[1])]))
expect(result("--weights", path, "--data", idx)[0]["layers"][0]["cos"] > 0.999999, "one layer of one input moves along b")

# Square layers that any order chains: names alone tell.
square = [layer(6, 4)] + [layer(6, 6) for _ in range(10)] + [layer(10, 6)]
names = [f"fc{i}" for i in range(1, 13)]
against_definition(square, names, "fc2 before fc10")
against_definition(square, [f"m.{i // 4}.{i % 4 * 5}" for i in range(12)], "two numbers in a name")
against_definition(square, [f"net.{8 + i:03}" for i in range(12)], "zeros before numbers")

# Without labels or with other outputs, and Gaussian rows.
path = write("mlp.safetensors", file_of(tensors_of([layer(8, 4), layer(5, 8)], ["0", "1"])))
got, _ = result("--weights", path, "--data", idx, "--batch", 2)
expect(got["loss"] == "normal" and got["input"] == "idx-t10k", "5 outputs have no labels")
got, text = result("--weights", path, "--batch", 4, says="4 Gaussian rows of norm 1")
expect(got["input"] == "gaussian" and got["network"]["parameters"] == 72, "an MLP on Gaussian rows")
consistent(got, "Gaussian rows")
digits = write("digits.safetensors", file_of(tensors_of([layer(20, 64, True), layer(10, 20, True)], ["a.0", "a.3"])))
got, text = result("--weights", digits, "--batch", 8, says="digits, rows 1 to 8")
expect(got["loss"] == "squared" and "squared, against one-hot labels" in text, "64 inputs and 10 outputs are digits")
expect(result("--weights", digits, "--loss", "normal")[0]["loss"] == "normal", "--loss normal")

# ---- values that are not what they seem
def noted(tensors, says, **kwargs):
    got, text = result("--weights", write("odd.safetensors", file_of(tensors)), "--input", "gaussian")
    expect(any(says in note for note in got["notes"]) and says in text, f"no note '{says}' in {got['notes']}")
    expect(all(r["cos"] is not None or r["no_angle"] for r in got["layers"]), f"{says}: a reason")
    return got


def chain(change, depth=4, scale=1.0):
    tensors = tensors_of([layer(8, 8, True, scale) for _ in range(depth)], [f"{i}" for i in range(depth)])
    change(tensors)
    return tensors


def poke(at, value):
    def change(tensors):
        tensors[at][2][0] = value
    return change


noted(chain(poke(2, math.nan)), "weights or biases are not finite in layer 2")
noted(chain(poke(5, math.inf)), "weights or biases are not finite in layer 3")
got = noted(chain(lambda t: None, 12, 1e8), "features overflow from layer 5 on")
expect([r["cos"] for r in got["layers"]].count(None) == 12, "no angle without a backward pass")
noted([(f"{i}.weight", (8, 8), [1e-20 * random.random() for _ in range(64)]) for i in range(3)], "features are subnormal in layer 2")
got = noted([("0.weight", (8, 8), [0.0] * 64), ("1.weight", (4, 8), [1.0] * 32)], "all features are 0 in all layers")
expect(got["layers"][0]["no_angle"] == "the backward pass is 0", f"dead units: {got['layers'][0]['no_angle']}")

# ---- malformed files
w23, w32 = ("0.weight", (3, 2), [1.0] * 6), ("1.weight", (2, 3), [1.0] * 6)
good = file_of([w23, w32])
start = 8 + struct.unpack_from("<Q", good)[0]
huge = 2**62
MALFORMED = [
    ("too short", b""), ("too short", good[:7]), ("follow", good[:start - 1]), ("ends at byte", good[:start]),
    ("ends at byte", good[:-1]), ("belongs to no tensor", good + b"\0"), ("no tensor NAME.weight", file_of([])),
    ("a header of 9223372036854775808 bytes", file_of([w23], length=2**63)),
    ("0.weight [3,2] makes 3 features, 1.weight [2,4] takes 4", file_of([w23, ("1.weight", (2, 4), [1.0] * 8)])),
    ("2.weight [2,3] makes 2 features, 10.weight [3,5] takes 5",
     file_of([("10.weight", (3, 5), [1.0] * 15), ("2.weight", (2, 3), [1.0] * 6)])),
    ("0.weight: dtype F16, expected F32", file_of([("0.weight", (3, 2), bytes(12), "F16"), w32])),
    ("1.bias: dtype F64, expected F32", file_of([w23, w32, ("1.bias", (2,), bytes(16), "F64")])),
    ("conv.weight: shape [2,3,1]; the weight of a dense layer is [outputs,inputs]",
     file_of([("conv.weight", (2, 3, 1), [1.0] * 6)])),
    ("norm.weight: shape [3]; the weight of a dense layer is [outputs,inputs]", file_of([w23, ("norm.weight", (3,), [1.0] * 3)])),
    ("0.bias: shape [3,1]; the bias of a dense layer is [outputs]", file_of([w23, ("0.bias", (3, 1), [1.0] * 3)])),
    ("0.bias: shape [2], expected [3] beside 0.weight [3,2]", file_of([w23, w32, ("0.bias", (2,), [1.0] * 2)])),
    ("2.bias has no weight beside it", file_of([w23, w32, ("2.bias", (2,), [1.0] * 2)])),
    ("bias has no weight beside it", file_of([w23, w32, ("bias", (2,), [1.0] * 2)])),
    ("running_mean is neither weight nor bias", file_of([w23, ("0.running_mean", (3,), [1.0] * 3)])),
    ("0.myweight is neither weight nor bias", file_of([("0.myweight", (3, 2), [1.0] * 6)])),
    ("head.weight and layers.0.weight: which comes first cannot be told",
     file_of([("layers.0.weight", (2, 2), [1.0] * 4), ("head.weight", (2, 2), [1.0] * 4)])),
    ("fc.weight and fc2.weight: which comes first cannot be told",
     file_of([("fc.weight", (2, 2), [1.0] * 4), ("fc2.weight", (2, 2), [1.0] * 4)])),
    ("fc01.weight and fc1.weight: which comes first",
     file_of([("fc1.weight", (2, 2), [1.0] * 4), ("fc01.weight", (2, 2), [1.0] * 4)])),
    ("which comes first", file_of([("transformer.0.weight", (2, 2), [1.0] * 4), ("0.weight", (2, 2), [1.0] * 4)])),
    ("0.bias is there twice", file_of([w23, ("transformer.0.bias", (3,), [1.0] * 3), ("0.bias", (3,), [1.0] * 3)])),
    ("0.weight: shape [0,2] has no elements", file_of([("0.weight", (0, 2), [])])),
    ("0.weight: shape [2,0] has no elements", file_of([("0.weight", (2, 0), [])])),
    ("no shape, or one that overflows", file_of([("0.weight", (huge, 8), [1.0])])),
    ("no shape, or one that overflows", file_of([("0.weight", (huge, 0), [1.0])])),
]
for says, content in MALFORMED:
    run("--weights", write("bad.safetensors", content), code=65, says=says)
for _ in range(80):
    broken = bytearray(good)
    for _ in range(random.choice((1, 2, 8))):
        broken[random.randrange(start)] = random.randrange(256)
    run("--weights", write("fuzz.safetensors", bytes(broken)), code=(0, 65))
run("--weights", write("named.safetensors", file_of([("transformer.0.weight", (3, 2), [1.0] * 6)])))

# More than any memory, in a file that takes none.
tall = 2**38
text = json.dumps({"0.weight": {"dtype": "F32", "shape": [tall, 1], "data_offsets": [0, 4 * tall]}}).encode()
sparse = write("sparse.safetensors", struct.pack("<Q", len(text)) + text)
try:
    os.truncate(sparse, 8 + len(text) + 4 * tall)
    run("--weights", sparse, code=71, says="free")
except OSError as error:
    print("SKIPPED a sparse file:", error)
sparse.unlink()

# ---- files and options
run("--weights", dir_ / "none.safetensors", code=66, says="none.safetensors: No such file")
run("--weights", dir_, code=66, says="not a regular file")
os.mkfifo(dir_ / "pipe")
run("--weights", dir_ / "pipe", code=66, says="not a regular file")
run("--data", dir_ / "none", code=66, says="none")
run("--weights", digits, "--data", idx, code=65, says="takes 64 inputs, a row of idx-t10k has 4")
run("--data", idx, "--inputs", 5, code=64, says="--inputs 5: a row of idx-t10k has 4")
run("--data", idx, "--inputs", 4, "--batch", 4, code=64, says="--batch 4: idx-t10k has 3 rows")
run("--data", idx, "--input", "digits", code=64, says="one or the other")
run("--input", "digits", "--inputs", 32, code=64, says="--inputs 32: a row of digits has 64")
for option, value, says in [
        ("--depth", 0, "not a number from 1"), ("--depth", 10**9, "not a number from 1"), ("--batch", 0, "not a number from 1"),
        ("--batch", 1.5, "not a number"), ("--width", -1, "not a number"), ("--inputs", 0, "not a number"),
        ("--every", 0, "not a number"), ("--threads", 0, "not a number"), ("--threads", "1,2", "not a number"),
        ("--scale", 0, "not a positive finite number"), ("--scale", "nan", "not a positive finite number"),
        ("--eta", "-1", "not a positive finite number"), ("--eta", "1e999", "not a positive finite number"),
        ("--rates", "some", "equal or fixed"), ("--loss", "l1", "normal or squared"), ("--arch", "cnn", "mlp or resnet"),
        ("--input", "noise", "gaussian or digits"), ("--isa", "sse", "not a list of lanes"), ("--isa", "avx2,scalar", "one lane"),
        ("--branch", 2, "goes with --arch resnet"), ("--json", "-", "name a file"), ("--figure", "-", "name a file"),
        ("--no-such", 1, "unrecognized option"), ("--loss", "squared", "labels of 10 classes")]:
    run(f"{option}={value}", code=64, says=says)
run("surplus", code=64, says="'surplus' is not an option")
run("--weights", digits, "--depth", 3, code=64, says="--depth makes a fresh network")
run("--arch", "resnet", "--branch", 3, code=64, says="not a number from 1 to 2")
run("--arch", "resnet", "--branch", 2, "--depth", 8, code=64, says="odd --depth")
run("--arch", "resnet", "--branch-scale", 9, "--depth", 9, code=64, says="above 1")
run("--inputs", 8, "--width", 10, "--loss", "squared", code=64, says="Gaussian inputs have no labels")
run("--json", dir_ / "x", "--figure", dir_ / "x", code=64, says="not one file")
for option in ("--json", "--figure"):
    run(option, "/no/such/folder/x", "--width", 10**12, code=73, says="/no/such/folder/x")
for size in (("--width", 10**6), ("--width", 2**40), ("--batch", 2**40, "--input", "gaussian"), ("--inputs", 2**40),
             ("--depth", 65536, "--width", 10**5), ("--depth", 65536, "--width", 2**40, "--inputs", 2**40)):
    run(*size, code=71, says="free")
run("--input", "digits", env={"HINGE_DATA": str(dir_)}, code=66, says="digits.csv.gz")

# ---- fresh networks
small = ("--depth", 9, "--width", 48)
RUNS = [(), ("--batch", 5), ("--arch", "resnet"), ("--arch", "resnet", "--branch", 2, "--branch-scale", 2),
        ("--input", "gaussian", "--inputs", 30, "--batch", 3), ("--train-first",), ("--rates", "fixed", "--eta", 0.5),
        ("--scale", 0.5), ("--width", 10, "--loss", "squared", "--batch", 2), ("--depth", 1), ("--depth", 1, "--train-first"),
        ("--width", 1)]
for options in RUNS:
    got, _ = result(*small, *options, "--threads", 1, "--isa", "scalar")
    consistent(got, f"fresh {options}")
    expect(len(got["layers"]) == got["network"]["depth"], f"{options}: a row per layer")
    first = got["layers"][0]
    expect(first["trained"] == ("--train-first" in options) and (first["cos"] is not None or not first["trained"]),
           f"{options}: the embedding {first}")
    for other in (("--threads", 2, "--isa", "scalar"), ("--threads", 1, "--isa", "model"), ("--threads", 2, "--isa", "avx2"),
                  ("--threads", 2, "--isa", "avx512")):
        done = subprocess.run([hinge, "angle", *map(str, (*small, *options, *other)), "--json", dir_ / "other.json"],
                              capture_output=True, text=True, check=False, timeout=120)
        if done.returncode == 69:
            continue
        again = json.loads((dir_ / "other.json").read_text())
        expect(again["layers"] == got["layers"] and again["notes"] == got["notes"], f"{options}, {other}: other numbers")
expect(result(*small, "--seed", 2)[0]["layers"] != result(*small, "--seed", 3)[0]["layers"], "--seed changes the draw")
got, _ = result("--depth", 12, "--width", 512)
off = [abs(r["cos"] / r["cos_law"] - 1) for r in got["layers"][1:]]
expect(max(off) < 0.15, f"far from the law: {off}")  # one draw strays by 0.5 / sqrt(512) in cos, of 0.37 at the deepest
expect(result(*small, "--arch", "resnet")[0]["layers"][-1]["cos_law"] is None, "a ResNet has another law")
inner = [r["gap"] is None for r in result(*small, "--arch", "resnet", "--branch", 2)[0]["layers"][1:]]
expect(inner == [True, False] * 4, f"inside a branch of two the formula does not hold: {inner}")

got, text = result("--depth", 500, "--width", 32, "--scale", 3, "--every", 100)
expect(any(note.startswith("features overflow from layer") for note in got["notes"]), f"overflow: {got['notes']}")
shown = [line.split()[0] for line in text.splitlines() if line[:5].strip().isdigit()]
expect(shown == ["1", "100", "200", "300", "400", "500"], f"--every 100: {shown}")
got, text = result("--depth", 200, "--width", 32, "--scale", 0.3)
expect(any("features are subnormal" in note for note in got["notes"]), f"underflow: {got['notes']}")
shown = [line for line in text.splitlines() if line[:5].strip().isdigit()]
expect(len(shown) == 200, "all layers are printed")

figure = dir_ / "figure.svg"
run("--depth", 6, "--figure", figure)
expect("stroke-dasharray" in figure.read_text() and "trained layers" in figure.read_text(), "a figure with the law")
run("--arch", "resnet", "--figure", figure)
expect("this network" in figure.read_text() and "trained layers" not in figure.read_text(), "a figure without a law")
run("--help", says="--branch-scale")

most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"{checks} checks, {len(MALFORMED)} malformed files, {failures} failures, at most {most:.0f} MiB")
sys.exit(failures != 0)
