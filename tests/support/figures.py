#!/usr/bin/env python3
"""Prints the figures that a command's JSON, an export or a trace's events say of one run.

usage: figures.py events DUMP | strings JSON | gc JSON | size JSON | dhat FILE | heap JSON |
                  newer CALLS.json HEAP-PEAK.json HEAP-END.json | lines JSON...

Lines "figure source value", so that equal figures can be compared; without frost's code. `lines`
prints each line of the program that holds more than it allocated; nothing is right. `heap`: lines
"when used free largest blocks" of gc's fragmentation.
"""
import json
import sys

import exportread

EMPTY_BYTES = exportread.STRING_HEADER_BYTES + 1  # of the string without characters


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def kind(report, name, column):
    return next(row[column] for row in report["tables"]["kinds"]["rows"] if row["kind"] == name)


def of_events(path):
    heap, strings = exportread.Heap(), {}
    made = at_peak = empty = 0
    with open(path, encoding="latin-1") as dump:
        for line in dump:
            _, event, at = exportread.fields_of(line.rstrip("\n"))
            peak = heap.peak
            heap.take(event, at)
            if event == "string_new":
                made += 1
                strings[at["addr"]] = heap.blocks[at["addr"]]
                empty += heap.texts[at["text"]] == 0
            elif event == "free":
                strings.pop(at["addr"], None)
            if heap.peak > peak:
                at_peak, bytes_at_peak = len(strings), sum(strings.values())
                texts_at_peak = sum(size > EMPTY_BYTES for size in strings.values())
    yield "allocated_bytes", "events", heap.allocated
    yield "allocations", "events", heap.allocations
    yield "peak_bytes", "events", heap.peak
    yield "end_bytes", "events", heap.live
    yield "strings_made", "events", made
    yield "peak_strings", "events", at_peak
    yield "peak_string_bytes", "events", bytes_at_peak
    yield "end_strings", "events", len(strings)
    yield "texts_made", "events", made - empty
    yield "end_texts", "events", sum(size > EMPTY_BYTES for size in strings.values())
    yield "peak_texts", "events", texts_at_peak


def of_newer(calls, peak, end):
    report = load(calls)
    tree = [row for row in report["tables"]["calls"]["rows"] if row["level"] == 1]
    for figure in "allocated_bytes", "allocations", "peak_bytes":
        yield figure, "calls", report["totals"][figure]
    for figure in "allocated_bytes", "peak_bytes":
        yield figure, "calls-tree", sum(row[figure] for row in tree)
    yield "peak_bytes", "heap", load(peak)["totals"]["lua_bytes"]
    yield "end_bytes", "heap", load(end)["totals"]["lua_bytes"]


def of_strings(path):
    report = load(path)
    run, verdicts = report["tables"]["runs"]["rows"][0], report["tables"]["verdicts"]["sum"]
    yield "peak_bytes", "strings", report["totals"]["peak_bytes"]
    yield "peak_bytes", "strings-runs", run["peak_bytes"]
    yield "end_bytes", "strings-runs", run["end_bytes"]
    yield "end_strings", "strings-runs", run["end_strings"]
    yield "strings_made", "strings-verdicts", verdicts["births"]
    yield "peak_string_bytes", "strings-verdicts", verdicts["peak_bytes"]


def of_gc(path):
    report = load(path)
    tables, state = report["tables"], kind(load(path), "state", "peak_bytes")
    for source, sums in (("gc-sites", tables["sites"]["sum"]), ("gc-kinds", tables["kinds"]["sum"])):
        yield "allocated_bytes", source, sums["bytes"]
        yield "allocations", source, sums["allocations"]
        yield "end_bytes", source, sums["end_bytes"] + state
    for figure in ("allocated_bytes", "allocations", "peak_bytes", "end_bytes"):
        yield figure, "gc", report["totals"][figure]
    yield "peak_bytes", "gc-kinds", tables["kinds"]["sum"]["peak_bytes"]
    yield "peak_bytes", "gc-peak-sites", tables["peak_sites"]["sum"]["peak_bytes"]
    yield "peak_strings", "gc-kinds", kind(report, "string", "peak_blocks")
    yield "peak_string_bytes", "gc-kinds", kind(report, "string", "peak_bytes")
    yield "strings_made", "gc-kinds", kind(report, "string", "allocations")


def of_size(path):
    report = load(path)
    sites = report["tables"]["sites"]["sum"]
    yield "allocated_bytes", "size-sites", sites["allocated_bytes"]
    yield "allocations", "size-sites", sites["allocations"]
    yield "peak_bytes", "size-sites", sites["peak_bytes"]
    yield "peak_bytes", "size-kinds", report["tables"]["kinds"]["sum"]["bytes"]
    yield "peak_bytes", "size-places", report["tables"]["places"]["sum"]["ram_bytes"]
    yield "peak_bytes", "size", report["totals"]["peak_bytes"]
    yield "peak_strings", "size", report["totals"]["peak_strings"]
    yield "peak_strings", "size-kinds", kind(report, "string", "blocks")
    yield "peak_string_bytes", "size-kinds", kind(report, "string", "bytes")


def of_dhat(path):
    points = load(path)["pps"]  # the format has no blocks without a byte
    yield "texts_made", "dhat", sum(point["tbk"] for point in points)
    yield "peak_texts", "dhat", sum(point["gbk"] for point in points)
    yield "end_texts", "dhat", sum(point["ebk"] for point in points)


def of_heap(path):
    words = {"highest point": "highest", "most split": "split", "last": "last"}
    for row in load(path)["tables"]["heap"]["rows"]:
        yield (words.get(row["when"], row["when"]), row["used_bytes"], "%d %d %d" % (
            row["free_bytes"], row["free_largest_bytes"], row["free_blocks"]))


def lines_over(paths):
    rows = {}
    for path in paths:
        for name in ("sites", "peak_sites"):
            for row in load(path)["tables"].get(name, {"rows": []})["rows"]:
                rows.setdefault((path, row["site"]), {}).update(row)
    for (path, site), row in sorted(rows.items()):
        taken = row.get("allocated_bytes", row.get("bytes"))
        if taken is None or row.get("allocations") is None:
            continue
        if (row.get("peak_bytes") or 0) > taken or (row.get("end_bytes") or 0) > taken or \
                (row.get("peak_blocks") or 0) > row["allocations"]:
            yield "line", path, "%s: %s" % (site, row)


READERS = {"events": of_events, "strings": of_strings, "gc": of_gc, "size": of_size,
           "dhat": of_dhat, "heap": of_heap}

if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "lines":
        found = lines_over(sys.argv[2:])
    elif len(sys.argv) == 5 and sys.argv[1] == "newer":
        found = of_newer(*sys.argv[2:])
    elif len(sys.argv) == 3 and sys.argv[1] in READERS:
        found = READERS[sys.argv[1]](sys.argv[2])
    else:
        exportread.fail(__doc__)
    for figure, source, value in found:
        print(figure, source, value)
