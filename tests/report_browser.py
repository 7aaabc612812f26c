#!/usr/bin/python3
"""report_browser.py HINGE ROOT: the page in headless Chromium, at 1280 and 390 pixels, light and dark: no complaint, no
request but for the file itself, nothing wider than the window, text that stands out, the keyboard reaches it, tables
sort, and there is something to see. --keep FOLDER: leave the pictures there. Exit 77: no browser here."""
import glob
import os
import struct
import subprocess
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True  # the tree stays as it is

import devtools
import report as pages

hinge, root = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
keep = sys.argv[4] if sys.argv[3:4] == ["--keep"] else None
expect = pages.expect

# Contrast of every text with its ground, by the colours that the browser came to: the worst, and where.
CONTRAST = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const known = new Map();
  const rgba = text => {
    if (!known.has(text)) {
      canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
      known.set(text, [...canvas.getImageData(0, 0, 1, 1).data]);
    }
    return known.get(text);
  };
  const light = c => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = rgba(getComputedStyle(e).backgroundColor);
      if (c[3] === 255) return c;
    }
    return [255, 255, 255, 255];
  };
  let worst = [99, ''], seen = 0;
  for (const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walk.nextNode();) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || e.closest('svg, script') || !e.checkVisibility()) continue;
    const a = light(rgba(getComputedStyle(e).color)), b = light(ground(e));
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    seen++;
    if (contrast < worst[0]) worst = [contrast, e.outerHTML.slice(0, 80)];
  }
  return [seen, ...worst];
})()"""


def rows_of(png):
    """The rows of the picture as they are packed: of a blank one nearly all are alike."""
    data, at, height = b"", 8, struct.unpack(">I", png[20:24])[0]
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        data += png[at + 8:at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    packed = zlib.decompress(data)
    wide = len(packed) // height
    return [packed[i * wide:(i + 1) * wide] for i in range(height)]


def check_picture(name, png):
    rows = rows_of(png)
    kinds = len(set(rows))
    expect(kinds > len(rows) // 10, f"{name}: {kinds} kinds of rows of {len(rows)}: blank?")
    if keep:
        with open(os.path.join(keep, name + ".png"), "wb") as file:
            file.write(png)


def check_views(browser, page):
    for width in (1280, 390):
        for dark in (False, True):
            name = f"{width}-{'dark' if dark else 'light'}"
            browser.open(page, width, dark)
            expect(browser.complaints() == [], f"{name}: {browser.complaints()[:3]}")
            expect(browser.requests() == ["file://" + page], f"{name}: requests {browser.requests()[:3]}")
            wide = browser.run("[document.documentElement.scrollWidth, innerWidth]")
            expect(wide == [width, width], f"{name}: wider than the window: {wide}")
            seen, worst, where = browser.run(CONTRAST)
            expect(seen > 500 and worst >= 4.5, f"{name}: contrast {worst:.2f} of {seen} texts at {where}")
            ground = browser.run("getComputedStyle(document.body).backgroundColor")
            expect(ground == ("rgb(20, 23, 28)" if dark else "rgb(255, 255, 255)"), f"{name}: ground {ground}")
            for part in ("main", "onednn", "heat", "studies"):
                top = browser.run(f"document.getElementById('{part}').getBoundingClientRect().top + scrollY")
                check_picture(f"{name}-{part}", browser.picture(top, 900))


def check_keyboard(browser, page):
    browser.open(page, 1280)
    browser.press("Tab")
    at = browser.run("[document.activeElement.className, document.activeElement.getBoundingClientRect().left >= 0]")
    expect(at == ["skip", True], f"keyboard: the first stop is the visible link to the results, {at}")
    browser.press("Enter")
    expect(browser.run("location.hash") == "#main", "keyboard: it leads there")
    stuck = browser.run("[...document.querySelectorAll('.frame')].filter(e => e.tabIndex !== 0).length")
    expect(stuck == 0, f"keyboard: {stuck} frames out of reach")
    browser.run("document.querySelector('#onednn ~ details summary').focus()")
    browser.press("Enter")
    expect(browser.run("document.querySelector('#onednn ~ details').open"), "keyboard: a part opens")


def check_sorting(browser, page):
    """The rows of a kernel by time: their texts have units."""
    browser.open(page, 1280)
    order = """(() => {
      const table = [...document.querySelectorAll('#rows ~ details table.sort')].find(t => t.tBodies[0].rows.length > 40);
      const unit = {ns: 1, '\\u00b5s': 1e3, ms: 1e6, s: 1e9};
      const head = [...table.tHead.rows[0].cells].find(h => h.textContent === 'median');
      const column = head.cellIndex, list = [];
      for (let turn = 0; turn < 2; turn++) {
        head.querySelector('button').click();
        const at = [...table.tBodies[0].rows].map(r => r.cells[column].textContent.split(' '))
          .map(([n, u]) => parseFloat(n) * unit[u]);
        list.push(head.ariaSort, at.length > 40 &&
                  at.every((v, i) => !i || (turn ? v <= at[i - 1] : v >= at[i - 1])));
      }
      return list;
    })()"""
    got = browser.run(order)
    expect(got == ["ascending", True, "descending", True], f"sorting: {got}")


def check_hostile(browser):
    paths = pages.hostile_files()
    pages.make("hostile", *paths)
    page = os.path.join(pages.folder.name, "hostile.html")
    browser.open(page, 390)
    expect(browser.complaints() == [], f"hostile: {browser.complaints()[:3]}")
    expect(browser.requests() == ["file://" + page], f"hostile: requests {browser.requests()[:3]}")
    got = browser.run("[typeof window.pwned, document.images.length, document.scripts.length, document.title]")
    expect(got == ["undefined", 0, 1, "hinge report"], f"hostile: {got}")
    wide = browser.run("document.documentElement.scrollWidth")
    expect(wide == 390, f"hostile: long names widen the page to {wide}")
    # That the policy is in force: a script of another's making does not run, and the browser says so.
    browser.run("document.head.append(Object.assign(document.createElement('script'), {textContent: 'window.pwned = 1'}))")
    expect(browser.run("typeof window.pwned") == "undefined", "hostile: the policy stops other scripts")
    expect(any("Content Security Policy" in text for text in browser.complaints()), "hostile: it is reported")


def main():
    path = devtools.find()
    if not path:
        print("SKIPPED: no Chromium here (Debian: chromium)")
        return 77
    results = sorted(glob.glob(f"{root}/results/runs/*-full/*.json") + glob.glob(f"{root}/results/machines/*.json"))
    studies = sorted(set(glob.glob(f"{root}/results/studies/*.json")) - {f"{root}/results/studies/schema.json"})
    page = os.path.join(pages.folder.name, "all.html")
    subprocess.run([hinge, "report", *results, *studies, "--html", page], check=True, timeout=120)
    with devtools.Browser(path) as browser:
        check_views(browser, page)
        check_keyboard(browser, page)
        check_sorting(browser, page)
        check_hostile(browser)
    return 2 if pages.failures else 0


if __name__ == "__main__":
    sys.exit(main())
