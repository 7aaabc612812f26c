#!/usr/bin/python3
"""doctor.py HINGE SCHEMA: `hinge doctor` on machines that are not here, made of files below HINGE_SYSROOT; files that
obey results/doctor-schema.json where python3-jsonschema is here; a short probe. `hinge info --likwid` beside a
likwid-bench that is none."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import jsonschema
except ImportError:
    jsonschema = None

hinge = str(Path(sys.argv[1]).resolve())
schema_file = Path(sys.argv[2])
failures = 0


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)


def make_validator():
    """With the definitions of a result file beside its own: how a reference leaves a file differs by version."""
    schema = json.loads(schema_file.read_text())
    others = json.loads(schema_file.with_name("schema.json").read_text())["$defs"]
    expect(not set(others) & set(schema["$defs"]), "definitions of one name")
    schema["$defs"] |= others
    machine = schema["properties"]["machine"]
    machine["$ref"] = machine["$ref"].removeprefix("schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


validator = make_validator() if jsonschema else None


def run(*args, **env):
    done = subprocess.run([hinge, *args], capture_output=True, text=True, check=False, env=os.environ | env)
    return done.returncode, done.stdout, done.stderr


def diagnose(name, *args, **env):
    """Findings by id."""
    code, out, err = run("doctor", "--json", "-", *args, **env)
    document = json.loads(out)
    for error in validator.iter_errors(document) if validator else ():
        expect(False, f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message:.200}")
    found = {f["id"]: f for f in document["findings"]}
    expect(len(found) == len(document["findings"]) == 25, f"{name}: {len(document['findings'])} findings")
    for f in found.values():
        expect(f["mend"] is None or f["verdict"] in ("note", "bad"), f"{name}: {f['id']} is well, yet to be mended")
    return code, document, found, err


def flags(virtual):
    return "processor\t: 0\nmicrocode\t: 0xabc\nflags\t\t: fpu sse2" + (" hypervisor" if virtual else "") + " avx2\n"


def cpus(count, siblings, **more):
    """Files of so many CPUs; siblings: the list for each."""
    base = "sys/devices/system/cpu/"
    files = {base + "online": f"0-{count - 1}", "proc/self/status": f"Name:\tx\nCpus_allowed_list:\t0-{count - 1}\n"}
    for c in range(count):
        files[f"{base}cpu{c}/topology/thread_siblings_list"] = siblings(c)
    return files | {base + name.replace("__", "/"): text for name, text in more.items()}


LAPTOP = cpus(8, lambda c: f"{c % 4},{c % 4 + 4}", isolated="\n", intel_pstate__no_turbo="0",
              vulnerabilities__meltdown="Mitigation: PTI", vulnerabilities__l1tf="Not affected",
              **{f"cpu{c}__cpufreq__scaling_governor": "powersave" for c in range(8)}) | {
    "proc/cpuinfo": flags(False),
    "proc/stat": "cpu  100 0 100 1000 0 0 0 0 0 0\ncpu0 1 1 1 1\n",
    "proc/loadavg": "6.00 1.00 0.50 5/900 1234",
    "proc/self/schedstat": "900000 100000 12",
    "proc/self/cgroup": "0::/user.slice/session-2.scope\n",
    "sys/fs/cgroup/user.slice/cpu.max": "max 100000",
    "sys/fs/cgroup/user.slice/session-2.scope/cpu.stat": "usage_usec 5\nnr_periods 0\nnr_throttled 0\n",
    "sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never",
    "proc/sys/kernel/randomize_va_space": "2",
    "proc/sys/kernel/numa_balancing": "0",
    "proc/meminfo": "MemTotal: 100 kB\nSwapTotal:       2097152 kB\nSwapFree:        1048576 kB\n",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "hpet",
}
LAPTOP_VERDICTS = {
    "governor": "bad", "boost": "note", "smt": "note", "virtualization": "good", "steal": "good", "load": "bad",
    "run_queue": "bad", "quota": "good", "throttled": "good", "thp": "note", "aslr": "note", "numa_balancing": "good",
    "swap": "note", "isolation": "note", "mitigations": "note", "clocksource": "bad", "cpuset": "good",
    "switches": "unknown", "speed": "unknown"}

CONTAINER = cpus(4, lambda c: str(c), isolated="\n") | {
    "proc/cpuinfo": flags(True),
    "proc/stat": "cpu  800 0 100 1000 0 0 0 100 0 0\n",
    "proc/loadavg": "0.00 0.00 0.00 1/20 7",
    "proc/self/status": "Cpus_allowed_list:\t2\n",
    "proc/self/schedstat": "1000000000 5000000 12",
    "proc/self/cgroup": "0::/\n",
    "sys/fs/cgroup/cpu.max": "150000 100000",
    "sys/fs/cgroup/cpu.stat": "usage_usec 5\nnr_throttled 17\n",
    "sys/kernel/mm/transparent_hugepage/enabled": "always madvise [never]",
    "proc/sys/kernel/randomize_va_space": "0",
    "sys/devices/system/node/online": "0-1",
    "proc/sys/kernel/numa_balancing": "1",
    "proc/meminfo": "SwapTotal: 0 kB\nSwapFree: 0 kB\n",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "kvm-clock",
}
CONTAINER_VERDICTS = {
    "quota": "bad", "throttled": "note", "cpuset": "bad", "steal": "bad", "run_queue": "note", "load": "good",
    "governor": "unknown", "boost": "unknown", "smt": "unknown", "virtualization": "note", "thp": "note",
    "aslr": "good", "numa_balancing": "bad", "swap": "good", "mitigations": "unknown", "clocksource": "note"}

SERVER = cpus(16, lambda c: str(c), isolated="2-15", nohz_full="2-15", cpufreq__boost="0",
              vulnerabilities__meltdown="Not affected",
              **{f"cpu{c}__cpufreq__scaling_governor": "performance" for c in range(16)}) | {
    "proc/cpuinfo": flags(False),
    "proc/stat": "cpu  100 0 100 100000 0 0 0 0 0 0\n",
    "proc/loadavg": "0.01 0.00 0.00 1/300 7",
    "proc/self/status": "Cpus_allowed_list:\t4-7\n",
    "proc/self/schedstat": "1000000000 1000 12",
    "proc/self/cgroup": "12:cpu,cpuacct:/bench\n3:cpuset:/\n0::/\n",
    "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
    "sys/fs/cgroup/cpu,cpuacct/bench/cpu.cfs_quota_us": "-1",
    "sys/fs/cgroup/cpu,cpuacct/bench/cpu.cfs_period_us": "100000",
    "sys/fs/cgroup/cpu,cpuacct/bench/cpu.stat": "nr_periods 0\nnr_throttled 0\n",
    "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never",
    "proc/sys/kernel/randomize_va_space": "0",
    "sys/devices/system/node/online": "0",
    "proc/meminfo": "SwapTotal: 8 kB\nSwapFree: 8 kB\n",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc",
}
SERVER_VERDICTS = {name: "good" for name in LAPTOP_VERDICTS} | {"switches": "unknown", "speed": "unknown"}

# Version 1, its quota in the group above ours.
OLD_CONTAINER = CONTAINER | {
    "proc/self/cgroup": "5:cpuset:/\n4:cpuacct,cpu:/docker/abc\n0::/elsewhere\n",
    "proc/self/status": "Cpus_allowed_list:\t0-3\n",
    "sys/fs/cgroup/cpu/docker/cpu.cfs_quota_us": "300000",
    "sys/fs/cgroup/cpu/docker/cpu.cfs_period_us": "100000",
    "sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us": "-1",
    "sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us": "100000",
    "sys/fs/cgroup/cpu/docker/abc/cpu.stat": "nr_throttled 0\n",
    "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
}
OLD_CONTAINER_VERDICTS = {"quota": "note", "throttled": "good", "cpuset": "good"}

# Two threads on one core.
NARROW = SERVER | {"proc/self/status": "Cpus_allowed_list:\t4,5\n",
                   "sys/devices/system/cpu/cpu4/topology/thread_siblings_list": "4-5",
                   "sys/devices/system/cpu/cpu5/topology/thread_siblings_list": "4-5"}
NARROW_VERDICTS = {"smt": "bad", "cpuset": "good"}

MACHINES = {"laptop": (LAPTOP, LAPTOP_VERDICTS), "container": (CONTAINER, CONTAINER_VERDICTS),
            "server": (SERVER, SERVER_VERDICTS), "old container": (OLD_CONTAINER, OLD_CONTAINER_VERDICTS),
            "narrow": (NARROW, NARROW_VERDICTS)}
SAYS = {
    ("laptop", "governor"): ("powersave", "performance"), ("laptop", "boost"): ("on", "no_turbo"),
    ("laptop", "load"): ("4 other tasks", "top"), ("laptop", "run_queue"): ("10.00 %", "taskset"),
    ("laptop", "swap"): ("1024 of 2048 MiB", "swapoff"), ("container", "quota"): ("1.5 CPUs", "OMP_NUM_THREADS=1"),
    ("container", "throttled"): ("17 times", "quota"), ("container", "cpuset"): ("1 of 4", "OMP_NUM_THREADS=1"),
    ("container", "steal"): ("5.00 %", "guest"), ("old container", "quota"): ("3 CPUs", ""),
    ("laptop", "isolation"): ("none", "isolcpus=1-7 "), ("narrow", "smt"): ("2 threads on 1 core:", "OMP_NUM_THREADS=1"), ("server", "isolation"): ("4 of 4", "")}
# OMP_NUM_THREADS of the settings to use, of two.
USEFUL = {"laptop": 2, "container": 1, "server": 2, "old container": 2, "narrow": 1}
GARBAGE = ["", "\n", "\0\0\0", "999999999999999999999999999", "-1 -1 -1 -1 -1 -1 -1 -1 -1", "0-", "5-2,", "[", "][", "x" * 9000,
           "nan nan nan", "cpu ", "cpu nan inf", "4::", "::", "0:cpu:" + "/a" * 3000, "0::/../../..\n", "max", "1e400 1e-400"]


def make(root, files):
    for name, text in files.items():
        path = Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(root)


def check_machines(scratch):
    for name, (files, verdicts) in MACHINES.items():
        code, document, found, err = diagnose(name, "--no-probe", HINGE_SYSROOT=make(Path(scratch, name), files))
        expect(code == 0 and not err, f"{name}: exit {code}: {err}")
        expect(document["probe"] is None, f"{name}: a probe that was not asked for")
        expect(f"OMP_NUM_THREADS={USEFUL[name]} " in document["environment"], f"{name}: {document['environment']}")
        for key, verdict in verdicts.items():
            expect(found[key]["verdict"] == verdict, f"{name}: {key} is {found[key]}, not {verdict}")
    for (name, key), (seen, mend) in SAYS.items():
        f = diagnose(name, "--no-probe", HINGE_SYSROOT=str(Path(scratch, name)))[2][key]
        expect(seen in f["seen"] and mend in (f["mend"] or ""), f"{name}: {f}")


def check_garbage(scratch):
    """No file that Linux would not write may do more than leave a finding unknown or odd."""
    names = set().union(*(files for files, _ in MACHINES.values()))
    for i, text in enumerate(GARBAGE):
        code, _, _, err = diagnose(f"garbage {i}", "--no-probe",
                                   HINGE_SYSROOT=make(Path(scratch, f"garbage{i}"), dict.fromkeys(names, text)))
        expect(code == 0, f"garbage {text[:20]!r}: exit {code}: {err}")
    _, _, found, _ = diagnose("nothing", "--no-probe", HINGE_SYSROOT="/no/such/root")
    for key in LAPTOP_VERDICTS:
        expect(found[key]["verdict"] == "unknown", f"without files {key} is {found[key]}")


def check_process():
    _, _, found, _ = diagnose("bound", "--no-probe", OMP_PROC_BIND="false", OMP_DYNAMIC="true", OMP_WAIT_POLICY="passive")
    for key, verdict in {"omp_binding": "bad", "omp_threads": "bad", "omp_wait": "note", "subnormals": "good"}.items():
        expect(found[key]["verdict"] == verdict, f"{key}: {found[key]}")
    code, out, _ = run("doctor", "--no-probe", "--verbose", OMP_PROC_BIND="false")
    expect(code == 0 and "> OMP_PROC_BIND=close OMP_PLACES=cores" in out, "the table says how to bind")
    expect("Without a probe" in out, "a summary without a probe")


def check_probe(scratch):
    path = Path(scratch, "doctor.json")
    code, out, err = run("doctor", "--budget", "3s", "--json", str(path))
    document = json.loads(path.read_text())
    for error in validator.iter_errors(document) if validator else ():
        expect(False, f"probe: {'/'.join(map(str, error.absolute_path))}: {error.message:.200}")
    expect(code == (0 if document["sees_min_effect"] else 3), f"probe: exit {code}: {err}")
    expect(document["summary"] in out and document["environment"] in out, "table and file agree")
    probe = document["probe"]
    expect((probe["pairs"] >= 4) == bool(probe["kinds"]), f"{probe['pairs']} pairs, {len(probe['kinds'])} kinds")
    for kind in probe["kinds"]:
        expect(len(kind["pairs"]) == probe["pairs"], f"{kind['kind']}: pairs")
        expect(kind["samples"] == 16 * probe["pairs"], f"{kind['kind']}: {kind['samples']} samples")
        expect(kind["ab"] <= kind["ab_most"] and kind["compare"] <= kind["compare_most"], f"{kind['kind']}: at most")
    seen = {f["id"]: f["verdict"] for f in document["findings"]}
    expect(seen["run_queue"] != "unknown" and seen["switches"] != "unknown", "the probe was not watched")
    # Nothing is seen to a millionth of a per cent.
    code, _, err = run("doctor", "--budget", "1s", "--min-effect", "1e-6%")
    expect(code == 3 and ("no effect of 1e-06 %" in err or "too short" in err), f"a tiny effect: exit {code}: {err}")


def info_likwid(scratch, name, script):
    """info --likwid on one thread, with a likwid-bench of our own in PATH."""
    folder = Path(scratch, "bin-" + name)
    folder.mkdir()
    if script is not None:
        program = folder / "likwid-bench"
        program.write_text("#!/bin/sh\n" + script)
        program.chmod(0o755)
    path = Path(scratch, name + ".json")
    code, out, err = run("info", "--likwid", "--json", str(path), PATH=str(folder), OMP_NUM_THREADS="1")
    expect(code == 0, f"likwid {name}: exit {code}: {err}")
    return json.loads(path.read_text())["context"], out, err


def check_likwid(scratch):
    context, out, err = info_likwid(scratch, "absent", None)
    if not context["roofs"]:
        return
    expect("likwid-bench is not installed" in err and "roofs_likwid" not in context, f"absent: {err}")
    expect("likwid" not in out, "a table of what is not here")
    context, out, err = info_likwid(scratch, "fixed", 'echo "$@" | /bin/grep -q "^-t [a-z0-9_]* -w N:[0-9]*kB:1 -i [0-9]*$" ||'
                                  ' exit 1\necho noise\nprintf "MFlops/s:\\t\\t1234.5\\nMByte/s:   987.25\\nUOPs: 5"\n')
    expect("roofs_likwid" in context, f"fixed: {err}")
    for roof in context.get("roofs_likwid", []):
        for key, value in roof.items():
            want = {"gflops": 1.2345, "threads": 1, "isa": roof["isa"]}.get(key, 0.98725)
            expect(value == want, f"likwid's {key}: {value}")
    expect("*" in out and "apart by more than 15 %" in out, "1 GB/s is no roof of ours")
    for name, script in {"failing": "echo 'MFlops/s: 5'; echo 'MByte/s: 5'; exit 1",
                         "odd": "echo 'MByte/s: nan'; echo 'MFlops/s: -1'", "killed": "kill -9 $$",
                         "long": "/usr/bin/head -c 100000 /dev/zero; echo"}.items():
        context, out, err = info_likwid(scratch, name, script)
        got = [v for roof in context["roofs_likwid"] for k, v in roof.items() if k not in ("isa", "threads")]
        expect(got and set(got) == {None}, f"likwid {name}: {set(got)}")
        expect("21 figures are missing" in err and "no figure" in err, f"likwid {name}: {err}")


with tempfile.TemporaryDirectory() as scratch:
    check_machines(scratch)
    check_garbage(scratch)
    check_process()
    check_probe(scratch)
    check_likwid(scratch)
if not jsonschema:
    print("the files were not held to their schema: python3-jsonschema is not installed")
sys.exit(1 if failures else 0)
