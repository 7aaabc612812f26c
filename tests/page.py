"""A page of HTML as a tree."""
import re
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Elements as they open and close: what does not nest, names or references soundly is noted in `bad`."""

    def __init__(self, name, text):
        super().__init__(convert_charrefs=True)
        self.name, self.bad, self.open, self.ids, self.headings = name, [], [], [], []
        self.links, self.words, self.tables, self.table, self.labels = [], [], [], None, []
        self.attributes = set()
        self.feed(text)
        self.close()
        if self.open:
            self.bad.append(f"open at the end: {self.open}")

    def handle_decl(self, decl):
        if decl.lower() != "doctype html":
            self.bad.append(decl)

    def handle_starttag(self, tag, attrs):
        seen = dict(attrs)
        self.attributes |= {name for name, _ in attrs}
        if len(seen) != len(attrs):
            self.bad.append(f"<{tag}> has an attribute twice: {attrs}")
        if "id" in seen:
            self.ids.append(seen["id"])
        self.links += [seen[name] for name in ("href", "src", "xlink:href", "data", "action", "srcset") if name in seen]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "table":
            self.table = {"caption": "", "head": [], "cells": [], "rows": 0, "row_heads": 0}
            self.tables.append(self.table)
        if tag == "th":
            scope = seen.get("scope")
            if scope not in ("col", "row", "colgroup"):
                self.bad.append(f"<th> of scope {scope}")
            (self.table["head"] if scope != "row" else self.table["cells"]).append("")
            self.table["row_heads"] += scope == "row"
        if tag == "tr" and "tbody" in self.open:
            self.table["rows"] += 1
        if tag == "td":
            self.table["cells"].append("")
        if tag == "img" and not seen.get("alt"):
            self.bad.append("<img> without alt")
        if tag == "svg" and seen.get("role") != "img" and "svg" not in self.open:
            self.bad.append("<svg> without a role")
        if seen.get("role") in ("img", "group") or tag == "nav":
            self.labels.append(seen.get("aria-label", ""))
        if tag in ("iframe", "object", "embed", "base", "form"):
            self.bad.append(f"<{tag}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.bad.append(f"</{tag}> closes {self.open[-3:]} at {self.getpos()}")
            return
        self.open.pop()

    def handle_data(self, data):
        if not self.open:
            return
        if self.open[-1] not in ("style", "script"):
            self.words.append(data)
        if "table" in self.open:
            if "caption" in self.open:
                self.table["caption"] += data
            elif "thead" in self.open and "th" in self.open:
                self.table["head"][-1] += data
            elif self.table["cells"] and {"td", "th"} & set(self.open):
                self.table["cells"][-1] += data

    def text(self):
        return "".join(self.words)
