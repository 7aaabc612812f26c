#!/usr/bin/python3
"""links.py ROOT: every relative link of every Markdown page leads to a file, and to a heading of it."""
import os
import re
import sys

root = sys.argv[1]
pages = []
for folder, folders, files in os.walk(root):
    folders[:] = [name for name in folders if not name.startswith((".", "build", "node_modules"))]
    pages += [os.path.relpath(os.path.join(folder, name), root) for name in files if name.endswith(".md")]
failures = checked = 0


def anchors(path):
    """GitHub's names of the headings."""
    with open(path, encoding="utf-8") as file:
        heads = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", file.read(), flags=re.M | re.S), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


for page in pages:
    with open(os.path.join(root, page), encoding="utf-8") as file:
        text = re.sub(r"^(    ).*$|`[^`\n]*`", "", file.read(), flags=re.M)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        to = os.path.normpath(os.path.join(root, os.path.dirname(page), path)) if path else os.path.join(root, page)
        checked += 1
        if not os.path.exists(to):
            failures += 1
            print(f"FAIL {page}: {target} leads nowhere")
        elif anchor and to.endswith(".md") and anchor not in anchors(to):
            failures += 1
            print(f"FAIL {page}: {target}: no such heading")
print(f"{checked} links of {len(pages)} pages, {failures} lead nowhere")
sys.exit(2 if failures or not checked else 0)
