#!/usr/bin/python3
"""report.py HINGE ROOT: the page of `hinge report` is sound HTML for who sees it and who hears it, asks for nothing
from anywhere, shows whatever a file holds as text, and is not written where a file is no good. ROOT: the source tree,
whose committed results are the large case."""
import base64
import copy
import glob
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

from page import Page

hinge, root = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
folder = tempfile.TemporaryDirectory()
failures = 0
BYTES_MOST = 3_000_000


def expect(good, what):
    global failures
    if not good:
        failures += 1
        print("FAIL", what)


def report(*files, html="page.html"):
    return subprocess.run([hinge, "report", *files, "--html", html], capture_output=True, text=True, cwd=folder.name,
                          timeout=120, check=False)


def write(name, document):
    path = os.path.join(folder.name, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(document if isinstance(document, str) else json.dumps(document))
    return path


# ---- a page


def check_page(name, text):
    page = Page(name, text)
    for bad in page.bad[:5]:
        expect(False, f"{name}: {bad}")
    expect(page.headings[:2] == [1, 2] and page.headings.count(1) == 1, f"{name}: starts with h1 and h2")
    for above, below in zip(page.headings, page.headings[1:]):
        expect(below <= above + 1, f"{name}: h{below} after h{above}")
    expect(len(set(page.ids)) == len(page.ids), f"{name}: ids are unique")
    for link in page.links:
        inside = link.startswith("#") and link[1:] in page.ids
        expect(inside or link == "data:,", f"{name}: refers to {link}")
    for table in page.tables:
        expect(table["caption"].strip(), f"{name}: a table without a caption")
        expect(table["head"] and all(head.strip() for head in table["head"]), f"{name}: {table['caption']}: heads")
        expect(table["row_heads"] == table["rows"], f"{name}: {table['caption']}: each row has its head")
    expect(all(label.strip() for label in page.labels), f"{name}: figures, frames and navigation have names")
    expect(not [a for a in page.attributes if a.startswith("on")], f"{name}: no handlers in attributes")
    expect("url(" not in text and "@import" not in text, f"{name}: the style loads nothing")
    expect(not re.search(r"\b(nan|inf)\b", re.sub("<(script|style)>.*?</", "", text, flags=re.S)), f"{name}: no NaN")
    for policy in ("default-src 'none'", "base-uri 'none'", "form-action 'none'"):
        expect(policy in text, f"{name}: policy {policy}")
    expect('lang="en"' in text and 'name="viewport"' in text and 'charset="utf-8"' in text, f"{name}: head")
    return page


def make(name, *files):
    done = report(*files, html=name + ".html")
    expect((done.returncode, done.stderr) == (0, ""), f"{name}: exit {done.returncode}, {done.stderr}")
    path = os.path.join(folder.name, name + ".html")
    if done.returncode:
        return None
    with open(path, encoding="utf-8") as file:
        return check_page(name, file.read())


# ---- files to make pages of


def row(case, variant="avx2", threads=1, ns=100.0, **more):
    kernel = case.split("/")[0]
    name = f"{case}/threads:{threads}/{variant}"
    samples = [ns * f for f in (0.99, 1.0, 1.0, 1.01, 1.02, 1.0)]
    return {"name": name, "run_name": name, "run_type": "iteration", "kernel": kernel, "variant": variant,
            "impl": variant, "isa": variant, "threads": threads, "cache": "hot", "scale": 1.0, "flops": 8192.0,
            "bytes": 17152.0, "shape": {"depth": 1, "m": 1, "n": 64, "k": 64, "pad": 0}, "mad": 0.5, "median": ns,
            "samples": samples, "roof_share": 0.5, "bound_by": "memory", "roof": "load", "level": "L1", "bound_used": 0.02, **more}


def result(*rows, schema=1, **context):
    if schema == 2:
        rows = [{**r, "samples": [r["samples"], r["samples"]]} if "samples" in r else r for r in rows]
    roofs = [{"isa": "avx2", "threads": 1, "gflops": 140.0, "load_gbps_L1": 280.0, "load_gbps_L2": 270.0,
              "load_gbps_L3": 120.0, "load_gbps_DRAM": 50.0}]
    return {"context": {"hinge_schema": schema, "cpu": "one", "host_name": "here", "num_cpus": 2, "mhz_per_cpu": 2000.0,
                        "date": "2026-01-01T00:00:00Z", "roofs": roofs, **context}, "benchmarks": list(rows)}


def versus(ratio, lo, hi, impl="brg:avx2"):
    return {"vs_onednn": {"ratio": ratio, "lo": lo, "hi": hi, "impl": impl}}


SIGNAL = {"gain_per_layer": 1.0, "dead": 0.5, "zero": 0.5, "subnormal": 0.0, "overflow": 0.0}


def chain(depth, width, scale, ns, subnormal=0.0, **more):
    shape = {"depth": depth, "m": 8, "n": width, "k": width, "pad": 0}
    return row(f"mlp_fwd/depth:{depth}/m:8/n:{width}/k:{width}/scale:{scale}", shape=shape, scale=scale, ns=ns,
               signal={**SIGNAL, "subnormal": subnormal}, **more)


def study(**more):
    series = {"name": "s", "x_name": "width", "x_unit": None, "y_name": "gap", "y_unit": "s", "x": [1, 2, 4],
              "y": [1.0, None, 3.0], "lo": [0.9, None, 2.9], "hi": [1.1, None, 3.1]}
    lines = {"name": "f", "kind": "lines", "title": "A figure", "x": {"label": None, "log": True},
             "y": {"label": "gap", "log": False, "lo": 0.0, "hi": 4.0},
             "curves": [{"series": "s", "label": "curve", "style": "line", "colour": 1}]}
    heat = {"name": "h", "kind": "heat", "title": "A map", "x": {"label": "x", "log": False, "values": [1, 2]},
            "y": {"label": "y", "log": False, "values": [1, 2, 3]},
            "z": {"label": "z", "log": False, "values": [1, 2, 3, 4, None, 6]}}

    def claim(name, verdict, measured):
        return {"id": name, "claim": f"what {name} says", "source": "derived", "expected": {"lo": 0.0, "hi": None},
                "measured": measured, "interval": {"lo": None, "hi": None}, "samples": 3, "verdict": verdict,
                "note": None}

    return {"schema_version": 1, "study": "trial", "source": "a paper", "size": "smoke", "seed": "1", "threads": 1,
            "isa": "avx2", "command": "hinge study", "started": "2026-01-01T00:00:00Z", "seconds": 1.0,
            "interrupted": False, "series": [series], "figures": [lines, heat], "machine": {"cpu": "one"},
            "claims": [claim("C1", "confirmed", 1.0), claim("C2", "refuted", -1.0), claim("C3", "out_of_reach", None)],
            **more}


def cells(page, caption):
    """The cells of the first table whose caption holds this, row by row."""
    table = next((t for t in page.tables if caption in t["caption"]), None)
    expect(table, f"{page.name}: a table of '{caption}'")
    if not table:
        return []
    wide = len(table["cells"]) // max(table["rows"], 1)
    return [table["cells"][i:i + wide] for i in range(0, len(table["cells"]), wide)]


# ---- what pages show


def check_content():
    a = write("a.json", result(row("relu_fwd/n:64", ns=100.0, **versus(0.5, 0.45, 0.55)),
                               row("relu_fwd/n:128", ns=200.0, **versus(2.0, 1.9, 2.1)),
                               row("relu_fwd/n:256", ns=400.0, **versus(1.0, 0.9, 1.1)),
                               row("relu_fwd/n:512", ns=800.0, **versus(1.5, None, None)),
                               row("relu_fwd/n:64", threads=2, ns=60.0)))
    page = make("content", a)
    text = page.text()
    counts = re.search(r"slower than oneDNN(\d+) .*?not decided(\d+) .*?faster than oneDNN(\d+) ", text, re.S)
    expect(counts and counts.groups() == ("1", "2", "1"), f"content: losses are counted first: {counts}")
    expect(text.index("slower than oneDNN") < text.index("faster than oneDNN"), "content: losses before wins")
    losses = cells(page, "losses of the avx2")
    expect(losses and losses[0][1] == "0.50 [0.45, 0.55]", f"content: the loss, {losses}")
    threads = cells(page, "Speed-up by more threads")
    expect(threads and threads[0][3] == "1.67" and threads[0][4] == "0.83", f"content: two threads, {threads}")
    times = [r[2] for r in cells(page, "relu_fwd, 1 thread")]
    expect(times == ["100 ns", "200 ns", "400 ns", "800 ns"], f"content: times {times}")
    # Twice as fast at twice the clock: the roof says that the machine did it, and the files are two sides.
    b = write("b.json", result(row("relu_fwd/n:64", ns=50.0), row("relu_fwd/n:128", ns=100.0), host_name="there",
                               mhz_per_cpu=4000.0, schema=2))
    page = make("sides", a, b)
    parts = cells(page, "What the difference is made of")
    expect([r[1:] for r in parts] == [["2", "2.00 [2.00, 2.00]", "2.00", "1.00", "1.00", "1.00", "1.00",
                                       "1.00 [1.00, 1.00]", "1.00"]], f"sides: {parts}")
    rows = cells(page, "relu_fwd avx2, 1 thread, B over A")
    expect([r[1:] for r in rows] == [["L1 load", "2.00", "2.00", "1.00", "1.00", "1.00", "1.00", "1.00", "1.00"]] * 2,
           f"sides: row by row, {rows}")
    # No frequency in one file: the roof is not told apart, until its machine's card says more.
    b = write("b.json", result(row("relu_fwd/n:64", ns=50.0), host_name="there", cpu_model="x", schema=2, mhz_per_cpu="unknown"))
    parts = cells(make("unknown", a, b), "What the difference is made of")
    expect(parts[0][3] == "–" and parts[0][-1] == "2.00", f"sides: no frequency, {parts}")
    card = result(host_name="there", cpu_model="x", mhz_per_cpu=4000.0, schema=2)
    card["context"]["topology"] = []
    parts = cells(make("carded", a, b, write("there.json", card)), "What the difference is made of")
    expect(parts[0][3] == "2.00" and parts[0][-1] == "1.00", f"sides: a card, {parts}")
    matrix = cells(page, "relu_fwd avx2, 1 thread: 2 rows")
    expect(["64", "128"] == sorted((r[0].split(":")[1] for r in matrix), key=int) and
           all("×2.00" in r[2] for r in matrix), f"sides: the rows side by side, {matrix}")
    apart = {r[0]: r[1:] for r in cells(page, "What tells the sides apart")}
    expect(apart.get("host") == ["here", "there"] and "CPU" not in apart, f"sides: what differs, {apart}")
    # The same rows again on the same machine are another side; other rows are not.
    other = write("c.json", result(row("gelu_fwd/n:64")))
    expect(len(cells(make("again", a, a), "Sides: a machine")) == 2, "the same rows twice are two sides")
    expect(len(cells(make("share", a, other), "Sides: a machine")) == 1, "other rows of one machine are one side")


def check_placement():
    def swept(spread, **more):
        at = {"at": 100.0, "lo": 99.0, "hi": 101.0}
        places = [{"starts": {"dst": 4 * k, "<b>": 0}, "ns": 100.0} for k in range(16)]
        return {"sweep": {"forks": 3, "best_at": 1, "worst_at": 15, "best": at, "median": at, "worst": {**at, "at": 150.0},
                          "spread": spread, "placements": places, **more}}

    one = {"at": 1.0, "lo": 0.9, "hi": 1.1}
    rows = [row("relu_fwd/n:64", **swept(one)), row("relu_fwd/n:128", **swept({"at": 1.5, "lo": 1.4, "hi": 1.6})),
            row("relu_fwd/n:256", **swept(one, best_at=99, placements=7)), row("relu_fwd/n:512", sweep=[1]),
            row("relu_fwd/n:1024", sweep={"spread": 3})]
    page = make("placement", write("placement.json", result(*rows)))
    table = cells(page, "A call at the best, the median and the worst placement")
    expect(len(table) == 3 and table[0][1:] == ["100 ns", "100 ns", "150 ns", "1.50 [1.40, 1.60]", "dst 4, <b> 0",
                                                "dst 60, <b> 0"], f"placement: {table}")
    expect(table[0][0].endswith("n:128"), "placement: the widest first")
    expect("No file swept over placements" in make("none", write("a.json", result(rows[3]))).text(), "placement: none")


def check_maps():
    rows = [chain(d, w, s, ns=d * w * s, subnormal=0.25 if s == 0.5 else 0.0, **versus(2.0 * s, s, 3.0 * s))
            for d in (1, 8) for w in (64, 256) for s in (0.5, 1.0)]
    page = make("maps", write("maps.json", result(*rows)))
    time = cells(page, "avx2, batch 8: median time")
    expect(time == [["0.5", "32.0 ns", "128 ns", "256 ns", "1.02 µs"], ["1", "64.0 ns", "256 ns", "512 ns", "2.05 µs"]],
           f"maps: {time}")
    part = cells(page, "share of subnormal")
    expect([r[1] for r in part] == ["25.0 %", "0 %"], f"maps: subnormals, {part}")
    expect("error bound, batch 8: 0.020 in all 8 cells" in page.text() or
           "error bound, batch 8: 0.02 in all 8 cells" in page.text(), "maps: what is flat is a sentence")
    # A hole in the map; two rows of one place make none.
    page = make("hole", write("hole.json", result(*rows[:-1])))
    expect(cells(page, "batch 8: median time")[1][4] == "–", "maps: a hole is a dash")
    twice = copy.deepcopy(rows[0])
    twice["name"] = twice["name"].replace("/m:", "/pad:1/m:")
    page = make("twice", write("twice.json", result(*rows, twice)))
    expect(not [t for t in page.tables if "batch 8" in t["caption"]], "maps: one place, one row")


def check_studies():
    page = make("study", write("study.json", study()))
    text = page.text()
    expect("1 refuted" in text and "1 confirmed" in text and "1 out of reach" in text, "study: verdicts are counted")
    claims = {r[0]: r for r in cells(page, "Claims of trial")}
    expect([claims[c][1] for c in ("C1", "C2", "C3")] == ["confirmed", "refuted", "out of reach"], f"study: {claims}")
    expect(claims["C1"][3] == "at least 0" and claims["C3"][4] == "–", f"study: bounds {claims}")
    short = study()
    del short["seconds"]
    expect(". on one, lane avx2" in make("short", write("short.json", short)).text(), "study: no time is no time")
    expect("width" in text and "A map" in text, "study: both figures, an axis named by its series")


def check_few():
    card = result()
    card["context"]["topology"] = []
    page = make("card", write("card.json", card))
    expect("No file has rows" in page.text(), "a card alone says that it has no rows")
    make("bare", write("bare.json", {"context": {}, "benchmarks": [{"name": "BM_x", "run_type": "iteration",
                                                                    "real_time": 3.0, "time_unit": "us"}]}))
    thin = {k: v for k, v in row("thin_fwd/n:1").items() if k in ("name", "kernel", "variant", "impl", "isa", "threads",
                                                                 "cache", "samples")}
    page = make("thin", write("thin.json", result(thin)))
    expect(cells(page, "thin_fwd")[0][2:] == ["100 ns", "–", "–", "–", "–", "–"], "what is missing is a dash")
    wrong = {k: v for k, v in row("bad_fwd/n:1").items() if k != "samples"}
    wrong |= {"error_occurred": True, "error_message": "killed by SIGSEGV"}
    page = make("wrong", write("wrong.json", result(wrong)))
    expect("rows wrong1" in page.text() and "killed by SIGSEGV" in page.text(), "a wrong row is shown with its error")
    make("nothing", write("nothing.json", result()), write("many.json", result(*(row(f"k{i}/n:1") for i in range(300)))))


# ---- strangers' files

HOSTILE = ["<script>window.pwned=1</script>", "\"><img src=x onerror=alert(1)>", "'onmouseover='alert(1)", "</title><h1>",
           "</script><script>alert(1)</script>", "]]><!-- -->", "&lt;b&gt;&#60;", "{{7*7}}", "javascript:alert(1)",
           "\u202egnirts\u202c", "\u0000\u001b[31m".replace("\u0000", ""), "%s%n%x", "é漢字🙂" * 40, "a" * 900]


def hostile_files():
    paths = []
    for i, text in enumerate(HOSTILE):
        case = f"{text}/n:1"
        bad = row(case, variant=text, level=text, roof=text, isa=text, error=text, **versus(0.5, 0.4, 0.6, text))
        bad["kernel"] = bad["impl"] = bad["cache"] = text
        bad["name"] = case[:1000]
        broken = {**bad, "name": f"e{case}"[:1000], "error_occurred": True, "error_message": text}
        fields = {name: text for name in ("cpu", "host_name", "compiler", "flags", "onednn", "kernel", "date", "command",
                                          "note", "grid")}
        document = result(bad, broken, row("relu_fwd/n:1", **versus(0.5, 0.4, 0.6, text)), **fields)
        document["context"]["roofs"][0]["isa"] = text
        document["context"]["x" + text] = {text: [text]}
        paths.append(write(f"hostile{i}.json", document))
        paper = study(study=text, source=text, size=text, isa=text)
        for claim in paper["claims"]:
            claim.update(id=text, claim=text, source=text, note=text)
        for figure in paper["figures"]:
            figure.update(name=text, title=text)
            figure["x"]["label"] = figure["y"]["label"] = text
        paper["figures"][0]["curves"][0].update(series=text, label=text)
        paper["series"][0].update(name=text, x_name=text, y_name=text)
        paper["machine"] = {text: text, "cpu": text}
        paths.append(write(f"paper{i}.json", paper))
    return paths


def check_hostile():
    paths = hostile_files()
    page = make("hostile", *paths)
    plain = make("plain", write("plain.json", result(row("relu_fwd/n:1", **versus(0.5, 0.4, 0.6)))),
                 write("fine.json", study()))
    text = page.text()
    for bad in HOSTILE[:9]:
        expect(bad in text, f"hostile: {bad!r} shows as text")
    # Nothing that a file says makes an element or an attribute that no other page has.
    more = page.attributes - plain.attributes - {"colspan", "rowspan", "stroke-dasharray"}
    expect(not more, f"hostile: attributes {more}")
    expect("\x1b" not in text, "hostile: no control characters")


def check_wrong_files():
    good = write("good.json", result(row("relu_fwd/n:1")))
    lone = study()
    del lone["series"]
    uneven = study()
    uneven["series"][0]["y"].append(1.0)
    nameless = study()
    nameless["figures"][0]["curves"][0]["series"] = "none"
    cut = study()
    cut["figures"][1]["z"]["values"].pop()
    endless = study()
    endless["figures"][0]["curves"] *= 5000
    steering = study()
    steering["figures"][0]["curves"][0]["series"] = "\u001b[31mred"
    untitled = study()
    untitled["figures"][1]["title"] = ""
    vague = study()
    vague["claims"][0]["verdict"] = "perhaps"
    os.mkdir(os.path.join(folder.name, "folder"))
    big = os.path.join(folder.name, "big.json")
    with open(big, "wb") as file:
        file.truncate(65 << 20)
    cases = [("missing.json", 66, "missing.json"), ("folder", 66, "folder"), (big, 65, "bytes"),
             (write("text.json", "not JSON"), 65, "not JSON"), (write("half.json", '{"context": {'), 65, "half.json:1"),
             (write("list.json", "[1, 2]"), 65, "not a result file"), (write("empty.json", ""), 65, "empty"),
             (write("new.json", result(schema=9)), 65, "hinge_schema 9"), (write("lone.json", lone), 65, "no array series"),
             (write("uneven.json", uneven), 65, "differ in length in series s"),
             (write("nameless.json", nameless), 65, "no such series: none"),
             (write("cut.json", cut), 65, "columns times rows in figure h"),
             (write("endless.json", endless), 65, "more curves or points"),
             (write("steering.json", steering), 65, "no such series:  [31mred"),
             (write("untitled.json", untitled), 65, "no title of figure h"),
             (write("vague.json", vague), 65, "verdict: C1")]
    write("kept.html", "as it was")
    for path, code, says in cases:
        done = report(good, path, html="kept.html")
        expect(done.returncode == code and says in done.stderr and done.stderr.count("\n") == 1 and not done.stdout,
               f"{path}: exit {done.returncode}, {done.stderr!r}")
    with open(os.path.join(folder.name, "kept.html"), encoding="utf-8") as file:
        expect(file.read() == "as it was", "a page is left alone where a file is no good")
    expect(not glob.glob(os.path.join(folder.name, "*.part")), "nothing half-written lies about")
    expect(report(good, html="no/such/page.html").returncode == 73, "a page that cannot be written")
    run = subprocess.run([hinge, "report", good], capture_output=True, text=True, check=False)
    expect(run.returncode == 64 and "--html" in run.stderr, f"no --html: {run}")
    run = subprocess.run([hinge, "report", "--html", "x"], capture_output=True, text=True, check=False)
    expect(run.returncode == 64 and "name result files" in run.stderr, f"no file: {run}")
    run = subprocess.run([hinge, "report", good, "--html", "-"], capture_output=True, text=True, check=False)
    expect(run.returncode == 0 and run.stdout.startswith("<!DOCTYPE html>"), "--html - is the standard output")


# ---- colours: contrast as WCAG 2 defines it


def luminance(colour):
    if len(colour) == 4:
        colour = "#" + "".join(2 * c for c in colour[1:])
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def check_colours(text):
    style = text[text.index("<style>\n:root"):]
    roots = [dict(re.findall(r"--([a-z-]+):(#[0-9a-f]+)", part)) for part in re.findall(r":root\{(.*?)\}", style, re.S)]
    expect(len(roots) == 3, "variables for light, dark and print")
    for scheme, colour in zip(("light", "dark", "print"), (roots[0], roots[1], {**roots[0], **roots[2]})):
        pairs = [(t, g) for t in ("text", "muted", "link", "slow", "fast") for g in ("ground", "panel")]
        pairs += [(t, t + "-ground") for t in ("slow", "fast", "even")]
        for word, ground in pairs:
            got = contrast(colour[word], colour[ground])
            expect(got >= 4.5, f"{scheme}: --{word} on --{ground}: {got:.2f}")
        for graphic in ("slow", "fast"):
            expect(contrast(colour[graphic], colour["panel"]) >= 3.0, f"{scheme}: edge {graphic}")
    shades = re.findall(r"\.([hr]\d+)\{background:(#[0-9a-f]+);color:(#[0-9a-f]+)\}", style)
    expect(len(shades) == 12 + 2 * 9, f"{len(shades)} shades")
    for name, ground, word in shades:
        expect(contrast(ground, word) >= 4.5, f"shade {name}: {contrast(ground, word):.2f}")
    figures = re.search(r"<style>(\.hf.*?)</style>", text, re.S).group(1)
    light, dark = figures.split("@media(prefers-color-scheme:dark)")
    for scheme, rules in (("light", light), ("dark", dark)):
        ground = re.search(r"\.bg\{fill:(#[0-9a-f]+)", rules).group(1)
        word = re.search(r"text\{fill:(#[0-9a-f]+)", rules).group(1)
        expect(contrast(ground, word) >= 4.5, f"{scheme}: text of figures")
        marks = re.findall(r"\.(c\d|k)\{stroke:(#[0-9a-f]+)", rules)
        expect(len(marks) == 8, f"{scheme}: colours of marks")
        for name, mark in marks:
            got = contrast(ground, mark)
            expect(got >= 3.0, f"{scheme}: mark {name}: {got:.2f}")


def check_script(text):
    script = re.search(r"<script>(.*?)</script>", text, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    expect(f"script-src 'sha256-{digest}'" in text, f"the policy lets the script run: sha256-{digest}")
    expect(text.count("<script") == 1, "one script")


def check_committed(runs, least, bytes_most):
    results = sorted(glob.glob(f"{root}/results/{runs}") + glob.glob(f"{root}/results/machines/*.json"))
    studies = sorted(set(glob.glob(f"{root}/results/studies/*.json")) - {f"{root}/results/studies/schema.json"})
    expect(len(results) >= least and studies, "committed results")
    page = make("committed", *results, *studies)
    with open(os.path.join(folder.name, "committed.html"), encoding="utf-8") as file:
        text = file.read()
    expect(len(text.encode()) < bytes_most, f"{len(text.encode())} bytes")
    rows = 0
    for path in results:
        with open(path, encoding="utf-8") as file:
            rows += len(json.load(file)["benchmarks"])
    shown = sum(t["rows"] for t in page.tables if t["head"][:2] == ["case", "lane"])
    expect(shown == rows, f"{shown} rows are shown of {rows}")
    check_colours(text)
    check_script(text)


if __name__ == "__main__":
    check_content()
    check_placement()
    check_maps()
    check_studies()
    check_few()
    check_hostile()
    check_wrong_files()
    check_committed("runs/*.json", 30, 2 * BYTES_MOST)
    check_committed("runs/*-full/*.json", 30, BYTES_MOST)
    sys.exit(2 if failures else 0)
