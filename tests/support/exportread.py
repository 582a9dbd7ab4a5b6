#!/usr/bin/env python3
"""Reads exports and the text form of a trace, and prints the same totals for each.

usage: exportread.py trace DUMP | callgrind FILE | folded FILE | pprof FILE

Written from the formats' descriptions, without frost's code. Totals are lines "name value"; a file
that breaks its format ends the program with status 1 and the reason.
"""
import gzip
import re
import sys

STRING_HEADER_BYTES = 16


def fail(reason):
    sys.exit("exportread: " + reason)


def fields_of(line):
    """Fields of a line of `frost trace dump`: time, event and its key=value pairs."""
    clock, event, rest = (line.split(" ", 2) + [""])[:3]
    pairs = re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)', rest)
    return clock, event, {key: value.strip('"') for key, value in pairs}


class Heap:
    """The ledger of a run, from its events alone."""

    def __init__(self):
        self.blocks, self.texts = {}, {}
        self.live = self.peak = self.allocations = self.allocated = 0
        self.reads = self.text_reads = 0

    def bear(self, addr, size):
        self.live += size - self.blocks.get(addr, 0)
        self.blocks[addr] = size
        self.peak = max(self.peak, self.live)

    def take(self, event, at):
        if event == "boot":
            self.blocks = {}
            self.live = int(at["lua_bytes"])
        elif event == "text":
            self.texts[at["id"]] = int(at["bytes"])
        elif event in ("alloc", "string_new"):
            size = (int(at["bytes"]) if event == "alloc"
                    else STRING_HEADER_BYTES + self.texts[at["text"]] + 1)
            self.allocations += 1
            self.allocated += size
            self.bear(at["addr"], size)
        elif event == "resize":
            old, size = self.blocks.pop(at["old_addr"]), int(at["bytes"])
            self.live -= old
            self.allocated += max(0, size - old)
            if size:
                self.bear(at["addr"], size)
        elif event == "free":
            self.live -= self.blocks.pop(at["addr"])
        elif event == "content_read":
            first, size, times = int(at["first"]), int(at["bytes"]), int(at["times"])
            self.reads += size * times
            length = self.texts.get(at["text"], 0)
            self.text_reads += max(0, min(size, length - first)) * times


def read_trace(path):
    heap = Heap()
    with open(path, encoding="latin-1") as dump:
        for line in dump:
            _, event, at = fields_of(line.rstrip("\n"))
            heap.take(event, at)
    return {"allocations": heap.allocations, "allocated_bytes": heap.allocated,
            "peak_bytes": heap.peak, "byte_reads": heap.reads,
            "text_reads": heap.text_reads}


def read_callgrind(path):
    events, summary, sums, names = None, None, None, {"fl": {}, "fn": {}}
    with open(path, encoding="latin-1") as lines:
        if lines.readline() != "# callgrind format\n":
            fail("no callgrind format")
        is_call = False
        for line in lines:
            line = line.rstrip("\n")
            line = re.sub("^cf", "f", line.replace("cfi=", "cfl="))
            name = re.fullmatch(r"(fl|fn)=\((\d+)\)(?: (.+))?", line)
            cost = re.fullmatch(r"\d+(?: \d+)*", line)
            if line.startswith("events: "):
                events = line.split()[1:]
                sums = [0] * len(events)
            elif line.startswith("summary: "):
                summary = [int(word) for word in line.split()[1:]]
            elif name:
                if name[3] is None and name[2] not in names[name[1]]:
                    fail("name used before it is given: " + line)
                if name[3] is not None and name[2] in names[name[1]]:
                    fail("name given twice: " + line)
                names[name[1]].setdefault(name[2], name[3])
            elif line.startswith("calls="):
                is_call = True
            elif cost and is_call:  # costs of what is called: they stand there, too
                is_call = False
            elif cost:
                costs = [int(word) for word in line.split()[1:]]
                sums = [a + b for a, b in zip(sums, costs + [0] * (len(sums) - len(costs)))]
            elif line and not re.match(r"(version|creator|cmd|desc|positions|event): ", line):
                fail("unknown line: " + line)
    if sums != summary:
        fail("costs add up to %s, the summary says %s" % (sums, summary))
    words = {"AllocBytes": "allocated_bytes", "Allocs": "allocations", "PeakBytes": "peak_bytes",
             "FlashReads": "flash_loads", "Clocks": "clocks"}
    return {words[event]: total for event, total in zip(events, sums)}


def read_folded(path):
    total = 0
    with open(path, encoding="latin-1") as lines:
        for line in lines:
            match = re.fullmatch(r"[^;]+(?:;[^;]+)* ([1-9]\d*)\n", line)
            if not match:
                fail("not a stack: " + line)
            total += int(match[1])
    return {"total": total}


# ---- protobuf ----


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def members(data):
    """(field, value) pairs of a message; value is an int or bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        value, at = varint(data, at)
        if key & 7 == 2:
            if at + value > len(data):
                fail("member longer than its message")
            value, at = data[at:at + value], at + value
        elif key & 7 != 0:
            fail("wire type %d" % (key & 7))
        yield key >> 3, value


def packed(data):
    at, values = 0, []
    while at < len(data):
        value, at = varint(data, at)
        values.append(value)
    return values


def check_samples(samples, locations, types):
    sums = [0] * len(types)
    for sample in samples:
        sample = dict((field, value) for field, value in members(sample))
        values = packed(sample[2])
        if len(values) != len(types):
            fail("a sample has %d values" % len(values))
        for location in packed(sample[1]):
            if location not in locations:
                fail("location %d is not there" % location)
        sums = [a + b for a, b in zip(sums, values)]
    return sums


def read_pprof(path):
    with gzip.open(path) as stream:
        profile = list(members(stream.read()))
    strings = [value.decode("utf-8") for field, value in profile if field == 6]
    if strings[0] != "" or len(set(strings)) != len(strings):
        fail("string table")
    types = [strings[dict(members(value))[1]] for field, value in profile if field == 1]
    functions = {dict(members(value))[1] for field, value in profile if field == 5}
    locations = {}
    for field, value in profile:
        if field == 4:
            location = dict(members(value))
            line = dict(members(location[4]))
            if location[1] == 0 or location[1] in locations or line[1] not in functions:
                fail("location")
            locations[location[1]] = line
    sums = check_samples([value for field, value in profile if field == 2], locations, types)
    return dict(zip(types, sums))


READERS = {"trace": read_trace, "callgrind": read_callgrind, "folded": read_folded,
           "pprof": read_pprof}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in READERS:
        sys.exit(__doc__)
    for name, value in READERS[sys.argv[1]](sys.argv[2]).items():
        print(name, value)


if __name__ == "__main__":
    main()
