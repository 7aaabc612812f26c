#!/usr/bin/python3
"""onednn.py HINGE: oneDNN's library is missing, broken or another when the program runs: it goes on without twins and says
which library it wanted. Exit code 77 for a build without oneDNN."""
import json
import os
import subprocess
import sys
from pathlib import Path

from faults import BENCH, conclude, expect, fresh, in_namespace, run

may_mount = in_namespace()
HERE = run("info", "--no-roofs")[0]
if "no oneDNN" in HERE:
    print("SKIPPED: no oneDNN in this build")
    sys.exit(77)


def loaded():
    """The file that the loader finds; None where its folder is part of the name, which LD_LIBRARY_PATH does not change."""
    cache = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False).stdout.splitlines()
    files = [line.split(" => ")[1] for line in cache if line.split()[:1] and line.split()[0].startswith("libdnnl.so.")]
    names = [Path(f).name for f in files]
    return (Path(files[0]), names[0]) if files else (None, None)


def test_without(what, env, says):
    out, _ = run("info", "--no-roofs", env=env, says="no oneDNN (none)", what=f"info, {what}")
    expect(HERE.count("\n") == out.count("\n"), f"info, {what}: other lines")
    out, err = run("check", "--kernel", "relu_fwd", "--quick", env=env, what=f"check, {what}", says=says)
    expect("wrong 0" in out and "no oneDNN" in out and not err, f"check, {what}: {out}{err}")
    run("check", "--kernel", "relu_fwd", "--quick", "--no-twins", env=env, what=f"check without twins, {what}")
    run("list", env=env, what=f"list, {what}")
    if what != "no library":
        return
    result = fresh("without") / "b.json"
    run(*BENCH, "--json", result, env=env, what=f"bench, {what}")
    document = json.loads(result.read_text())
    expect(document["context"]["onednn"] == "none", f"bench, {what}: {document['context']['onednn']}")
    expect(not any("dnnl" in row["name"] for row in document["benchmarks"]), f"bench, {what}: rows of oneDNN")


library, name = loaded()
if library:
    for what, content, says in (("too short", b"", "file too short"), ("no library", b"x" * 4096, "invalid ELF header"),
                                ("another library", None, "lacks dnnl_")):
        folder = fresh("fake")
        other = next(Path(line.split()[-1]) for line in Path(f"/proc/{os.getpid()}/maps").read_text().splitlines()
                     if "libc.so" in line or "libm.so" in line)
        (folder / name).write_bytes(other.read_bytes() if content is None else content)
        test_without(what, {"LD_LIBRARY_PATH": str(folder)}, says)
    if may_mount:
        nothing = fresh("nothing") / "nothing"
        nothing.write_bytes(b"")
        subprocess.run(["mount", "--bind", nothing, library.resolve()], check=True)
        test_without("hidden", {}, name)
    else:
        print("SKIPPED a hidden library: this user may not mount")
else:
    print("SKIPPED: oneDNN is no library of the system's")
    sys.exit(77)
conclude()
