# elfsize.py: compares what `frost size` says about an ELF file with readelf, nm and eu-size.
#
# usage: elfsize.py ELF REPORT.json      the report is that of `frost size -d section,symbol --json`
#
# Prints one line of figures; a fault is a line on standard error and status 1. Needs binutils that
# know the file's machine (OBJ=xtensa-lx106-elf- for the chip's) and elfutils.

import json
import os
import re
import subprocess
import sys

elf, path = sys.argv[1:3]
prefix = os.environ.get("OBJ", "")
report = json.load(open(path))
faults = 0


def fault(*words):
    global faults
    faults += 1
    if faults < 20:
        print("elfsize:", *words, file=sys.stderr)


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def want(what, wanted, got):
    if wanted != got:
        fault(f"{what}: want {wanted}, got {got}")


def rows(name):
    return report["tables"][name]["rows"]


# ---- memory: program headers ----

memory = {"bytes": 0, "file": 0, "writable": 0, "writable_file": 0}
for line in run(prefix + "readelf", "-lW", elf):
    found = re.match(r"\s+LOAD\s+(\S+)\s+\S+\s+\S+\s+(\S+)\s+(\S+)\s+(.*?)\s+\S+$", line)
    if found:
        file_bytes, bytes_ = int(found[2], 16), int(found[3], 16)
        memory["bytes"] += bytes_
        memory["file"] += file_bytes
        if "W" in found[4]:
            memory["writable"] += bytes_
            memory["writable_file"] += file_bytes
for name in ("level_1", "level_2"):
    table = report["tables"][name]
    want(f"sum of {name}", memory["bytes"], table["sum"]["bytes"])
    for figure in ("bytes", "ram_bytes", "flash_bytes", "both_bytes"):
        want(f"{figure} of {name}", table["sum"][figure], sum(row[figure] for row in table["rows"]))
for row in rows("level_2"):
    # Room that is kept free costs neither.
    cost = row["ram_bytes"] + row["flash_bytes"] - row["both_bytes"]
    if row["bytes"] != cost and cost != 0:
        fault("RAM and flash of", row)
total = report["totals"]
want("RAM", memory["writable"], total["ram_bytes"])
want("RAM that comes out of the file", memory["writable_file"], total["both_bytes"])
want("flash", memory["file"], total["flash_bytes"])
want("bytes of the file", os.path.getsize(elf), report["tables"]["file"]["sum"]["bytes"])

# ---- sections ----

mine = {}
for row in rows("level_1"):
    mine[row["section"]] = mine.get(row["section"], 0) + row["bytes"]
sections = loaded = 0
for line in run("eu-size", "-A", elf):
    found = re.match(r"(\.\S+)\s+(\d+)\s+(\d+)$", line)
    if found and found[1] != ".tbss" and int(found[3]) and int(found[2]):
        want("section " + found[1], int(found[2]), mine.get(found[1], 0))
        loaded += int(found[2])
        sections += 1
if not any(line for line in run(prefix + "readelf", "-SW", elf) if ".tbss" in line):
    words = run("eu-size", "-B", elf)[1].split()
    want("text, data and bss of eu-size", int(words[3]), loaded)

# ---- symbols ----

thread = {line.split()[-1] for line in run(prefix + "readelf", "-sW", elf) if " TLS " in line}
symbols = {}
for line in run(prefix + "nm", "-S", "--defined-only", elf):
    words = line.split()
    if len(words) == 4 and words[2] not in "Aa" and words[3] not in thread and int(words[1], 16):
        symbols.setdefault(words[3], set()).add((int(words[0], 16), int(words[1], 16)))
# Only names that stand for one stretch of bytes which no other symbol touches.
stretches = sorted({one for some in symbols.values() for one in some})
alone = set()
for i, (begin, bytes_) in enumerate(stretches):
    before = max((b + n for b, n in stretches[max(0, i - 8) : i]), default=0)
    after = stretches[i + 1][0] if i + 1 < len(stretches) else begin + bytes_
    if before <= begin and begin + bytes_ <= after:
        alone.add((begin, bytes_))
names = {}
for name, some in symbols.items():
    for one in some:
        names.setdefault(one, []).append(name)
mine = {}
for row in rows("level_2"):
    mine[row["symbol"]] = mine.get(row["symbol"], 0) + row["bytes"]
compared = 0
for name, some in symbols.items():
    one = next(iter(some))
    if len(some) == 1 and one in alone and names[one] == [name] and not re.match("_[ZR]", name):
        want("symbol " + name, one[1], mine.get(name, 0))
        compared += 1

print(f"{memory['bytes']} bytes, {sections} sections, {compared} symbols")
sys.exit(faults != 0)
