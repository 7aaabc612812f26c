#!/usr/bin/python3
"""gather.py HINGE: shares of a run without any launcher: what each does, what `hinge gather` makes of them and what it refuses,
what the environment of a launcher says, and what is refused of that."""
import json
import signal
import subprocess
import tempfile
from pathlib import Path

from common import GRID, ROWS, cases, document, expect, finish, hinge, is_kept, lanes, run, visits, wait_for, without_launcher

MPI = {"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"}
ARRAY = {"SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "5", "SLURM_ARRAY_TASK_MAX": "9",
         "SLURM_ARRAY_TASK_STEP": "2"}


def test_words(here):
    """Options and variables that do not go together."""
    file = ("--json", here / "x.json")
    for share in ("0/0", "0/2", "3/2", "1", "1/2x", "-1/2", "1/1000000", "all"):
        run(hinge, *GRID, *file, "--share", share, code=64, says=f"--share {share}: neither rank nor K/N")
    run(hinge, *GRID, *file, "--share", "rank", code=64, says="nothing says which rank this is")
    run(hinge, *GRID, "--share", "1/2", code=64, says="name the file")
    run(hinge, *GRID, "--per-host", code=64, says="name the file")
    run(hinge, *GRID, *file, "--per-host", "--share", "1/2", code=64, says="--per-host and --share")
    run(hinge, *GRID, "--json", here / "none" / "x.json", "--share", "1/2", code=73, says="No such file")
    run(hinge, "study", "--share", "1/2", code=64, says="name a study")
    run(hinge, "study", "circuits", "--share", "1/2", code=64, 
        says="--share: the study circuits keeps no rows, as these do: distillation, init-variance")
    study = ("study", "distillation", "--size", "smoke", "--share", "1/2")
    run(hinge, *study, code=64, says="without --rows FILE")
    run(hinge, *study, "--rows", here / "x.csv", "--figures", here, code=64, says="--figures: a share has no figures")
    wrong = [({**MPI, "OMPI_COMM_WORLD_RANK": "2"}, "OMPI_COMM_WORLD_RANK=2 and OMPI_COMM_WORLD_SIZE=2"),
             ({**MPI, "OMPI_COMM_WORLD_SIZE": "0"}, "ranks count from 0"),
             ({**MPI, "OMPI_COMM_WORLD_RANK": "x"}, "OMPI_COMM_WORLD_RANK=x: not a whole number"),
             ({"PMI_RANK": "0"}, "PMI_SIZE is not: no rank without a size"),
             ({**MPI, "PMI_RANK": "1", "PMI_SIZE": "2"}, "give --share K/N"),
             ({**MPI, **ARRAY}, "a job array of Slurm says rank 1 of 3"),
             ({**ARRAY, "SLURM_ARRAY_TASK_COUNT": "4"}, "not a range of ids"),
             ({**ARRAY, "SLURM_ARRAY_TASK_ID": "6"}, "not a range of ids"),
             ({**MPI, "OMPI_COMM_WORLD_LOCAL_RANK": "0", "OMPI_COMM_WORLD_LOCAL_SIZE": "9999"}, "9999 ranks on this host")]
    for variables, says in wrong:
        run(hinge, *GRID, *file, "--share", "rank", code=64, says=says, env=without_launcher(**variables))
    run(hinge, *GRID, *file, code=64, says="2 ranks of Open MPI", env=without_launcher(**MPI))
    host = {**MPI, "OMPI_COMM_WORLD_LOCAL_RANK": "0", "OMPI_COMM_WORLD_LOCAL_SIZE": "2"}
    run(hinge, *GRID, *file, "--per-host", code=64, says="2 ranks on this host", env=without_launcher(**host))
    expect(not list(here.iterdir()), "a file of what was refused")


def test_shares(here):
    """Three shares, one after the other, each as another launcher would have it; a fourth that has nothing to do."""
    whole, file = here / "whole.json", here / "file.json"
    run(hinge, *GRID, "--budget", "120s", "--json", whole)
    wanted = cases(whole), lanes(whole)
    for number, variables in enumerate(({"PMI_RANK": "0", "PMI_SIZE": "3"}, ARRAY,
                                        {"SLURM_PROCID": "2", "SLURM_NTASKS": "9", "SLURM_STEP_NUM_TASKS": "3"}), 1):
        run(hinge, *GRID, "--budget", "120s", "--json", file, "--share", "rank", env=without_launcher(**variables),
            says=f"share {number} of 3: ")
    parts = [here / f"file.{k}-of-3.json" for k in (1, 2, 3)]
    numbers = [sorted(document(part)["context"]["cluster"]["rows"].values()) for part in parts]
    expect(sorted(sum(numbers, [])) == list(range(ROWS)), f"each row once: {numbers}")
    expect(max(map(len, numbers)) <= ROWS / 2, f"shares of {[len(n) for n in numbers]} rows")
    # In any order: the rows of one process, in its order.
    run(hinge, "gather", *reversed(parts), "-o", here / "all.json", says=f"{ROWS} rows")
    gathered = document(here / "all.json")
    expect((cases(here / "all.json"), lanes(here / "all.json")) == wanted, "the rows of one process")
    expect(len(wanted[0]) == len(wanted[1]) == ROWS, f"{len(wanted[0])} rows")
    expect("cluster" not in gathered["context"] and [p["share"] for p in gathered["context"]["parts"]] == [1, 2, 3], "parts")
    run(hinge, "compare", "--machines", whole, here / "all.json", says="common rows")
    run(hinge, "report", here / "all.json", "--html", here / "all.html")
    run(hinge, *GRID, "--budget", "120s", "--json", file, "--share", "2/3", says=f"{parts[1]} is there: nothing to do")
    run(hinge, *GRID, "--budget", "130s", "--json", file, "--share", "2/3", code=73, says="with other arguments")
    run(hinge, *GRID, "--budget", "120s", "--json", here / "many.json", "--share", "99/99", says="share 99 of 99: 0 of 16 rows")
    expect(document(here / "many.99-of-99.json")["benchmarks"] == [], "a share without rows has a file all the same")
    return parts


def test_refused(here, parts):
    """Shares that do not go together; nothing is written."""
    out = here / "refused.json"

    def changed(part, change):
        it = document(part)
        change(it["context"], it["benchmarks"])
        path = here / "changed.json"
        path.write_text(json.dumps(it))
        return path

    def refuse(files, code, says):
        run(hinge, "gather", *files, "-o", out, code=code, says=says)
        expect(not out.exists(), f"a file of what was refused: {says}")

    a, b, c = parts
    refuse([a, c], 66, "1 of 3 shares missing: 2/3")
    (here / "file.2-of-3.json.part").write_text("{}\n")
    refuse([a, c], 66, "file.2-of-3.json.part is there: its run has not ended")
    refuse([a, b, a], 65, "are both share 1 of 3")
    refuse([a, b, here / "whole.json"], 65, "whole.json is no share")
    refuse([a, here / "many.99-of-99.json"], 65, "is one of 99 shares")
    refuse([a, b, here / "none.json"], 66, "none.json")
    for change, says in ((lambda x, rows: x.update(commit="0000"), "different builds: commit"),
                         (lambda x, rows: x.update(dirty="?"), "different builds: dirty"),
                         (lambda x, rows: x.update(compiler="cc"), "different builds: compiler"),
                         (lambda x, rows: x.update(cpu_model="another"), "different machines: cpu_model"),
                         (lambda x, rows: x["cluster"]["arguments"].append("--cold"), "different arguments"),
                         (lambda x, rows: x["cluster"].update(share=4), "says that it is share 4 of 3"),
                         (lambda x, rows: x["cluster"].update(share="one"), "cannot be read"),
                         (lambda x, rows: x.update(cluster={"per_host": True}), "all rows of its host"),
                         (lambda x, rows: x["cluster"].update(rows={}), "no share has row"),
                         (lambda x, rows: x["cluster"]["rows"].update({"\x1b[31m": 1}), "no printable name"),
                         (lambda x, rows: x["cluster"]["rows"].update(more=99), "none of the 16"),
                         (lambda x, rows: x["cluster"]["rows"].update(document(a)["context"]["cluster"]["rows"]), "is in "),
                         (lambda x, rows: rows.append({**rows[0], "name": "y/threads:1/avx2"}), "is not of its share")):
        refuse([a, b, changed(c, change)], 65, says)
    run(hinge, "gather", a, "-o", a, code=64, says="is one of the shares")
    run(hinge, "gather", "-o", out, code=64, says="name the files")
    run(hinge, "gather", a, code=64, says="-o OUT")
    run(hinge, "gather", a, b, c, "-o", here / "none" / "x.json", code=73, says="cannot be written")
    # What a share left out is told; what is wrong in one is wrong in all.
    first = document(c)["benchmarks"][0]
    case = first["name"].rsplit("/", 1)[0]

    def leave_out(context, rows):
        rows[:] = [row for row in rows if not row["name"].startswith(case)]

    run(hinge, "gather", a, b, changed(c, leave_out), "-o", out, says=f"not timed: {case}")
    bad = {"error_occurred": True, "error_message": "y[0]: got 1", "iterations": 0, "real_time": 0, "cpu_time": 0}

    def spoil(context, rows):
        rows[0] = {**{key: value for key, value in rows[0].items() if key not in ("samples", "real_time_ns")}, **bad}

    run(hinge, "gather", a, b, changed(c, spoil), "-o", out, code=2, says="an output was wrong")
    expect(cases(out) == cases(here / "whole.json"), "a wrong row is a row")


def begun(here, *args):
    """One share, stopped by Ctrl-C once it has a row or two; its journal stays."""
    file, journal = here / "stop.1-of-2.json", here / "stop.1-of-2.json.part"
    process = subprocess.Popen([hinge, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=without_launcher())
    wait_for(lambda: len(visits(journal)) > 1 or process.poll() is not None)
    run(hinge, *args, code=66, says="its run has not ended: it is being written")
    process.send_signal(signal.SIGINT)
    told = "".join(process.communicate(timeout=60))
    expect(process.returncode == 130 and "the same command goes on" in told, f"Ctrl-C: {process.returncode}: {told}")
    expect(journal.exists() and not file.exists(), "a share that was stopped is not done")
    return file, journal


def test_stopped(here):
    """A share that was stopped goes on by the same command: on a host of another name, not on another machine."""
    args = [*map(str, (*GRID, "--budget", "130s", "--json", here / "stop.json", "--share", "1/2"))]
    file, journal = begun(here, *args)
    kept = visits(journal)
    lines = journal.read_text().split("\n")
    first = json.loads(lines[0])
    host = first["place"]["host"]

    def moved(**place):
        journal.write_text("\n".join([json.dumps({**first, "place": {**first["place"], **place}}), *lines[1:]]))

    moved(cpu="another")
    run(hinge, *args, code=64, says='cpu was "another"')
    run(hinge, *args[:-4], "--json", args[-3], "--seed", "7", "--share", "1/2", code=73, says="of a run with other arguments")
    moved(host="elsewhere")
    run(hinge, *args, says=str(file))
    expect(document(file)["context"]["cluster"]["hosts"] == ["elsewhere", host], "both hosts are named")
    rows = {row["name"]: row for row in document(file)["benchmarks"]}
    expect(kept and all(is_kept(visit, rows) for visit in kept) and not journal.exists(), "a finished row was lost")
    # Killed between the making of the journal and its first line.
    file.unlink()
    journal.touch()
    run(hinge, *args, says=str(file))


def test_ledgers(here):
    """Rows of a study, by two shares: the words and the claims of one process."""
    study = (hinge, "study", "distillation", "--size", "smoke", "--threads", "1")
    run(*study, "--rows", here / "whole.csv", "--json", here / "study.json")
    parts = [here / "rows.1-of-2.csv", here / "rows.2-of-2.csv"]
    for k in (1, 2):
        run(*study, "--rows", here / "rows.csv", "--share", f"{k}/2", says=f"share {k} of 2")
    keys = [{line.split(",")[0] for line in part.read_text().splitlines()[2:-1]} for part in parts]
    expect(keys[0] and keys[1] and not keys[0] & keys[1], "each row once")
    out = here / "rows.csv"
    run(hinge, "gather", *parts, "-o", out, says=f"{len(keys[0] | keys[1])} rows of 2 shares")
    expect(sorted(out.read_text().splitlines()) == sorted((here / "whole.csv").read_text().splitlines()), "the same words")
    run(*study, "--rows", out, "--resume", "--json", here / "gathered.json")
    one, other = document(here / "study.json"), document(here / "gathered.json")
    for part in ("claims", "series", "figures"):
        expect(one[part] == other[part], f"{part} from gathered rows")
    for files, code, says in (((parts[0],), 66, "1 of 2 shares missing: 2/2"), ((parts[0], parts[0]), 65, "are both share 1"),
                              ((parts[0], here / "whole.csv"), 65, "is no share"),
                              ((parts[0], here / "all.json"), 65, "is no file of rows")):
        run(hinge, "gather", *files, "-o", here / "refused.csv", code=code, says=says)
    text = parts[1].read_text()
    for change, code, says in ((text.replace("seed 1,", "seed 2,", 1), 65, "different runs"),
                               (text.removesuffix("# complete\n"), 66, "share 2 of 2 has not ended"),
                               (text.replace("# complete", parts[0].read_text().splitlines()[2] + "\n# complete"), 65,
                                "both have the row"), (text.replace("# complete", "row\n# complete"), 65, "is none: no name"),
                               (text.replace("seed=", "\x1b[31m=", 1), 65, "is none: no name")):
        parts[1].write_text(change)
        run(hinge, "gather", *parts, "-o", here / "refused.csv", code=code, says=says)
    expect(not (here / "refused.csv").exists(), "a file of what was refused")


def test_trainings(here):
    """The other study that keeps rows."""
    study = (hinge, "study", "init-variance", "--size", "smoke", "--threads", "1", "--no-json", "--rows")
    run(*study, here / "whole-trainings.csv")
    for k in (1, 2):
        run(*study, here / "trainings.csv", "--share", f"{k}/2", says=f"share {k} of 2")
    run(hinge, "gather", here / "trainings.1-of-2.csv", here / "trainings.2-of-2.csv", "-o", here / "trainings.csv")
    one, both = (sorted((here / name).read_text().splitlines()) for name in ("whole-trainings.csv", "trainings.csv"))
    expect(one == both, "the same words of init-variance")


with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    test_words(folder)
    test_refused(folder, test_shares(folder))
    test_stopped(folder)
    test_ledgers(folder)
    test_trainings(folder)
finish()
