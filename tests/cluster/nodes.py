#!/usr/bin/python3
"""nodes.py HINGE: files of `hinge bench --per-host`, crafted: the slow node of a cluster stands out in `hinge compare` and in
`hinge report`; one real file of this host."""
import json
import math
import random
import re
import tempfile
from pathlib import Path

from common import GRID, cases, document, expect, finish, hinge, run

HOSTS = [f"node{i}" for i in range(1, 9)]
SLOW = "node5"
CONTEXT = {
    "hinge_schema": 2, "date": "2026-01-01T00:00:00Z", "cpu": "CPU A", "cpu_model": "family 1", "num_cpus": 8, "cores": 8,
    "memory_bytes": 8 << 30, "compiler": "gcc 12", "commit": "aaaa", "dirty": False, "flags": "-O3", "governor": "performance",
    "microcode": "0x10", "cluster": {"per_host": True, "arguments": [], "hosts": ["x"], "rows": {}, "total": 20}}


def row(case, variant, ns):
    name = f"{case}/threads:1/{variant}"
    return {"name": name, "run_name": name, "run_type": "iteration", "kernel": "relu_fwd", "variant": variant, "impl": variant,
            "isa": "avx2", "cache": "hot", "threads": 1, "scale": 0.0, "flops": 1e5, "bytes": 1e4, "roof_share": 0.5,
            "samples": [[ns, ns * 1.001, ns * 0.999]]}


def node(here, host, factor, dice, **context):
    own = dice.gauss(0, 0.004)
    rows = []
    for c in range(20):
        ns = 100.0 * 1.5 ** c * math.exp(own + dice.gauss(0, 0.008))
        rows += [row(f"relu_fwd/n:{64 << c}", "avx2", ns * factor), row(f"relu_fwd/n:{64 << c}", "dnnl-plain", 2 * ns)]
    path = here / f"grid.{host}.json"
    path.write_text(json.dumps({"context": {**CONTEXT, "host_name": host, **context}, "benchmarks": rows}))
    return path


def compared(here, *files, code=3):
    told = run(hinge, "compare", *files, "--json", here / "out.json", code=code)
    return document(here / "out.json"), told


def test_slow(here):
    dice = random.Random(3)
    files = [node(here, host, 1.07 if host == SLOW else 1.0, dice, **({"governor": "powersave"} if host == SLOW else {}))
             for host in HOSTS]
    found, told = compared(here, *files)
    stands = {n["host"]: n["stands"] for n in found["nodes"]["nodes"]}
    expect(stands == {host: "slow" if host == SLOW else "with the others" for host in HOSTS}, f"stands: {stands}")
    slow = next(n for n in found["nodes"]["nodes"] if n["host"] == SLOW)
    expect(slow["interval"][0] < 1 / 1.07 < slow["interval"][1] and slow["spreads_off"] < -found["nodes"]["limit"], str(slow))
    text = told[told.index("8 nodes of one kind"):].splitlines()
    expect("1 stands out" in text[0] and text[2].split()[-2:] == [SLOW, "SLOW"], f"the slow one first: {text[:4]}")
    expect("its governor is powersave, that of" in text[3], f"what may be the reason: {text[3]}")
    expect("--force judges them as versions" in told, "hosts of one run are machines")
    run(hinge, "compare", *files, "--markdown", "-", code=3, says="Nodes: 1 of 8 stands out")
    run(hinge, "compare", "--force", files[0], files[4], code=3, says="rows")

    page = here / "page.html"
    run(hinge, "report", *files, "--html", page)
    section = re.search(r'<h2 id="nodes">.*?</section>', page.read_text(), re.S).group(0)
    expect("1 of 8 nodes stands out" in section and "over 20 rows" in section, "the section's sentence")
    expect(re.search(rf">[A-Z]: {SLOW}, slow<", section), "the figure names the slow node")
    rows = re.findall(r"<tr>.*?</tr>", section, re.S)
    marked = [r for r in rows if 'class="slow"' in r]
    expect(len(marked) == 1 and SLOW in marked[0] and "governor powersave, not performance" in marked[0], f"marked: {marked}")
    return files


def test_none(here, files):
    """Nobody stands out of equal nodes; other hardware, another build or the same host is no node of the cluster."""
    dice = random.Random(5)
    folder = here / "equal"
    folder.mkdir()
    equal = [node(folder, host, 1.0, dice) for host in HOSTS]
    found, told = compared(here, *equal)
    expect("8 nodes of one kind" in told and {n["stands"] for n in found["nodes"]["nodes"]} == {"with the others"}, "equal nodes")
    found, told = compared(here, equal[0], equal[1])
    expect("Of two nodes neither" in told, "two nodes")
    for name, value in (("cpu", "CPU B"), ("commit", "bbbb"), ("host_name", HOSTS[0])):
        other = node(here, "other", 1.2, dice, **{"host_name": "other", name: value})
        found, _ = compared(here, *equal[:3], other)
        expect("nodes" not in found, f"another {name} is no node")
        page = here / "page.html"
        run(hinge, "report", *equal[:3], other, "--html", page)
        expect("0 of 3 nodes stand out" in page.read_text(), f"report: another {name} is no node")
    run(hinge, "report", files[0], "--html", here / "one.html")
    expect("there are no nodes to compare" in (here / "one.html").read_text(), "one host")


def test_real(here):
    """A file of this host: named by it, taken up where it is done, all rows."""
    args = (hinge, *GRID, "--budget", "120s", "--json", here / "real.json", "--per-host")
    run(*args)
    (file,) = here.glob("real.*.json")
    context = document(file)["context"]
    expect(file.name == f"real.{context['host_name']}.json", f"{file.name} on {context['host_name']}")
    expect(context["cluster"]["per_host"] and len(cases(file)) == context["cluster"]["total"], "all rows")
    run(*args, says="nothing to do")


with tempfile.TemporaryDirectory() as scratch:
    test_none(Path(scratch), test_slow(Path(scratch)))
    test_real(Path(scratch))
finish()
