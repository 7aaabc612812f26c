#!/usr/bin/python3
"""streams.py HINGE: standard streams that are closed, or a full disk: what cannot be printed is exit code 73 and a sentence;
the result is kept, and nothing that is printed gets into another file."""
import os

from faults import CALLS, FINE, conclude, expect, files, finish, fresh, run, start

SILENT = {"report"}  # prints nothing where it writes a page


def closing(*streams):
    def close():
        for stream in streams:
            os.close(stream)

    return close


def test_closed():
    """A file that is opened gets the number of the stream that was closed."""
    for name, (file, call) in CALLS.items():
        folder = fresh("open")
        run(*call, folder / file, codes=FINE, what=name)
        kept = {path: len(text) for path, text in files(folder).items()}
        for streams in ((1,), (0, 1, 2)) if name in ("ab", "bench", "study") else ((1,), (2,), (0, 1, 2)):
            folder = fresh("closed")
            printed = 1 in streams and name not in SILENT
            what = f"{name} without {streams}"
            # Where it has no standard error either, the code has to say it all.
            says = "cannot write to standard output" if printed and 2 not in streams else ""
            code = 73 if printed and not name.startswith(("ab", "compare")) else (*FINE, 73)
            process = start(*call, folder / file, preexec_fn=closing(*streams))
            out, err = process.communicate(timeout=100)
            codes = (code,) if isinstance(code, int) else code
            expect(process.returncode in codes and says in err, f"{what}: exit {process.returncode}: {err}")
            found = files(folder)
            expect(found.keys() == kept.keys(), f"{what}: {sorted(found)}, not {sorted(kept)}")
            for path, text in found.items():
                expect(b"hinge on" not in text and b"cannot write" not in text, f"{what}: {path} has what was printed")
                expect(not path.endswith((".json", ".xml")) or text[:1] in b"{<", f"{what}: {path}: {text[:40]}")


def test_full():
    """Each command's text, and what argp prints."""
    for call in (["--help"], ["--version"], ["list"], ["help"], ["help", "--format", "man"], ["bench", "--help"],
                 ["check", "--usage"], ["study"], ["compare", *CALLS["compare"][1][1:3], "--force"], ["model", "/dev/null"],
                 ["info", "--no-roofs"], ["doctor", "--no-probe"], CALLS["history"][1][:-1]):
        with open("/dev/full", "w", encoding="utf8") as full:
            codes = 64 if call[0] == "model" else 73 if call[0] != "compare" else 3
            says = "neither" if call[0] == "model" else "cannot write to standard output"
            finish(start(*call, stdout=full), f"{' '.join(call)} on a full disk", codes, says)


def test_errors_full():
    """What cannot be complained about still has its code."""
    with open("/dev/full", "w", encoding="utf8") as full:
        finish(start("bench", "--no-such-option", stderr=full), "an error on a full disk", 64)
        finish(start(*CALLS["info"][1], "/no/such/folder/x", stderr=full), "an error on a full disk", 73)


test_closed()
test_full()
test_errors_full()
conclude()
