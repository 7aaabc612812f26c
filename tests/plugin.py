#!/usr/bin/python3
"""plugin.py HINGE KERNELS CC SCHEMA: a plug-in is checked, timed, written, compared and reported beside hinge's lanes; each of
its faults is a finding of the check that is there for it, with a repeat line that repeats it; each mistake in a table gets a
sentence and an exit code. Exit 77: no python3-jsonschema."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree
from pathlib import Path

try:
    import jsonschema
except ImportError:
    print("SKIPPED: python3-jsonschema is not installed")
    sys.exit(77)

hinge, kernels, cc, schema_file = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3], sys.argv[4]
sources = Path(__file__).resolve().parent / "plugin"
validator = jsonschema.Draft202012Validator(json.loads(Path(schema_file).read_text()))
scratch = tempfile.TemporaryDirectory()
folder = Path(scratch.name)
(folder / "include").mkdir()
(folder / "include" / "hinge").symlink_to(kernels)
environment = {**os.environ, "HINGE_PLUGIN_SECONDS": "1"}
failures = 0
RELU = "HINGE_PLUGIN_KERNEL(relu_fwd, relu, .isa = NULL)"


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)
    return good


def run(code, words, *args, **more):
    env = {**environment, **more}
    done = subprocess.run([hinge, *args], capture_output=True, text=True, check=False, cwd=folder, env=env)
    text = done.stdout + done.stderr
    shown = text if len(text) < 1500 else text[:700] + "\n...\n" + text[-700:]
    expect(done.returncode == code and words in text,
           f"hinge {' '.join(args)}: exit {done.returncode}, want {code} with '{words}' in:\n{shown}")
    return text


def build(name, source="wrong.c", **defines):
    path = folder / f"{name}.so"
    flags = [f"-D{key}={value}" for key, value in defines.items()]
    flags += ["-w"] if "MORE" in defines else ["-Wall", "-Wextra", "-Werror"] # MORE says once more what the table says
    done = subprocess.run([cc, "-O1", "-shared", "-fPIC", f"-I{folder / 'include'}", *flags, "-o", path, sources / source], capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"{cc} {name}: {done.stderr}")
    return path.name


def contracts():
    rows = (Path(kernels) / "list.h").read_text().split("#define KERNELS(X)")[1].split("#define")[0]
    held = (Path(kernels).parent / "bench" / "plugin" / "contracts.c").read_text()
    for kernel in re.findall(r"X\((\w+)\)", rows):
        expect(f"ROOM({kernel}, " in held, f"bench/plugin/contracts.c does not hold the type of {kernel}_fn: ROOM({kernel}, ...)")


def checks():
    """Right ones pass, on the cases that they take; wrong ones fail in the check that is there for it."""
    plain = build("plain", "plugin.c")
    few = ("check", "--plugin", plain, "--isa", "scalar,avx2", "--filter", "^(relu_fwd|dense_fwd/m:[1-9]/n:39)(/|$)")
    text = run(0, "plug-in plain 1.0 (loops, as a compiler has them): relu_fwd, dense_fwd", *few, "--junit", "j.xml")
    expect(re.search(r"  plain +SKIPPED [1-9]\d*: its table says that it does not take them\n  plain +ran +[1-9]\d*, wrong 0; ", text),
           f"what ran and was not taken:\n{text}")
    expect(" plain unit" in (folder / "j.xml").read_text(), "the lane is in the JUnit file")
    run(0, "left out", *few, "--no-twins", "--kernel", "relu_fwd")
    run(0, "wrong 0; worst", "check", "--plugin", build("layout", "layout.c", STATED=1), "--isa", "scalar", "--no-twins",
        "--filter", "^(dense_pack|dense_fwd)/(m:[1-9]/n:39|n:1/|n:33)")
    found = {"TAIL": "UNWRITTEN", "NAN": "WRONG VALUE", "READS": "CRASH\n     the call: read 0 bytes past the end of src",
             "INPUT": "WROTE INPUT", "CALLS": "WRONG VALUE", "CRASH": "CRASH\n     the call: Aborted",
             "STACK": "CRASH\n     the call: Segmentation fault", "LOOP": "CRASH\n     the call: did not return within 1 s"}
    for fault, verdict in found.items():
        fill = {"NAN": "special", "CALLS": "exact"}.get(fault, "unit")
        text = run(2, f"FAIL relu_fwd/n:17 wrong, fill {fill}, seed 1: {verdict}", "check", "--plugin", build(fault, **{f"WRONG_{fault}": 1}),
                   "--isa", "scalar", "--no-twins", "--filter", "^relu_fwd/n:17$", "--fill", fill)
        repeat = re.search("repeat: (.*)", text)
        if expect(repeat, f"{fault}: no line that repeats it"):
            again = subprocess.run(repeat[1].replace("hinge", hinge, 1), shell=True, capture_output=True, text=True, check=False,
                                   cwd=folder, env=environment)
            expect(again.returncode == 2 and verdict in again.stdout, f"{repeat[1]}: exit {again.returncode}")
    text = run(2, "FAIL relu_fwd/n:1 wrong, fill", "check", "--plugin", "TAIL.so", "--isa", "scalar", "--fuzz", "12")
    case = re.search(r"repeat: hinge (check --case 'relu_fwd/n:1' .*)", text)
    if expect(case, f"a drawn case has no line that repeats it:\n{text}"):
        run(2, "FAIL relu_fwd/n:1 wrong", *case[1].replace("'", "").split())
    run(64, "plain.so has no such kernel", "check", "--plugin", plain, "--case", "relu_bwd/n:3")
    run(64, "not with --plugin", "check", "--plugin", plain, "--fault", "null kernel")
    dense = "HINGE_PLUGIN_KERNEL(dense_fwd, dense, .without = \"packed\", .flags = {})"
    case = ("--isa", "scalar", "--no-twins", "--filter", "^dense_fwd/m:9/n:39/k:21$")
    run(0, "wrong 0", "check", "--plugin", build("free", ENTRY=dense.format(0)), *case)
    run(2, "OTHER WORDS", "check", "--plugin", build("words", ENTRY=dense.format("HINGE_PLUGIN_SAME_WORDS")), *case)
    run(2, "WRONG VALUE", "check", "--plugin", build("order", "layout.c"), "--isa", "scalar", "--no-twins", "--filter", "^dense_pack/n:33/")
    run(0, "block", "check", "--plugin", build("composed", ENTRY=RELU + ", {.room = \"gpt2_block\"}"), "--isa", "scalar", "--no-twins",
        "--quick", "--filter", "^gpt2_block/heads:1/m:1/n:1/", "--verbose")


def survives():
    """Whatever a kernel does to its process, the file of --junit is whole and names the case; other kernels are checked all the same."""
    dense = 'HINGE_PLUGIN_KERNEL(dense_fwd, dense, .without = "packed")'
    for fault, says in (("THREAD", "Aborted"), ("STALL", "did not return, on several threads"), ("EXIT", "exit code 0"), ("KILL", "Killed")):
        both = build(f"both{fault}", **{f"WRONG_{fault}": 1, "ENTRY": f"{RELU}, {dense}"})
        text = run(2, f"{says}: the rest of relu_fwd is not checked", "check", "--plugin", both, "--isa", "scalar", "--no-twins",
                   "--filter", "^(relu_fwd/n:70001$|dense_fwd/m:9/n:39/k:21$)", "--junit", "j.xml")
        cases = xml.etree.ElementTree.parse(folder / "j.xml").findall(".//testcase")
        failed = [case for case in cases if case.find("failure") is not None]
        expect(len(failed) == 1 and failed[0].get("name").startswith("relu_fwd/n:70001 wrong ") and says in failed[0][0].get("message"),
               f"{fault}: what failed: {[(case.attrib, case[0].attrib) for case in failed]}")
        expect(any(case.get("classname") == "relu_fwd" and case.find("skipped") is not None for case in cases), f"{fault}: what is left out")
        expect(any(case.get("name").startswith("dense_fwd/m:9/n:39/k:21 wrong ") for case in cases), f"{fault}: the other kernel:\n{text}")


def state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return "gone"


def children(process):
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def wait_for(process, wanted):
    """The child of it that is in that state."""
    for _ in range(1000):
        for child in children(process) if process.poll() is None else ():
            if state(child) == wanted:
                return int(child)
        time.sleep(0.02)
    return expect(False, f"no child in state {wanted}")


def stopped():
    """Longer than a call may take: time in which its process is stopped is none of the kernel's. And Ctrl-C ends one that loops."""
    stops = build("stops", WRONG_STOPS=1)
    where = ("--plugin", stops, "--no-json", "--filter", "^relu_fwd/n:2000$", "--isa", "avx2", "--forks", "1", "--budget", "20s")
    for args in (("check", "--plugin", stops, "--isa", "scalar", "--no-twins", "--filter", "^relu_fwd/n:17$"), ("bench", *where)):
        with subprocess.Popen([hinge, *args], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            child = wait_for(process, "T")
            time.sleep(2.5)
            if child:
                os.kill(child, signal.SIGCONT)
            text = process.communicate(timeout=100)[0]
        expect(process.returncode == 0, f"{args[0]}, stopped: exit {process.returncode}\n{text}")
    for args in (("check", "--plugin", "LOOP.so", "--isa", "scalar", "--filter", "^relu_fwd/n:17$"), ("bench", "--plugin", "LOOP.so", *where[2:])):
        with subprocess.Popen([hinge, *args], cwd=folder, env={**environment, "HINGE_PLUGIN_SECONDS": "100"}, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as process:
            child = wait_for(process, "R")
            time.sleep(1.0)
            process.send_signal(signal.SIGINT)
            code = process.wait(10)
        for _ in range(100):
            if state(child) == "gone":
                break
            time.sleep(0.02)
        expect(code in (130, -signal.SIGINT) and state(child) == "gone", f"{args[0]}, Ctrl-C in a loop: exit {code}, its process is {state(child)}")


def tables():
    """What is no plug-in, or a wrong table."""
    use = ("check", "--kernel", "relu_fwd", "--isa", "scalar", "--no-twins", "--filter", "^relu_fwd/n:17$", "--plugin")
    (folder / "text.so").write_text("no shared object\n")
    run(65, "not a shared object to load: ", *use, "text.so")
    run(66, "--plugin nowhere.so: No such file", *use, "nowhere.so")
    run(66, "--plugin include: not a regular file", *use, "include")
    run(65, "no plug-in: it has no symbol hinge_plugin", *use, build("symbol", TABLE="other"))
    for name, code, words, defines in [
            ("room", 65, "no kernel is called 'relu_fw' (is it relu_fwd?)", {"ENTRY": '{.room = "relu_fw"}'}),
            ("far", 65, "no kernel is called 'frobnicate'; `hinge list`", {"ENTRY": '{.room = "frobnicate"}'}),
            ("none", 65, "a kernel of its table has no room", {"ENTRY": "{.isa = NULL}"}),
            ("twice", 65, "its table has relu_fwd twice", {"ENTRY": f"{RELU}, {RELU}"}),
            ("nothing", 65, "relu_fwd has no function", {"ENTRY": '{.room = "relu_fwd"}'}),
            ("whole", 65, "gpt2_step is composed of kernels: it takes no function",
             {"ENTRY": '{.room = "gpt2_step", .call = (hinge_plugin_call *)relu}'}),
            ("isa", 65, "isa 'sse9' is neither avx2 nor avx512", {"ENTRY": 'HINGE_PLUGIN_KERNEL(relu_fwd, relu, .isa = "sse9")'}),
            ("flag", 65, "without 'packed': its cases have no such flag",
             {"ENTRY": 'HINGE_PLUGIN_KERNEL(relu_fwd, relu, .without = "packed")'}),
            ("bits", 65, "relu_fwd: flags 0x8: this hinge knows no more than 0x3", {"ENTRY": "HINGE_PLUGIN_KERNEL(relu_fwd, relu, .flags = 8)"}),
            ("own", 65, "only dense_pack has a layout of its own",
             {"ENTRY": "HINGE_PLUGIN_KERNEL(relu_fwd, relu, .flags = HINGE_PLUGIN_OWN_LAYOUT)"}),
            ("lane", 65, "its name 'avx2' is a lane's or a library's", {"NAME": '"avx2"'}),
            ("long", 65, "its name 'twelve_chars' is not up to 11 of", {"NAME": '"twelve_chars"'}),
            ("blank", 65, "its name 'a b' is not", {"NAME": '"a b"'}),
            ("unnamed", 65, "its table has no name", {"NAME": "0"}),
            ("note", 65, "its note is too long, or no line of UTF-8", {"MORE": '.note = "two\\nlines"'}),
            ("newer", 69, "built with the plugin.h of version 2; this hinge has 1", {"MORE": ".version = 2"}),
            ("older", 65, "built with the plugin.h of version 0; this hinge has 1", {"MORE": ".version = 0"}),
            ("size", 65, "states sizes that no plugin.h has", {"MORE": ".size = 8"}),
            ("empty", 65, "its table has no kernels", {"MORE": ".kernel_count = 0"})]:
        run(code, words, *use, build(name, **defines))
    run(64, "relu_bwd: plain.so has no such kernel; its first is relu_fwd", "check", "--kernel", "relu_bwd", "--plugin", "plain.so")
    run(64, "HINGE_PLUGIN_SECONDS 0: not a number from 1 to 86400", *use, "plain.so", HINGE_PLUGIN_SECONDS="0")
    run(64, "--plugin", "compare", "--plugin", "plain.so")
    # A newer header's members lie behind those that this hinge knows.
    wide = (sources / "wrong.c").read_text().replace("static const struct hinge_plugin_kernel kernels[] = {ENTRY};",
                                                     "struct more { struct hinge_plugin_kernel k; long more[3]; };\n"
                                                     "static const struct more kernels[] = {{ENTRY, {1, 2, 3}}, {{\"axpy\", 0, 0, 0, 0}, {4, 5, 6}}};")
    wide = wide.replace("sizeof(struct hinge_plugin_kernel)", "sizeof(struct more)").replace(".kernels = kernels", ".kernels = &kernels[0].k")
    (folder / "wide.c").write_text(wide)
    run(65, "wide.so: axpy has no function", *use, build("wide", folder / "wide.c"))
    (folder / "wide.c").write_text(wide.replace('{"axpy", 0, 0, 0, 0}', '{"axpy", (hinge_plugin_call *)relu, "avx2", 0, 0}'))
    run(0, "plug-in wrong: relu_fwd, axpy", *use, build("wide", folder / "wide.c"))
    lanes = subprocess.run([hinge, "list"], capture_output=True, text=True, check=True).stdout.split(";")[0]
    if "avx512 (not on this CPU)" in lanes.replace("omp_avx512 (not on this CPU)", ""):
        run(69, "none of its kernels runs here: they need avx512", *use,
            build("isa512", ENTRY='HINGE_PLUGIN_KERNEL(relu_fwd, relu, .isa = "avx512")'))


def bench(plugin, filter_, path, code=0, words="result file", *more):
    return run(code, words, "bench", "--plugin", plugin, "--filter", filter_, "--isa", "avx2", "--forks", "1", "--budget", "4s", "--json",
               path, *more)


def times():
    """Beside ours, in the table and the file; a crash is its row's alone."""
    text = bench("plain.so", "^(relu_fwd/n:2000|dense_fwd/m:8/n:64/k:64/.*)$", "a.json")
    expect(re.search(r"\n +plain +[\d.]+ [num]s ", text), f"a line of the table:\n{text}")
    expect("relu+packed" not in text, "cases that it does not take are left out")
    file = json.loads((folder / "a.json").read_text())
    errors = [error.message for error in validator.iter_errors(file)]
    expect(not errors, f"a.json is not as the schema has it: {errors[:3]}")
    rows = {row["name"]: row for row in file["benchmarks"] if row["variant"] == "plain"}
    expect(sorted(rows) == ["dense_fwd/m:8/n:64/k:64/relu/threads:1/plain", "relu_fwd/n:2000/threads:1/plain"], f"rows: {sorted(rows)}")
    for row in rows.values():
        expect(row["impl"] == "plain 1.0" and row["isa"] == "x86-64" and row.get("samples"), f"its row: {row}")
    made = file["context"]["plugin"]
    expect((made["name"], made["release"], made["note"]) == ("plain", "1.0", "loops, as a compiler has them"), f"context: {made}")
    run(3, "plain", "compare", "a.json", "a.json", "--variant", "plain")
    run(0, "", "report", "a.json", "--html", "a.html")
    expect("plain</" in (folder / "a.html").read_text(), "it is on the page")

    dense = 'HINGE_PLUGIN_KERNEL(dense_fwd, dense, .without = "packed")'
    both = build("both", WRONG_CRASH=1, ENTRY=f"{RELU}, {dense}")
    bench(both, "^(relu_fwd/n:2000|dense_fwd/m:8/n:64/k:64/.*)$", "b.json", 2,
          "WRONG, not timed: relu_fwd/n:2000 wrong: its process ended by SIGABRT")
    rows = {row["name"]: row for row in json.loads((folder / "b.json").read_text())["benchmarks"] if row["variant"] == "wrong"}
    expect("samples" in rows["dense_fwd/m:8/n:64/k:64/relu/threads:1/wrong"], "the other row is timed")
    expect("SIGABRT" in rows["relu_fwd/n:2000/threads:1/wrong"]["error_message"], "the row that crashed says so")
    run(64, "takes no case that is timed and matches --filter packed", "bench", "--plugin", "plain.so", "--filter", "packed", "--no-json")
    run(64, "relu_bwd: plain.so has no such kernel", "bench", "--plugin", "plain.so", "--kernel", "relu_bwd")
    resume()


def resume():
    """A run is not gone on with on another plug-in."""
    args = [hinge, "bench", "--plugin", "plain.so", "--filter", "^relu_fwd/n:2000$", "--isa", "avx2", "--budget", "60s", "--json", "c.json"]
    part = folder / "c.json.part"
    with subprocess.Popen(args, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in range(600):
            if part.exists() and part.stat().st_size:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    (folder / "plain.so").write_bytes((folder / "plain.so").read_bytes() + b"more")
    run(64, 'cannot go on here: plug-in was "', "bench", "--resume", "c.json.part")


contracts()
checks()
survives()
stopped()
tables()
times()
print("failed" if failures else "passed")
sys.exit(failures != 0)
