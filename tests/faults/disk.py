#!/usr/bin/python3
"""disk.py HINGE: a disk that is full, a folder that may not be written, a file that may not grow: exit code 73 and a
sentence that names the file; what was there stays as it was, and nothing is left half written."""
import resource
import signal
import subprocess

from faults import CALLS, conclude, expect, files, finish, fresh, in_namespace, run, start



def before(name):
    """What was there: count reads it too."""
    return b"compiler,case,lane,threads,instructions\n" if name == "count" else b"what was there\n"


def refused(where, name, folder, **kwargs):
    """The folder is as it was. A run of bench that has begun keeps its journal, to go on with."""
    file, call = CALLS[name]
    were = files(folder)
    _, err = run(*call, folder / file, codes=73, what=f"{where}: {name}", **kwargs)
    expect(str(folder / file).removesuffix(".json") in err, f"{where}: {name} does not name its file: {err}")
    are = files(folder)
    expect(are == were, f"{where}: {name}: {sorted(were)} became {sorted(are)}")


def mount(*args):
    subprocess.run(["mount", *map(str, args)], check=True)


def full_disk(folder, name):
    mount("-t", "tmpfs", "-o", "size=64k", "none", folder)
    if name != "train":
        (folder / CALLS[name][0]).write_bytes(before(name))
    with open(folder / "filler", "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass


def test_mounted():
    for name in CALLS:
        folder = fresh("full")
        full_disk(folder, name)
        if name == "train":
            file, call = CALLS[name]
            run(*call, folder / file, codes=73, says=str(folder / file), what="full: train")
            expect(not (folder / file / "checkpoint.safetensors").exists(), "full: train: half a checkpoint")
        else:
            refused("full", name, folder)
        subprocess.run(["umount", folder], check=True)
    folder = fresh("read-only")
    for name, (file, _) in CALLS.items():
        if name != "train":
            (folder / file).write_bytes(before(name))
    mount("--bind", folder, folder)
    mount("-o", "remount,ro,bind", folder)
    for name in CALLS:
        refused("read-only", name, folder)
    subprocess.run(["umount", folder], check=True)


def small_files(most, ignored):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignored else signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return limit


def test_limited():
    """The same for everybody, by a limit on the size of files: its signal ends the program unless that looks."""
    for name, (file, _) in CALLS.items():
        if name in ("count", "train", "history"):  # valgrind's own file, or the index, may not grow either
            continue
        folder = fresh("limited")
        (folder / file).write_bytes(before(name))
        refused("limited", name, folder, preexec_fn=small_files(100, name == "report"))


def test_grows_full():
    """Full behind the start: the rows so far stay in the journal, the run goes on to its end, and can be resumed."""
    folder = fresh("grows")
    result = folder / "bench.json"
    _, err = run(*CALLS["bench"][1], result, codes=73, says="File too large", preexec_fn=small_files(4096, False))
    expect("a run that is killed is lost" in err, f"no word of the journal: {err}")
    expect(not result.exists() and (folder / "bench.json.part").exists(), f"grows: {sorted(files(folder))}")
    run("bench", "--resume", f"{result}.part", says="result file: ")
    expect(sorted(files(folder)) == ["bench.json"], f"grows, resumed: {sorted(files(folder))}")


def test_devices():
    for name, (_, call) in CALLS.items():
        if name == "model":  # its format is in the name
            continue
        run(*call, "/dev/full", codes=73, says="/dev/full", what=f"/dev/full: {name}")
    for call in (["compare", *CALLS["compare"][1][1:]], CALLS["info"][1], CALLS["doctor"][1], CALLS["report"][1],
                 CALLS["history"][1]):
        with open("/dev/full", "w", encoding="utf8") as full:
            finish(start(*call, "-", stdout=full), f"{call[0]} - on a full disk", 73, "standard output")


if in_namespace():
    test_mounted()
else:
    print("SKIPPED a full disk and a read-only folder: this user may not mount")
test_limited()
test_grows_full()
test_devices()
conclude()
