#!/usr/bin/python3
"""slurm.py HINGE: a Slurm of one node on the loopback, started here as root from Debian's packages: a job array and the tasks of
srun give the rows of one process, each once; an array's task that is killed is taken up by the next array. Exit code 77
where Slurm is not here or does not come up."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import GRID, cases, expect, finish, hinge, lanes, run, visits, wait_for, without_launcher

PROGRAMS = ("slurmctld", "slurmd", "sbatch", "srun", "sinfo")
CONF = """ClusterName=hinge
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld}
SlurmdPort={d}
AuthType=auth/none
CredType=cred/none
SlurmUser=root
SlurmdUser=root
StateSaveLocation={here}/state
SlurmdSpoolDir={here}/spool
SlurmctldPidFile={here}/slurmctld.pid
SlurmdPidFile={here}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES State=UP
"""
daemons = []


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(77)


def free_ports():
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    return [s.getsockname()[1] for s in sockets]


def start(here):
    """Returns the environment of what talks to it."""
    host = socket.gethostname().split(".")[0]
    ctld, d = free_ports()
    for name in ("state", "spool"):
        (here / name).mkdir()
    (here / "slurm.conf").write_text(CONF.format(host=host, ctld=ctld, d=d, here=here))
    env = without_launcher(SLURM_CONF=str(here / "slurm.conf"))
    for name in ("slurmctld", "slurmd"):
        with (here / f"{name}.log").open("w") as log:
            daemons.append(subprocess.Popen([shutil.which(name), "-D"], env=env, stdout=log, stderr=log))
    state = ""
    for _ in range(150):
        asked = subprocess.run(["sinfo", "-h", "-o", "%t"], env=env, capture_output=True, text=True, check=False)
        state = asked.stdout.strip()
        if state == "idle" or any(daemon.poll() is not None for daemon in daemons):
            break
        time.sleep(0.2)
    if state != "idle":
        logs = " ".join((here / f"{name}.log").read_text()[-400:] for name in ("slurmctld", "slurmd"))
        skip(f"Slurm's node is '{state}': {logs}")
    return env


def submit(here, env, name, script, *options):
    """A batch script; its output and that of its tasks is in NAME.*.out."""
    (here / name).write_text(f"#!/bin/bash\n{script}\n")
    told = run("sbatch", "--parsable", "--overcommit", *options, f"--output={here}/{name}.%a.out", here / name, env=env, cwd=here)
    return told.strip()


def is_over(env, job):
    asked = subprocess.run(["squeue", "-h", "-j", job], env=env, capture_output=True, text=True, check=False)
    return not asked.stdout.strip()


def outputs(here, name):
    return " ".join(path.read_text() for path in sorted(here.glob(f"{name}.*.out")))


def test_array(here, env):
    """As the README's job script does it; the second task's first go is killed."""
    bench = [hinge, *GRID, "--budget", "120s", "--json"]
    run(*bench, here / "whole.json")
    file, parts = here / "array.json", [here / "array.1-of-2.json", here / "array.2-of-2.json"]
    script = " ".join(map(str, (*bench, file))) + ' --share "$SLURM_ARRAY_TASK_ID/2"'
    journal = Path(f"{parts[1]}.part")
    for _ in range(10):  # a task may be too quick to be killed
        job = submit(here, env, "killed", script, "--array=2")
        wait_for(lambda: len(visits(journal)) > 1 or is_over(env, job))
        subprocess.run(["scancel", "--signal=KILL", "--full", job], env=env, capture_output=True, check=False)
        wait_for(lambda: is_over(env, job))
        if not parts[1].exists():
            break
        parts[1].unlink()
    expect(journal.exists() and not parts[1].exists(), f"what the killed task left: {outputs(here, 'killed')}")
    job = submit(here, env, "array", script.replace('"$SLURM_ARRAY_TASK_ID/2"', "rank"), "--array=1-2")
    wait_for(lambda: is_over(env, job), 120)
    expect(all(part.exists() for part in parts), f"the array's files: {outputs(here, 'array')}")
    run(hinge, "gather", *parts, "-o", here / "all.json")
    expect(cases(here / "all.json") == cases(here / "whole.json"), "the rows of one process")
    expect(lanes(here / "all.json") == lanes(here / "whole.json"), "each once")


def test_step(here, env):
    """Two tasks of srun in a batch script, which itself is no rank."""
    study = f"{hinge} study distillation --size smoke --threads 1 --rows {here}/step.csv --share rank"
    job = submit(here, env, "step", f"{study}\nsrun --overcommit -n 2 {study}", "-n", "2")
    wait_for(lambda: is_over(env, job), 120)
    expect("nothing says which rank this is" in outputs(here, "step"), f"the script itself: {outputs(here, 'step')}")
    run(hinge, "gather", here / "step.1-of-2.csv", here / "step.2-of-2.csv", "-o", here / "step.csv")
    run(hinge, "study", "distillation", "--size", "smoke", "--threads", "1", "--rows", here / "one.csv")
    expect(sorted((here / "step.csv").read_text().splitlines()) == sorted((here / "one.csv").read_text().splitlines()),
           "the words of one process")


def stop():
    for daemon in reversed(daemons):
        daemon.send_signal(signal.SIGTERM)
        try:
            daemon.wait(10)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


missing = [program for program in PROGRAMS if not shutil.which(program)]
if missing:
    skip(f"no {', '.join(missing)} (Debian: slurmctld, slurmd, slurm-client)")
if len(os.sched_getaffinity(0)) < 2:
    skip("two tasks take two CPUs")
if os.geteuid() != 0:
    skip("a Slurm of one's own is started by root")
with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    try:
        environment = start(folder)
        test_array(folder, environment)
        test_step(folder, environment)
    finally:
        stop()
finish()
