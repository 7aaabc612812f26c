#!/usr/bin/python3
"""circuits.py HINGE: `hinge study circuits` on files of the user's: those that the project brings, and wrong ones, each with the
sentence that it must get. Run from the root."""
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

hinge = str(Path(sys.argv[1]).resolve())
examples = Path("bench/studies/circuits/examples")
failures = 0


def run(code, says, *args, memory=None):
    global failures
    held = (lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory))) if memory else None
    done = subprocess.run([hinge, "study", *args], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          preexec_fn=held)
    if done.returncode == code and says in done.stdout + done.stderr:
        return done.stdout
    failures += 1
    print(f"FAIL {' '.join(args)}: exit {done.returncode}, want {code} with '{says}':\n{done.stdout}{done.stderr}")
    return ""


OK = ["--size", "smoke"]
for path in sorted(examples.iterdir()):
    option = "--machine" if path.suffix == ".tm" else "--circuit"
    text = run(0, " 0 wrong", "circuits", option, str(path), *OK)
    if text and not all(len(line) <= 100 for line in text.splitlines()):
        failures += 1
        print(f"FAIL {path}: a wide table")
if not list(examples.iterdir()):
    failures += 1
    print("FAIL no examples")

# (file name, content, sentence behind the file's name)
WRONG = [
    ("a.txt", "input a\nb = and a\noutput b c\n", ":3: 'c' is not defined"),
    ("a.txt", "input a\nb = and a c\noutput b\n", ":2: 'c' is not defined"),
    ("a.txt", "input a\nb = or a c\nc = and a b\noutput c\n", "depends on itself"),
    ("a.txt", "input a\na = not a\noutput a\n", ":2: 'a' is defined in line 1 too"),
    ("a.txt", "input a\nb = mux a a\noutput b\n", ":2, mux): mux takes 3 operands, not 2"),
    ("a.txt", "input a\nb = frob a\noutput b\n", ":2: 'frob' is no gate"),
    ("a.txt", "input a 0 9\nb = and a a\noutput b\n", ":2, and): and takes a bit, operand 1 is from 0 to 9"),
    ("a.txt", "input a 5 3\noutput a\n", "from 5 to 3: nothing is there"),
    ("a.txt", "input a x y\noutput a\n", ":1: 'x y' are no range"),
    ("a.txt", "input a\n", ": no output"),
    ("a.txt", "", ": no output"),
    ("a.txt", "frob\n", ":1: 'frob': a line is input, output, or NAME = GATE"),
    ("a.txt", "input a[3]\ninput b[4]\nc[4] = add a b\noutput c\n", ":3: add makes 4 bits of 'a', which has 3"),
    ("a.txt", "input a[3]\noutput a[3]\n", ":2: 'a[3]': the word has 3 bits"),
    ("a.txt", "input a[3]\nb = not a\noutput b\n", ":2: not takes a wire, 'a' is a word"),
    ("a.txt", "input a[33]\noutput a\n", "is neither a name nor NAME[BITS] of 1 to 32 bits"),
    ("a.txt", "input a 0 9\nb[3] = bits a\noutput b\n", "'a' is from 0 to 9, not from 0 to 2^3 - 1"),
    ("a.txt", "input a\nb = truth 011 a\noutput b\n", ":2: truth takes one digit"),
    ("a.txt", "input a 0 3\nb = function cos 4 8 a\noutput b\n", ":2: no function 'cos'"),
    ("a.txt", "input a 0 9\nb = table a 1 2 3\noutput b\n", "table 3 takes operands from 0 to 2"),
    ("a.txt", "input a 0 4000000\nb = scale 5 a\noutput b\n", ":2, linear): its sums reach 2^24.25, beyond 2^24 f32"),
    ("a.txt", "input a 0 9\nb = within 0 5 a\noutput b\n", "which is not from 0 to 5"),
    ("a.txt", "input a\0\noutput a\n", " is no text"),
    ("a.blif", ".model m\n.inputs a\n.outputs b\n.names a c b\n11 1\n.end\n", ": 'c' is used and not defined"),
    ("a.blif", ".model m\n.inputs a\n.outputs b\n.names a b\n1 1\n0 0\n.end\n", ":6: a cover says 0 here and 1 there"),
    ("a.blif", ".model m\n.inputs a\n.outputs b\n.names a b\n11 1\n.end\n", ":5: a line of a cover"),
    ("a.blif", ".model m\n.inputs a\n.outputs b\n.names b c b\n11 1\n.names b c\n1 1\n.end\n", "depends on itself"),
    ("a.blif", ".model m\n.subckt x a=b\n.end\n", ":2: '.subckt' is not read"),
    ("a.blif", ".model m\n.model n\n", ":2: a second .model"),
    ("a.blif", ".model m\n.inputs a a\n", ":2: 'a' is defined in line 2 too"),
    ("a.blif", ".model m\n11 1\n", ":2: '11' is in no .names"),
    ("a.bench", "INPUT(a)\nOUTPUT(b)\nb = FROB(a)\n", ":3: 'FROB' is no gate"),
    ("a.bench", "INPUT(a)\nOUTPUT(b)\nb = NOT(a, a)\n", ":3: NOT does not take 2 operands"),
    ("a.bench", "INPUT(a)\nOUTPUT(b)\nb = AND(a, c)\n", ": 'c' is used and not defined"),
    ("a.bench", "INPUT(a)\nOUTPUT(b)\nb = AND(a, c)\nc = NOT(b)\n", "depends on itself"),
    ("a.bench", "INPUT(a)\nOUTPUT(b)\nb = AND(a\n", ":3: a line is INPUT(a)"),
    ("a.bench", "INPUT(a)\nwhat\n", ":2: a line is INPUT(a)"),
    ("a.aag", "aag 3 2 0 1 1\n2\n4\n6\n6 2 5\n8 2 4\n", None),  # what is behind the ANDs is symbols
    ("a.aag", "agg 3 2 0 1 1\n", ":1: it begins with neither"),
    ("a.aag", "aag 1 2 0 1 1\n", ":1: 1 variables are not those"),
    ("a.aag", "aag 900000000 2 0 1 1\n2\n4\n6\n6 2 5\n", ":1: the file is too short"),
    ("a.aag", "aag 3 2 0 1 1\n2\n4\n6\n6 2\n", ":5: too few numbers"),
    ("a.aag", "aag 3 2 0 1 1\n2\n4\n6\n6 2 9\n", ":5: a number is too large"),
    ("a.aag", "aag 4 2 0 1 1\n2\n4\n6\n6 2 8\n", ": '8' is used and not defined"),
    ("a.aag", "aag 3 2 0 1 1\n2\n3\n6\n6 2 4\n", ":3: 3 is no variable's literal"),
    ("a.aag", "aag 4 1 0 1 2\n2\n6\n6 2 8\n8 6 2\n", "depends on itself"),
    ("a.aig", "aig 3 2 0 1 1\n6\n\x02", "an AND is cut off"),
    ("a.aig", "aig 3 2 0 1 1\n6\n\x00\x02", "an AND reads what is not before it"),
    ("a.aig", "aig 4 2 0 1 1\n6\n\x02\x02", ":1: 4 variables are not those"),
]
MACHINES = [
    ("A 0 1 R B\n", ": no rule for state 'A' and symbol '1'"),
    ("A 0 0 X A\n", ":1: a move is L, R or N, not 'X'"),
    ("A 0 0 R A\nA 0 0 L A\n", ":2: a second rule for this symbol in state 'A'"),
    ("A 0 0 R A\n", ": no steps"),
    ("A 0 0 R A\nsteps 9\ncells 5\n", ": in step 3 the head leaves the tape of 5 cells"),
    ("A 0 0 L A\nsteps 9\ncells 5\nhead 0\n", ": in step 1 the head leaves the tape of 5 cells"),
    ("A 0 0 N A\nsteps 2\ncells 3\ntape 0000\n", ": 4 symbols from cell 1 on, the tape has 3"),
    ("A 0 0 N A\nsteps 2\ntape 7\n", ": '7' on the tape is in no rule"),
    ("A 0 0 N A\nsteps 2\nhead 5\n", ": the head starts in cell 5 of a tape of 5"),
    ("A 00 0 N A\n", ":1: a symbol is one character, not '00'"),
    ("steps many\n", ":1: 'many' is no number"),
    ("hold A\n", ":1: unknown word 'hold'"),
    ("A 0 0\n", ":1: neither a rule of five words nor a setting of two: 'A'"),
    ("halt H\nsteps 3\n", ": no rule"),
]

with tempfile.TemporaryDirectory() as scratch:
    def written(name, content):
        path = Path(scratch, name)
        path.write_bytes(content.encode("latin-1"))
        return str(path)

    for name, content, says in WRONG:
        path = written(name, content)
        if says is None:
            run(0, " 0 wrong", "circuits", "--circuit", path, *OK)
        else:
            run(65, path + says if says.startswith(":") and "," not in says.split(":")[1] else says, "circuits", "--circuit", path)
    for content, says in MACHINES:
        path = written("a.tm", content)
        run(65, path + says, "circuits", "--machine", path)
    run(66, "No such file", "circuits", "--circuit", scratch + "/none.txt")
    run(66, "not a regular file", "circuits", "--circuit", scratch)
    run(64, "one at a time", "circuits", "--circuit", "a", "--machine", "b")
    run(64, "an option of the study circuits", "feature-speed", "--circuit", "a")
    run(64, "an option of the study circuits", "--circuit", "a")
    # A network for which there is no memory: so many inputs are carried on through all layers.
    wide, deep = 2000, 1000
    chain = "".join(f"input a{i}\n" for i in range(wide)) + "x0 = and a0 a1\n"
    chain += "".join(f"x{i} = xor x{i - 1} a{i}\n" for i in range(1, deep))
    chain += f"y = and x{deep - 1} " + " ".join(f"a{i}" for i in range(wide)) + "\noutput y\n"
    path = written("chain.txt", chain)
    # Sanitizers map more than that to begin with.
    if "LSAN_OPTIONS" not in os.environ:
        run(71, path + ": no memory for a network of more than", "circuits", "--circuit", path, *OK, memory=320 << 20)

sys.exit(1 if failures else 0)
