#!/usr/bin/python3
"""strangers.py HINGE: what files of strangers may not do, whatever they hold: steer a terminal, run a program, write
where nobody asked for a file, take more memory than the system has. Readers that refuse one say so in one sentence."""
import gzip
import json
import os
import resource
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

hinge = str(Path(sys.argv[1]).resolve())
failures = 0
# A colour, the 8-bit form of its beginning, one that ends the line, the backspace, the bell, half a character.
STEERING = [b"\x1b[31mred", "\u009b31mred".encode(), b"a\rb", b"a\x08b", b"a\x07b\x7f", b"\xc3"]
MEMORY = 512 << 20


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)


def run(*args, code, says="", memory=None, cwd=None):
    """Of what it prints nothing steers a terminal, and a refusal is one sentence."""
    held = (lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory))) if memory else None
    done = subprocess.run([hinge, *map(os.fspath, args)], capture_output=True, check=False, timeout=120, cwd=cwd,
                          stdin=subprocess.DEVNULL, preexec_fn=held,
                          env={**os.environ, "OMP_NUM_THREADS": "2", "XDG_CACHE_HOME": str(scratch / "cache")})
    shown = done.stdout + done.stderr
    told = f"hinge {' '.join(map(repr, args))}: exit {done.returncode}, want {code}: {shown[-600:]!r}"
    codes = code if isinstance(code, tuple) else (code,)
    expect(done.returncode in codes, told)
    expect(says in shown.decode(errors="replace"), f"{told}, want '{says}'")
    expect(all(c >= 0x20 and c != 0x7f or c == 0x0a for c in shown), f"a control character: {told}")
    text = shown.decode(errors="replace")
    expect("\ufffd" not in text and not any(0x80 <= ord(c) < 0xa0 for c in text), f"no UTF-8, or C1: {told}")
    if done.returncode in (65, 66, 71):
        expect(done.stderr.count(b"\n") == 1 and done.stderr.startswith(b"hinge "), f"not one sentence: {told}")
    return done


def write(name, content):
    path = scratch / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# ---- files as they should be


def safetensors(entries, metadata=None):
    header, at = {}, 0
    if metadata:
        header["__metadata__"] = metadata
    for name, shape, size in entries:
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header, ensure_ascii=False).encode("utf-8", "surrogateescape")
    return struct.pack("<Q", len(text)) + text + bytes(min(at, 1 << 20))


def result(name="relu_fwd/n:64/threads:1/avx2", text="avx2", day=1):
    row = {"name": name, "run_name": name, "run_type": "iteration", "kernel": "relu_fwd", "variant": text, "impl": text,
           "isa": text, "threads": 1, "cache": "hot", "scale": 1.0, "flops": 64.0, "bytes": 512.0, "roof": text,
           "samples": [[10.0 + day, 10.1], [10.5, 10.4], [10.2, 10.3]]}
    return {"context": {"hinge_schema": 2, "date": f"2026-01-{day:02}T00:00:00Z", "cpu": text, "host_name": text,
                        "compiler": text, "flags": text, "commit": text, "onednn": text, "num_cpus": 2},
            "benchmarks": [row]}


def study(text):
    return {"study": text, "size": text, "seed": 1, "seconds": 1.0,
            "claims": [{"id": text, "claim": text, "source": text, "verdict": "confirmed", "note": text}],
            "series": [{"name": text, "x_name": text, "y_name": text, "x": [1, 2], "y": [1, 2]}],
            "figures": [{"name": text, "title": text, "kind": "lines", "x": {"label": text}, "y": {"label": text},
                         "curves": [{"series": text, "label": text}]}]}


def index(text):
    """An index of `hinge history` whose every text is that one."""
    for day in (1, 2):
        write(f"indexed/{day}.json", json.dumps(result(day=day)))
    path = scratch / "index.db"
    path.unlink(missing_ok=True)
    run("history", "--index", path, scratch / "indexed", code=0)
    data = sqlite3.connect(path)
    word = text.decode(errors="surrogateescape")
    data.text_factory = bytes
    data.execute("UPDATE row SET name = CAST(? AS TEXT)", (text + b"/threads:1/avx2",))
    kept = json.loads(data.execute("SELECT kept FROM file").fetchone()[0])
    for day in (1, 2):
        kept = {key: f"{word.encode('utf-8', 'ignore').decode()}{day}" if isinstance(value, str) else value
                for key, value in kept.items()}
        data.execute("UPDATE file SET build = CAST(? AS TEXT), kept = ? WHERE id = ?", (text, json.dumps(kept), day))
    data.commit()
    data.close()
    return path


# ---- terminals


def steering():
    for text in STEERING:
        circuit = [("a.txt", b"input a\nb = " + text + b" a\noutput b\n"), ("a.txt", text + b"\n"),
                   ("a.txt", b"input " + text + b"\noutput c\n"), ("a.txt", b"input a 0 9\n" + text + b" = and a a\n"),
                   ("a.blif", b".model m\n" + text + b" 1\n"), ("a.blif", b".model m\n.outputs " + text + b"\n"),
                   ("a.bench", b"a = " + text + b"(b)\n"), ("a.bench", b"OUTPUT(" + text + b")\n"),
                   ("a.aag", text)]
        for name, content in circuit:
            run("study", "circuits", "--circuit", write(name, content), code=65)
        for content in (text, b"A 0 0 N A\nsteps 2\ntape " + text, b"A " + text + b" 0 N A\n", b"halt " + text + b"\nA 0 0 N B\n"):
            run("study", "circuits", "--machine", write("a.tm", content), code=65)
        word = text.decode("utf-8", "surrogateescape")
        for name in ("a.safetensors", "b.safetensors"):
            path = write(name, safetensors([(word, [1], 4)]))
            run("model", path, code=65)
            run("angle", "--weights", path, code=65)
        run("model", write("c.safetensors", safetensors([("wte.weight", [1], 4)]).replace(b"F32", text)), code=65)
        head = b"compiler,case,lane,threads,instructions\n"
        run("count", "--baseline", write("a.csv", head + b"g," + text + b",avx2,1,5\n"), "--kernel", "relu_fwd", code=(65, 69))
        run("bench", "--resume", write("a.json.part", json.dumps(journal(word), ensure_ascii=False).encode(
            "utf-8", "surrogateescape") + b"\n"), code=(64, 65))
        path = index(text)
        for options in ((), ("--verbose",), ("--markdown", "-"), ("--json", "-")):
            run("history", "--index", path, *options, scratch / "indexed", code=0)
        pages(text.decode("utf-8", "ignore") or "x")


def journal(word):
    return {"hinge_journal": 1, "date": word, "command": word, "arguments": [f"--{word}"], "place": {"host": word}}


def pages(word):
    """Result files and studies, which are JSON: their reader refuses what is no UTF-8."""
    old = write("old.json", json.dumps(result(f"{word}/n:64/threads:1/avx2", word, 1)))
    new = write("new.json", json.dumps(result(f"{word}/n:64/threads:1/avx2", word, 2)))
    paper = write("paper.json", json.dumps(study(word)))
    run("compare", old, new, "--verbose", "--junit", scratch / "a.xml", code=(0, 1, 3))
    run("compare", old, new, "--markdown", "-", code=(0, 1, 3))
    run("compare", "--machines", old, new, code=0)
    run("report", old, new, paper, "--html", scratch / "a.html", code=0)
    for name in ("a.xml", "a.html"):
        made = (scratch / name).read_text(encoding="utf-8")
        expect(all(c >= " " or c == "\n" for c in made) and not any(0x7f <= ord(c) < 0xa0 for c in made),
               f"{name} of {word!r}: control characters")
    run("history", scratch / "old.json", scratch / "new.json", code=0)


# ---- programs and places


def tree(folder):
    return sorted(str(path) for path in folder.rglob("*"))


def names():
    """Texts that a shell, an option parser or a path would take for something else."""
    folder = scratch / "names"
    folder.mkdir()
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    bad = ["$(touch pwned)", "`touch pwned`", "; touch pwned;", "| touch pwned", "a\ntouch pwned\n", "../pwned",
           str(folder / "pwned"), "--output=pwned", "%s%n", "' touch pwned '", "a/../../pwned"]
    for i, text in enumerate(bad):
        (inner / "in.json").write_text(json.dumps(result(f"{text}/n:64/threads:1/avx2", text)))
        (inner / "later.json").write_text(json.dumps(result(f"{text}/n:64/threads:1/avx2", text, 2)))
        (inner / "paper.json").write_text(json.dumps(study(text)))
        run("report", "in.json", "later.json", "paper.json", "--html", "out", code=0, cwd=inner)
        run("compare", "in.json", "later.json", "--markdown", "out", "--junit", "out.xml", code=(0, 1, 3), cwd=inner)
        run("compare", "in.json", "later.json", "--json", "out", code=(0, 1, 3), cwd=inner)
        run("history", "in.json", "later.json", "--json", "out", code=0, cwd=inner)
        # Names of files and of revisions. A path's slashes are folders that are not there.
        run("ab", "--git", "--", text, code=(64, 69), cwd=inner)
        run("ab", "--", text, code=(64, 69), cwd=inner)
        if "/" not in text:
            shutil.copy(inner / "in.json", inner / text)
            run("report", "--html", "out", "--", text, code=0, cwd=inner)
            (inner / text).unlink()
        left = [name for name in tree(folder) if "pwned" in name]
        expect(not left, f"{text!r} made {left}")
    for path in inner.iterdir():
        path.unlink()
    shutil.rmtree(folder / "a")
    expect(not tree(folder), f"left behind: {tree(folder)}")


# ---- memory


def greedy():
    """Headers that say more than the file holds, and files that say much in few bytes."""
    images = lambda *size: struct.pack(">4I", 0x803, *size)
    for name, content, says in (("t10k-images-idx3-ubyte", images(1 << 20, 1024, 1024) + bytes(99), "do not hold"),
                                ("t10k-images-idx3-ubyte.gz", gzip.compress(images(1 << 20, 1024, 1024)), "do not hold"),
                                ("t10k-images-idx3-ubyte", images(1 << 31, 1, 1), "says 2147483648 images")):
        path = write(f"idx/{name}", content)
        run("bench", "--data", scratch / "idx", "--no-json", code=65, says=says, memory=MEMORY)
        path.unlink()
    header = struct.pack("<Q", 1 << 40) + b"{"
    for name, content in (("a.safetensors", header), ("b.safetensors", safetensors([("wte.weight", [1 << 62], 1 << 62)])),
                          ("c.safetensors", safetensors([("wte.weight", [1 << 40, 1 << 40], 8)])),
                          ("a.bin", struct.pack("<8i", 20240326, 3, 1 << 24, 1 << 24, 512, 1, 1 << 20, 1 << 24) + bytes(992)),
                          ("b.bin", struct.pack("<8i", 20240326, 3, *[2 ** 31 - 1] * 6) + bytes(992))):
        path = write(name, content)
        run("model", path, code=65, memory=MEMORY)
        run("variance", path, code=65, memory=MEMORY)
    tokens = struct.pack("<3i", 20240520, 1, 2 ** 31 - 1) + bytes(1012)
    run("train", "gpt", "--tokens", write("tokens.bin", tokens), "-o", scratch / "run", code=65, memory=MEMORY)
    # 1 GiB of text in 1 MiB.
    bomb = gzip.compress(bytes(1 << 24)) * 64
    run("train", "gpt", "--text", write("bomb.gz", bomb), "-o", scratch / "run", code=71, memory=MEMORY)
    many = 1 << 30
    for name, content, code in (("a.aag", f"aag {many} {many} 0 1 0\n2\n", 65), ("a.aig", f"aig {many} 0 0 1 {many}\n2\n", 65),
                                ("b.aig", f"aig {1 << 20} {1 << 20} 0 1 0\n2\n", (0, 71)),
                                ("a.txt", "input n 0 65535\n" + "".join(f"t{i} = function sin 65536 40 n\n" for i in range(2000))
                                 + "output t0\n", 71)):
        run("study", "circuits", "--size", "smoke", "--circuit", write(name, content), code=code, memory=MEMORY)
    for content in ("A 0 0 N A\nsteps 1048576\n", "A 0 0 N A\nsteps 1048576\ncells 1048576\n"):
        run("study", "circuits", "--machine", write("a.tm", content), code=71, memory=MEMORY)
    # Files that are as large as they say, and mostly holes.
    for name, size, args, code in (("hole.blif", 1 << 30, ("study", "circuits", "--circuit"), 71),
                                   ("hole.txt", 1 << 40, ("study", "circuits", "--circuit"), 65),
                                   ("hole.json", 1 << 40, ("compare",), 65),
                                   ("hole.json.part", 1 << 29, ("bench", "--resume"), 65)):
        path = scratch / name
        with path.open("wb") as file:
            file.truncate(size)
        run(*args, path, *([path] if args == ("compare",) else []), code=code, memory=MEMORY)
        path.unlink()


with tempfile.TemporaryDirectory() as held_scratch:
    scratch = Path(held_scratch)
    steering()
    names()
    # Sanitizers map more than that to begin with.
    if "LSAN_OPTIONS" not in os.environ:
        greedy()
sys.exit(1 if failures else 0)
