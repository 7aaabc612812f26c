#!/usr/bin/python3
"""checkpoint.py HINGE: `hinge model` against a reader and a writer of both formats that share nothing with
it, and against files that are wrong in every way that we could think of."""
import json
import math
import os
import random
import resource
import signal
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

hinge = sys.argv[1]
failures = checks = 0
# No width is a multiple of a vector or of a block of a transposition.
L, H, C, T, V = 2, 2, 6, 5, 7
PADDED = 128


def expect(good, what):
    global failures, checks
    checks += 1
    if not good:
        failures += 1
        print("FAIL", what)


def run(*args, code=0, says="", before=None):
    """Exit code and sentence; a failure is one line, a signal is none."""
    done = subprocess.run([hinge, "model", *map(str, args)], capture_output=True, text=True, check=False,
                          timeout=120, errors="replace", preexec_fn=before)
    told = f"hinge model {' '.join(map(str, args))}: exit {done.returncode}\n{done.stderr:.600}"
    codes = code if isinstance(code, tuple) else (code,)
    expect(done.returncode in codes and says in done.stdout + done.stderr, f"{told}\nwant {code}, '{says}'")
    if done.returncode in (65, 66, 71, 73):
        expect(done.stderr.startswith("hinge model: ") and done.stderr.count("\n") == 1,
               f"not one sentence: {told}")
    return done.stdout


# ---- the formats, once more
LAYER = [("ln_1.weight", (C,)), ("ln_1.bias", (C,)), ("attn.c_attn.weight", (C, 3 * C)),
         ("attn.c_attn.bias", (3 * C,)), ("attn.c_proj.weight", (C, C)), ("attn.c_proj.bias", (C,)),
         ("ln_2.weight", (C,)), ("ln_2.bias", (C,)), ("mlp.c_fc.weight", (C, 4 * C)),
         ("mlp.c_fc.bias", (4 * C,)), ("mlp.c_proj.weight", (4 * C, C)), ("mlp.c_proj.bias", (C,))]
SHAPES = {"wte.weight": (V, C), "wpe.weight": (T, C),
          **{f"h.{i}.{name}": shape for i in range(L) for name, shape in LAYER},
          "ln_f.weight": (C,), "ln_f.bias": (C,)}
BIN_ORDER = (["wte.weight", "wpe.weight"] + [f"h.{i}.{name}" for name, _ in LAYER for i in range(L)] +
             ["ln_f.weight", "ln_f.bias"])
# Each word tells where it belongs; among them those that arithmetic would not leave alone.
SPECIAL = [0x7fc00000, 0xffc00001, 0x7f800001, 0x7f800000, 0xff800000, 0x80000000, 1, 0x807fffff]
WORDS = {}
for index, (name, shape) in enumerate(SHAPES.items()):
    WORDS[name] = [0x3c000000 + (index << 12) + i for i in range(math.prod(shape))]
for name in ("wte.weight", "h.1.attn.c_attn.weight", "h.0.ln_2.bias"):
    WORDS[name][1:6] = SPECIAL[:5]
    WORDS[name][-3:] = SPECIAL[5:]  # in ln_2.bias over three of the five that are not finite


def pack(words):
    return struct.pack(f"<{len(words)}I", *words)


def entry(shape, begin, size=4, dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, begin + size * math.prod(shape)]}


def safetensors(names=None, prefix="", extra=(), metadata=None):
    """Header and data; extra has (name, shape, dtype, bytes)."""
    header, data = {}, b""
    if metadata is not None:
        header["__metadata__"] = metadata
    for name in names or SHAPES:
        header[prefix + name] = entry(SHAPES[name], len(data))
        data += pack(WORDS[name])
    for name, shape, dtype, content in extra:
        header[prefix + name if name.startswith("h.") else name] = entry(
            shape, len(data), len(content) // math.prod(shape), dtype)
        data += content
    return header, data


def file_of(header, data, length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def read_safetensors(path):
    content = path.read_bytes()
    length, = struct.unpack_from("<Q", content)
    header = json.loads(content[8:8 + length])
    data = content[8 + length:]
    expect(length % 8 == 0, f"{path.name}: the tensors begin at an odd place")
    expect(header.pop("__metadata__") == {"format": "pt", "n_head": str(H)}, f"{path.name}: metadata")
    expect({name: tuple(e["shape"]) for name, e in header.items()} == SHAPES, f"{path.name}: shapes")
    expect(all(e["dtype"] == "F32" for e in header.values()), f"{path.name}: types")
    expect(max(e["data_offsets"][1] for e in header.values()) == len(data), f"{path.name}: length")
    return {name: list(struct.unpack(f"<{math.prod(e['shape'])}I", data[slice(*e["data_offsets"])]))
            for name, e in header.items()}


def transposed(words, rows):
    cols = len(words) // rows
    return [words[i * cols + j] for j in range(cols) for i in range(rows)]


def bin_words(name, words):
    linear = len(SHAPES[name]) == 2 and not name.startswith("w")
    return transposed(words, SHAPES[name][0]) if linear else words


def bin_of(header=(), padding=None):
    """header: (word, value) pairs to change."""
    words = [20240326, 3, T, V, L, H, C, PADDED] + [0] * 248
    for at, value in header:
        words[at] = value
    data = struct.pack("<256i", *words)
    for name in BIN_ORDER:
        data += pack(bin_words(name, WORDS[name]))
        if name == "wte.weight":
            data += pack(padding or [0] * ((PADDED - V) * C))
    return data


work = tempfile.TemporaryDirectory()
dir_ = Path(work.name)


def write(name, content):
    path = dir_ / name
    path.write_bytes(content)
    return path


# ---- both ways, against the other reader and writer
st, st_again, llmc, llmc_again = (dir_ / n for n in ("a.safetensors", "b.safetensors", "a.bin", "b.bin"))
write("in.safetensors", file_of(*safetensors(metadata={"n_head": str(H)})))
run(dir_ / "in.safetensors", "--convert", llmc, says="2 layers, 2 heads, 6 channels, context 5, vocabulary 7")
expect(llmc.read_bytes() == bin_of(), "safetensors -> bin: other words than those written by hand")
run(llmc, "--convert", st)
expect(read_safetensors(st) == WORDS, "bin -> safetensors: other words than those written by hand")
run(st, "--convert", llmc_again)
run(st, "--convert", st_again)
expect(llmc.read_bytes() == llmc_again.read_bytes(), "bin -> safetensors -> bin")
expect(st.read_bytes() == st_again.read_bytes(), "safetensors -> safetensors")
padded = write("padded.bin", bin_of(padding=list(range(1, (PADDED - V) * C + 1))))
run(padded, "--convert", llmc_again)
expect(padded.read_bytes() == llmc_again.read_bytes(), "bin -> bin: rows of padding")
run(st, "--convert", st)
expect(st.read_bytes() == st_again.read_bytes(), "a file converted onto itself")

# What the public files have besides: another order, a prefix, buffers, the output layer once more.
mask = ("h.0.attn.bias", (1, 1, T, T), "U8", bytes(T * T))
tied = ("lm_head.weight", (V, C), "F32", pack(WORDS["wte.weight"]))
EXTRA = [mask, ("h.1.attn.masked_bias", (), "F32", b"\0\0\0\0"), ("h.1.attn.bias", (1, T), "BOOL", bytes(T)), tied]
for prefix in ("", "transformer."):
    write("odd.safetensors", file_of(*safetensors(sorted(SHAPES), prefix, EXTRA)))
    run(dir_ / "odd.safetensors", code=65, says="--heads")
    run(dir_ / "odd.safetensors", "--heads", H, "--convert", st_again)
    expect(st.read_bytes() == st_again.read_bytes(), f"prefix '{prefix}', sorted, with buffers")

# ---- what is printed
text = run(st, says=f"{sum(map(len, WORDS.values()))} parameters, 12 of them not finite")
lines = {line.split()[0]: line.split()[1:] for line in text.splitlines()[2:-1]}
expect(list(lines) == list(SHAPES), "a line for each tensor")
for name, words in WORDS.items():
    values = [v for v in struct.unpack(f"<{len(words)}f", pack(words)) if math.isfinite(v)]
    mean = math.fsum(values) / len(values)
    std = math.sqrt(math.fsum((v - mean)**2 for v in values) / len(values))
    *shape, said_mean, said_std, bad = lines.get(name, ["", "nan", "nan", "-1"])
    expect(" ".join(shape) == " x ".join(map(str, SHAPES[name])), f"shape of {name}: {shape}")
    # Five digits are printed. Mean square less squared mean cancels: 100 roundings of 2^-53 under a root.
    square = math.fsum(v * v for v in values) / len(values)
    expect(math.isclose(float(said_mean), mean, rel_tol=1e-4), f"mean of {name}: {said_mean}, {mean}")
    expect(abs(float(said_std)**2 - std**2) <= 2e-4 * std**2 + 100 * 2**-53 * square,
           f"std of {name}: {said_std}, {std}")
    expect(int(bad) == len(words) - len(values), f"non-finite of {name}: {bad}")

# ---- fresh models
INIT = ("--init", "3x48", "--heads", "4", "--vocab", "100", "--context", "10")
fresh = dir_ / "fresh.bin"
run(*INIT, "-o", fresh, says="3 layers, 4 heads, 48 channels, context 10, vocabulary 100 (padded 128)")
run(*INIT, "-o", llmc_again, "--seed", "1")
expect(fresh.read_bytes() == llmc_again.read_bytes(), "the same seed, another model")
run(*INIT, "-o", llmc_again, "--seed", "2")
expect(fresh.read_bytes() != llmc_again.read_bytes(), "another seed, the same model")
expect(fresh.read_bytes()[1024 + 4 * 4800:1024 + 4 * 128 * 48] == bytes(4 * 28 * 48), "padding is zero")
drawn = set()
for line in run(fresh, says="90192 parameters, 0 of them not finite").splitlines()[2:-1]:
    name, *shape, mean, std, bad = line.split()
    count = math.prod(int(n) for n in shape if n != "x")
    sigma = 0.02 / math.sqrt(6) if name.endswith("c_proj.weight") else 0.02
    if name.endswith(".bias") or ".ln_" in name or name.startswith("ln_f"):
        expect((float(mean), float(std)) == (float(not name.endswith(".bias")), 0.0), f"fresh {line}")
    else:
        # Five standard errors of a normal sample's mean and deviation.
        expect(abs(float(mean)) <= 5 * sigma / math.sqrt(count), f"fresh mean: {line}")
        expect(abs(float(std) - sigma) <= 5 * sigma / math.sqrt(2 * count), f"fresh std: {line}")
        drawn.add((mean, std))
expect(len(drawn) == 2 + 4 * 3, "two fresh tensors have the same numbers")

# ---- usage
for says, *args in [
        ("name a FILE",), ("ends in neither", "x.pt"), ("ends in neither", st, "--convert", "x"),
        ("one FILE", st, st), ("no FILE such as", "--init", "2x64", st), ("say where", "--init", "2x64"),
        ("neither gpt2", "--init", "gpt3", "-o", fresh), ("neither gpt2", "--init", "2x", "-o", fresh),
        ("neither gpt2", "--init", "2x64x", "-o", fresh), ("not 1 to", "--init", "0x64", "-o", fresh),
        ("not 1 to", "--init", "9999x64", "-o", fresh), ("--heads", "--init", "2x65", "-o", fresh),
        ("cannot be shared", "--init", "2x64", "--heads", "3", "-o", fresh),
        ("--vocab 0", "--init", "2x64", "--vocab", "0", "-o", fresh), ("--vocab goes with", st, "--vocab", "9"),
        ("--convert goes with", "--init", "2x64", "-o", fresh, "--convert", st)]:
    run(*args, code=64, says=says)
run("--init", "512x1048576", "-o", fresh, code=71, says="free")
run("--help", says="--init=gpt2|gpt2-medium|")

# ---- writing that fails leaves what was there
kept = fresh.read_bytes()


def small_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


for target in (fresh, dir_ / "fresh.safetensors"):
    run(*INIT, "-o", target, code=73, says="File too large", before=small_files)
expect(fresh.read_bytes() == kept, "a failed write changed the file that was there")
for target in ("/no/such/folder/x.bin", "/proc/x.bin", dir_ / "folder.bin"):
    (dir_ / "folder.bin").mkdir(exist_ok=True)
    run(st, "--convert", target, code=73, says=f"{target} cannot be written")
expect(not list(dir_.glob("*.new")) and not (dir_ / "fresh.safetensors").exists(), "something half written")

# ---- what is no file
run(dir_ / "folder.bin", code=66, says="not a regular file")
run(dir_ / "missing.bin", code=66, says="No such file")
os.mkfifo(dir_ / "pipe.bin")
run(dir_ / "pipe.bin", code=66, says="not a regular file")


# ---- malformed .safetensors
def changed(change, **of):
    header, data = safetensors(metadata={"n_head": str(H)}, **of)
    change(header)
    return file_of(header, data)


def put(name, key, value):
    def change(header):
        header[name][key] = value

    return changed(change)


def without(gone):
    return file_of(*safetensors([n for n in SHAPES if n != gone], metadata={"n_head": str(H)}))


def with_extra(*extra):
    return file_of(*safetensors(extra=extra, metadata={"n_head": str(H)}))


def n_head(value):
    return file_of(*safetensors(metadata={"n_head": value}))


def rename(old, new):
    def change(header):
        header[new] = header.pop(old)

    return changed(change)


good = st.read_bytes()
start = 8 + struct.unpack_from("<Q", good)[0]
head, body = good[8:start], good[start:]
w, one = "h.0.attn.c_attn.weight", b"\0\0\0\0"
begin, end = safetensors()[0][w]["data_offsets"]
MALFORMED = [
    ("too short", b""), ("too short", good[:7]), ("does not begin with {", bytes(8)),
    ("where 0 follow", good[:8]), ("follow", good[:start // 2]), ("follow", good[:start - 1]),
    ("ends at byte", good[:start]), ("ends at byte", good[:start + len(body) // 2]), ("ends at byte", good[:-1]),
    ("belongs to no tensor", good + b"\0"), ("belongs to no tensor", file_of(b"{}", b"\0")),
    ("a header of 9223372036854775808 bytes", file_of(head, body, 2**63)),
    ("a header of 18446744073709551615 bytes", file_of(head, body, 2**64 - 1)),
    ("a header of 18446744073709551608 bytes", file_of(head, body, 2**64 - 8)),
    ("follow", file_of(head, b"", len(head) + 1)), ("no JSON", file_of(head, body, start - 30)),
    ("no JSON", file_of(head, body, start)), ("is the most", file_of(b"{" + b" " * (1 << 20), b"")),
    ("does not begin with {", file_of(b" " + head, body)), ("does not begin with {", file_of(b"[]", b"")),
    ("no JSON", file_of(b"{not json}", b"")), ("no JSON", file_of(head + b"x", body)),
    ("no JSON", file_of(head.replace(b"wpe", b"wp\xff"), body)),
    ("no JSON", file_of(head.replace(b"wpe", b"wp\0"), body)),
    ("no JSON", file_of(head.replace(b"wpe", b"wp\\u0000"), body)),
    ("no JSON", file_of(b'{"a":' + b"[" * 500000, b"")), ("no JSON", file_of(b'{"a":' * 100000, b"")),
    ("no dtype", file_of(b'{"a":[' + b"{}," * 300000 + b"1]}", b"")),
    ("duplicate", file_of(b'{"wte.weight":1,"wte.weight":2}', b"")),
    ("wte.weight is missing", file_of(b"{}", b"")),
    ("wte.weight is missing", file_of(b'{"__metadata__":{}}', b"")),
    ("control characters", rename(w, "h.0.\n.weight")), ("longer than", rename(w, "x" * 5000)),
    ("no dtype", changed(lambda h: h.update({w: 5}))), ("no dtype", changed(lambda h: h.update({w: None}))),
    ("no dtype", put(w, "dtype", "F33")), ("no dtype", put(w, "dtype", 32)),
    ("dtype I32, expected F32", put(w, "dtype", "I32")), ("of F16 take 216", put(w, "dtype", "F16")),
    ("shape [18,6], expected [6,18]", put(w, "shape", [3 * C, C])),
    ("shape [108], expected [6,18]", put(w, "shape", [18 * C])),
    ("shape [1,6,18], expected [6,18]", put(w, "shape", [1, C, 3 * C])),
    ("bytes; [6,17] of F32 take 408", put(w, "shape", [C, 17])), ("bytes; []", put(w, "shape", [])),
    ("no shape", put(w, "shape", "6x18")), ("no shape", put(w, "shape", [-C, -18])),
    ("no shape", put(w, "shape", [6.0, 18])), ("no shape", put(w, "shape", [2**62, 2**62])),
    ("bytes; [" + "1," * 20, put(w, "shape", [1] * 5000)), ("no JSON", put(w, "shape", [2**63])),
    ("ends at byte", put(w, "data_offsets", [2**62, 2**62 + end - begin])),
    ("not a begin and an end", put(w, "data_offsets", [end, begin])),
    ("not a begin and an end", put(w, "data_offsets", [begin, end, end])),
    ("not a begin and an end", put(w, "data_offsets", [str(begin), str(end)])),
    ("not a begin and an end", put(w, "data_offsets", [-4, end - begin - 4])),
    ("not a begin and an end", put(w, "data_offsets", {"begin": begin, "end": end})),
    ("overlaps", put(w, "data_offsets", [begin - 4, end - 4])),
    ("overlaps", put("ln_f.bias", "data_offsets", [0, 4 * C])),
    ("belongs to no tensor", changed(lambda h: h.pop("ln_f.bias"))),
    ("belongs to no tensor", changed(lambda h: h.pop(w))),
    ("is no tensor of a GPT-2", with_extra(("h.0.attn.extra", (1,), "F32", one))),
    ("is no tensor of a GPT-2", with_extra(("h.01.ln_1.weight", (C,), "F32", one * C))),
    ("is no tensor of a GPT-2", with_extra(("h..ln_1.weight", (C,), "F32", one * C))),
    ("is no tensor of a GPT-2", with_extra(("h.0.wte.weight", (C,), "F32", one * C))),
    ("is no tensor of a GPT-2", rename("ln_f.bias", "ln_g.bias")),
    ("h.2.ln_1.bias is missing", with_extra(("h.2.ln_1.weight", (C,), "F32", one * C))),
    ("layers 601, not 1 to", with_extra(("h.600.ln_1.weight", (C,), "F32", one * C))),
    ("is no tensor of a GPT-2", with_extra((f"h.{2**64}.ln_1.weight", (C,), "F32", one * C))),
    ("ln_f.bias is there twice", with_extra(("transformer.ln_f.bias", (C,), "F32", one * C))),
    ("lm_head.weight is not wte.weight", with_extra(("lm_head.weight", (V, C), "F32", one * V * C))),
    ("lm_head.weight: shape [6,7], expected [7,6]", with_extra(("lm_head.weight", (C, V), "F32", one * V * C))),
    ("not both matrices", put("wte.weight", "shape", [V * C])),
    ("not both matrices", put("wpe.weight", "shape", [1, T, C])),
    ("a vocabulary of 0", changed(lambda h: h.update(
        {"wte.weight": entry((0, C), 0), "extra": entry((V, C), 0)}))),
    ("wpe.weight: shape [6,5], expected [6,6]", put("wpe.weight", "shape", [C, T])),
    ("cannot be shared", n_head("4")), ("no number", n_head("0")), ("no number", n_head("two")),
    ("no number", n_head("2 ")), ("cannot be shared", n_head("9" * 40)), ("--heads", n_head(2)),
]
MALFORMED += [(f"{gone} is missing", without(gone)) for gone in SHAPES if not gone.startswith("h.0.")]
MALFORMED = [(says, "bad.safetensors", content) for says, content in MALFORMED]

# ---- malformed .bin
whole = bin_of()
MALFORMED += [(says, "bad.bin", content) for says, content in [
    ("shorter than its header", b""), ("shorter than its header", whole[:4]),
    ("shorter than its header", whole[:1023]), ("1024 bytes; 2 layers", whole[:1024]),
    ("take", whole[:5000]), ("take", whole[:-1]), ("take", whole + b"\0"), ("magic number", good),
    ("magic number", bin_of([(0, 20240327)])),
    ("magic number", struct.pack(">i", 20240326) + whole[4:]), ("version 1;", bin_of([(1, 1)])),
    ("version 5;", bin_of([(1, 5)])), ("a padded vocabulary of 6, not 7 to", bin_of([(7, 6)])),
    ("cannot be shared", bin_of([(5, 4)])), ("cannot be shared", bin_of([(6, C + 1)])),
]]
for word in range(2, 8):
    for value in (0, -1, -2**31):
        MALFORMED.append((f"word {word} of the header", "bad.bin", bin_of([(word, value)])))
    MALFORMED.append(("", "bad.bin", bin_of([(word, 2**31 - 1)])))
for word, value in ((2, T + 1), (4, L + 1), (7, PADDED + 1)):
    MALFORMED.append(("take", "bad.bin", bin_of([(word, value)])))

untouched = llmc.read_bytes()
for says, name, content in MALFORMED:
    run(write(name, content), "--convert", llmc, code=65, says=says)
expect(llmc.read_bytes() == untouched, "a malformed file was converted")

# ---- whatever else: a word of sense or a good end, never a signal
random.seed(1)
for _ in range(60):
    for name, content, most in (("fuzz.safetensors", good, start), ("fuzz.bin", whole, 64)):
        broken = bytearray(content)
        for _ in range(random.choice((1, 2, 8))):
            broken[random.randrange(most)] = random.randrange(256)
        run(write(name, bytes(broken)), code=(0, 65))
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
# The largest header that is read may take 128 MiB, the program and its libraries as much under a sanitizer.
expect(most < 384, f"{most:.0f} MiB for files of less than two")
print(f"{checks} checks, {len(MALFORMED)} malformed files, {failures} failures, at most {most:.0f} MiB")
sys.exit(failures != 0)
