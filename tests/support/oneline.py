#!/usr/bin/env python3
"""Figures of each Lua function out of what frost says of a trace, by the function's number.

usage: oneline.py SOURCE KIND FILE

SOURCE is the program as it was written, with at most one function a line: 1 is the first function
of it; main chunks are left out. KIND is callgrind, folded, pprof, size, calls or events (of `frost trace
dump`). A line for each function: number, bytes allocated, allocations (- where that is not told).
Functions of a program whose lines were joined are told by their number behind `#`.
"""
import collections
import gzip
import json
import re
import sys

import exportread

LUA = re.compile(r"[\w/]+\.lua:(?:main|(\d+)(?:#(\d+))?)$")


def lines_of(source):
    with open(source, encoding="utf-8") as lines:
        return [n for n, line in enumerate(lines, 1) if re.search(r"\bfunction\b", line)]


def number_of(first_lines, line, nth):
    """`nth` beyond the first of its line: the lines were joined."""
    line, nth = int(line), int(nth or 1)
    if line == 1:
        return nth
    return first_lines.index(line) + nth


def read_callgrind(path):
    names, function, is_call, events = {}, None, False, None
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        name = re.fullmatch(r"c?fn=\((\d+)\)(?: (.+))?", line)
        if line.startswith("events: "):
            events = line.split()[1:]
        elif name:
            names.setdefault(name[1], name[2])
            function = function if line.startswith("c") else names[name[1]]
        elif line.startswith("calls="):
            is_call = True
        elif re.fullmatch(r"\d+(?: \d+)*", line):
            costs = dict(zip(events, [int(word) for word in line.split()[1:]]))
            if not is_call:
                yield function, costs.get("AllocBytes", 0), costs.get("Allocs", 0)
            is_call = False


def read_folded(path):
    for line in open(path, encoding="utf-8"):
        frames, _, weight = line.rpartition(" ")
        lua = [frame for frame in frames.split(";") if LUA.fullmatch(frame)]
        if lua:
            yield lua[-1], int(weight), None


def read_pprof(path):
    with gzip.open(path) as stream:
        profile = list(exportread.members(stream.read()))
    strings = [value.decode("utf-8") for field, value in profile if field == 6]
    types = [strings[dict(exportread.members(value))[1]] for field, value in profile if field == 1]
    functions, locations = {}, {}
    for field, value in profile:
        if field == 5:
            function = dict(exportread.members(value))
            functions[function[1]] = strings[function[2]]
        elif field == 4:
            location = dict(exportread.members(value))
            locations[location[1]] = dict(exportread.members(location[4]))[1]
    for field, value in profile:
        if field == 2:
            sample = dict(exportread.members(value))
            figures = dict(zip(types, exportread.packed(sample[2])))
            names = [functions[locations[i]] for i in exportread.packed(sample[1])]
            lua = [name for name in names if LUA.fullmatch(name)]
            if lua:
                yield lua[0], figures["allocated_bytes"], figures["allocations"]


def read_size(path):
    tables = json.load(open(path, encoding="utf-8"))["tables"]
    for row in tables["sites"]["rows"]:
        site = re.sub(r" \(.*\)$", "", row["site"])
        inside = re.fullmatch(r"(.*):\d+ in (?:function )?(main|\d+(?:#\d+)?)", site)
        if inside:
            yield inside[1] + ":" + inside[2], row["allocated_bytes"], row["allocations"]


def read_calls(path):
    for row in json.load(open(path, encoding="utf-8"))["tables"]["calls"]["rows"]:
        lua = [step for step in row["path"].split(";") if LUA.fullmatch(step)]
        if lua:
            yield lua[-1], row["allocated_own_bytes"], None


def read_events(path):
    """Sites and blocks as the trace has them."""
    names, sites, texts, blocks = {}, {}, {}, {}
    for line in open(path, encoding="latin-1"):
        _, event, at = exportread.fields_of(line.rstrip("\n"))
        if event == "name":
            names[at["id"]] = at["text"]
        elif event == "text":
            texts[at["id"]] = int(at["bytes"])
        elif event == "site":
            inner = at["defined"] if at["defined"] != "0" else "main"
            nth = "#" + at["nth"] if int(at["nth"]) > 1 else ""
            sites[at["id"]] = names.get(at["source"], "") + ":" + inner + nth
        elif event == "stack":
            sites[at["id"]] = sites[at["site"]]
        elif event == "alloc":
            blocks[at["addr"]] = at["site"], int(at["bytes"])
            yield sites.get(at["site"], ""), int(at["bytes"]), 1
        elif event == "string_new":
            size = exportread.STRING_HEADER_BYTES + texts[at["text"]] + 1
            blocks[at["addr"]] = at["site"], size
            yield sites.get(at["site"], ""), size, 1
        elif event == "resize":
            site, size = blocks.pop(at["old_addr"])
            if int(at["bytes"]):
                blocks[at["addr"]] = site, int(at["bytes"])
            yield sites.get(site, ""), max(0, int(at["bytes"]) - size), 0
        elif event == "free":
            blocks.pop(at["addr"], None)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    first_lines = lines_of(sys.argv[1])
    sums = collections.defaultdict(lambda: [0, 0])
    for name, size, count in globals()["read_" + sys.argv[2]](sys.argv[3]):
        lua = LUA.fullmatch(name or "")
        if lua and lua[1]:
            total = sums[number_of(first_lines, lua[1], lua[2])]
            total[0] += size
            total[1] = None if count is None else total[1] + count
    for number, (size, count) in sorted(sums.items()):
        if size or count:
            print(number, size, "-" if count is None else count)


if __name__ == "__main__":
    main()
