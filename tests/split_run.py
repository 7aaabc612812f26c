#!/usr/bin/python3
"""split_run.py RUN PARTS FOLDER [REGEX FACTOR]: a result file as PARTS files in FOLDER, a day apart, each with its share of the
processes that sampled RUN; in the later half of them the rows that match REGEX take FACTOR times as long. What a nightly job
would have kept: real noise, of one machine and build, and a slowdown that is known."""
import datetime
import json
import os
import re
import sys

BY_PROCESS = ("cpu_ns", "switches", "stolen_ns", "placement", "placed")
OF_ALL = ("interval", "half_width", "met_target", "vs_onednn", "vs_peers", "sweep", "fell_out", "retaken", "disturbed")

if len(sys.argv) not in (4, 6):
    sys.exit(__doc__)
source, parts, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
slow, factor = (re.compile(sys.argv[4]), float(sys.argv[5])) if len(sys.argv) == 6 else (None, 1.0)
with open(source, encoding="utf-8") as file:
    run = json.load(file)
began = datetime.datetime.strptime(run["context"]["date"], "%Y-%m-%dT%H:%M:%SZ")


def share(row, part):
    times = factor if slow and slow.search(row["name"]) and 2 * part >= parts else 1.0
    mine = [[ns * times for ns in process] for process in row["samples"][part::parts]]
    return {**{key: value for key, value in row.items() if key not in BY_PROCESS + OF_ALL}, "samples": mine}


os.makedirs(folder, exist_ok=True)
for part in range(parts):
    date = (began + datetime.timedelta(days=part)).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = [share(row, part) for row in run["benchmarks"] if len(row.get("samples", [])) > part]
    with open(os.path.join(folder, f"{date[:10]}.json"), "w", encoding="utf-8") as file:
        json.dump({"context": {**run["context"], "date": date}, "benchmarks": rows}, file)
