# serial_trace.py: two traces as text (frost trace dump), compared by what their events mean.
#
# usage: serial_trace.py equal A B     the same packets with the same events; real time and the use
#                                      of the C stack may differ
#        serial_trace.py part A B      all events of A are among those of B, ids taken for what they
#                                      stand for; what A does not know may be anything. Prints
#                                      "events N missing M unknown U": M events of B are not in A
#        serial_trace.py sums A B      the same events but for how counters were summed up, without
#                                      events that each packet has (heap), console and definitions
#        serial_trace.py lost A B      prints how many packets of B are missing in A, and how many
#                                      events were in them
#        serial_trace.py check A       every id is defined before its use (text 0 is "not known")
import collections, re, sys

COUNTED = {"content_read", "vm_event", "flash_load"}
FIELD = re.compile(r' ([a-z_]+)=("(?:[^"\\]|\\.)*"|\S+)')


def read(name):
    """Events as (packet, clock, name, fields) with ids resolved; definitions keep their ids."""
    texts, names, sites = {0: "?"}, {0: ""}, {0: "none"}
    packet = None
    with open(name, encoding="latin-1") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line.startswith("run "):
                continue
            if line.startswith("packet "):
                packet = dict(FIELD.findall(line[6:]))
                continue
            clock, kind, rest = (line + " ").split(" ", 2)
            fields = dict(FIELD.findall(" " + rest))
            if kind == "text":
                texts[int(fields["id"])] = fields["hash"]
            elif kind == "name":
                names[int(fields["id"])] = fields["text"]
            elif kind == "site":
                sites[int(fields["id"])] = (names.get(int(fields["source"])), fields["line"],
                                            fields["defined"], names.get(int(fields["function"])))
            resolved = dict(fields)
            if kind not in ("text", "name", "mark", "console") and "text" in fields:
                resolved["text"] = texts.get(int(fields["text"]), "UNDEFINED")
            if kind != "site" and "site" in fields:
                resolved["site"] = sites.get(int(fields["site"]), "UNDEFINED")
            resolved.pop("real_ns", None)
            resolved.pop("stack_bytes", None)
            yield packet, int(clock), kind, fields, resolved


def key(clock, kind, fields, without=()):
    return (clock, kind) + tuple((k, v) for k, v in fields.items() if k not in without)


def equal(a, b):
    for left, right in zip(read(a), read(b), strict=True):
        packets = [dict(side[0], real_ns=0) for side in (left, right)]
        fields = [dict(side[3], real_ns=0, stack_bytes=0) for side in (left, right)]
        if packets[0] != packets[1] or left[1:3] != right[1:3] or fields[0] != fields[1]:
            sys.exit("differs: %s\n         %s" % (left, right))
    print("equal")


DEFINITIONS = ("text", "name", "site")


def is_unknown(fields):
    return fields.get("text") == "?" or "(lost on the line)" in str(fields.get("site"))


LOOSE = ("text", "site")


def part(a, b):
    """Counters are taken as `times` single events at no particular time."""
    there, loose = collections.Counter(), collections.Counter()
    total = 0
    for _, clock, kind, _, resolved in read(b):
        if kind in DEFINITIONS:
            continue
        times = int(resolved.pop("times")) if kind in COUNTED else 1
        clock = 0 if kind in COUNTED else clock
        there[key(clock, kind, resolved)] += times
        loose[key(clock, kind, resolved, LOOSE)] += times
        if kind == "resize":  # of a block that was left out so far: it begins here
            del resolved["old_addr"]
            there[key(clock, "alloc", resolved)] += 1
        total += 1
    count = unknown = 0
    for _, clock, kind, _, resolved in read(a):
        if kind in DEFINITIONS:
            continue
        if "(recorded from later on)" in str(resolved.get("command")):
            continue
        count += 1
        times = int(resolved.pop("times")) if kind in COUNTED else 1
        clock = 0 if kind in COUNTED else clock
        exact, wanted = there, key(clock, kind, resolved)
        if is_unknown(resolved):
            unknown += 1
            exact, wanted = loose, key(clock, kind, resolved, LOOSE)
        elif kind != "heap":
            loose[key(clock, kind, resolved, LOOSE)] -= times
        if exact[wanted] < times and kind != "heap":  # comes once in each packet, whatever is in it
            sys.exit("not there: %s" % (wanted,))
        exact[wanted] -= times
    print("events %d missing %d unknown %d" % (count, total - count, unknown))


def sums(a, b):
    sides = []
    for side in (a, b):
        rest, counted = [], collections.Counter()
        for _, clock, kind, _, resolved in read(side):
            if kind in COUNTED:
                counted[key(0, kind, resolved, ("times",))] += int(resolved["times"])
            elif kind not in DEFINITIONS + ("heap", "console"):
                rest.append(key(clock, kind, resolved))
        sides.append((rest, counted))
    for left, right in zip(sides[0][0], sides[1][0]):
        if left != right:
            sys.exit("differs: %s\n         %s" % (left, right))
    if len(sides[0][0]) != len(sides[1][0]) or sides[0][1] != sides[1][1]:
        sys.exit("counts differ")
    print("same")


def lost(a, b):
    there = set(int(packet["sequence"]) for packet, *_ in read(a))
    events = collections.Counter(int(packet["sequence"]) for packet, *_ in read(b))
    gone = [number for number in events if number not in there]
    print("packets %d events %d" % (len(gone), sum(events[number] for number in gone)))


def check(a):
    for _, clock, kind, _, resolved in read(a):
        if "UNDEFINED" in (resolved.get("text"), resolved.get("site")):
            sys.exit("%d %s: %s" % (clock, kind, resolved))
        if kind == "site" and None in resolved.values():
            sys.exit("%d site: %s" % (clock, resolved))
    print("defined")


globals()[sys.argv[1]](*sys.argv[2:])
