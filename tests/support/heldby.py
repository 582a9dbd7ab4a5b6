#!/usr/bin/env python3
"""Who holds what in a snapshot, from the events of a trace, by trying it out.

usage: heldby.py EVENTS REPORT.json    (frost trace dump --form=events; frost heap --min 0 --json)

A block holds another if that cannot be reached any more once the block is taken away: tried for
every block. Prints a line for each difference from the report.
"""
import json
import re
import sys
from collections import Counter


def fields(line):
    return {k: v.strip('"') for k, v in re.findall(r'(\w+)=("[^"]*"|\S+)', line)}


def number(text):
    return int(text, 0)


def read(path):
    blocks, edges, state = {}, [], 0
    text_bytes = {}
    snapshot = None
    for line in open(path, errors="replace"):
        words = line.split(" ", 2)
        if len(words) < 3:
            continue
        name, f = words[1], fields(words[2])
        if name == "boot":
            state, blocks = number(f["lua_bytes"]), {}
        elif name == "text":
            text_bytes[f["id"]] = number(f["bytes"]) if "bytes" in f else None
        elif name == "alloc":
            blocks[number(f["addr"])] = (number(f["bytes"]), f["kind"])
        elif name == "resize":
            blocks.pop(number(f["old_addr"]), None)
            blocks[number(f["addr"])] = (number(f["bytes"]), f["kind"])
        elif name == "string_new":
            blocks[number(f["addr"])] = (16 + text_bytes[f["text"]] + 1, "string")
        elif name == "free":
            blocks.pop(number(f["addr"]), None)
        elif name == "heap_edge":
            edges.append((number(f["from"]), number(f["to"]), f["edge"], number(f["index"])))
        elif name == "heap_snapshot":
            snapshot = (dict(blocks), edges, state)
            edges = []
    return snapshot


def reach(out, without):
    seen, todo = {0}, [0]
    while todo:
        for to in out.get(todo.pop(), ()):
            if to not in seen and to != without:
                seen.add(to)
                todo.append(to)
    return seen


def main():
    blocks, edges, state = read(sys.argv[1])
    report = json.load(open(sys.argv[2]))
    for start, to, edge, index in edges:
        if edge == "root" and index == 0 and to not in blocks:
            blocks[to] = (state, "state")
    out, owner = {}, {}
    for start, to, edge, index in edges:
        if to in blocks and (start == 0 or start in blocks):
            if edge != "weak":
                out.setdefault(start, []).append(to)
            if edge == "part":
                owner[to] = start
    all_reached = reach(out, None)
    held = {}
    for block in all_reached - {0}:
        gone = all_reached - reach(out, block)
        held[block] = (sum(blocks[b][0] for b in gone), len(gone))
    wrong = []
    total = sum(blocks[b][0] for b in all_reached - {0})
    if total != report["totals"]["held_bytes"]:
        wrong.append(f"held bytes {report['totals']['held_bytes']}, not {total}")
    garbage = sum(b[0] for a, b in blocks.items() if a not in all_reached)
    if garbage != report["totals"]["garbage_bytes"]:
        wrong.append(f"garbage {report['totals']['garbage_bytes']}, not {garbage}")
    want = Counter(h for b, h in held.items()
                   if not (b in owner and owner[b] in held and held[owner[b]][0] >= held[b][0]))
    rows = report["tables"]["holders"]["rows"]
    got = Counter((r["held_bytes"], r["held_blocks"]) for r in rows)
    count = sum(max(r["chain"], 1) for r in rows)  # the members of a list are one row
    if got - want or count != want.total():
        wrong.append(f"holders differ: {want.total()} wanted, {count} there; {got - want} too much")
    print("\n".join(wrong) if wrong else f"{len(blocks) > 100} as tried")


main()
