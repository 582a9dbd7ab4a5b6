#!/usr/bin/env python3
"""Runs the modelled allocator again over the events of a trace, and prints how the free bytes lay.

usage: heap_layout.py [--compact] EVENTS

EVENTS is what `frost trace dump --form=events` prints. First fit over a plain list of blocks, from
the model's description (runtime/core/heap.h) alone: sizes decide where a block goes, and the place
must be the address that the trace tells. `heap` events must tell the same state. Lines "WHEN used
free largest blocks" for the highest point of the ledger, the step where the largest free block has
the least share, and the end.

--compact: what moves is taken from below, all else from above. A resize that keeps its size is a
move, to the beginning of a free block below, and `compaction` events must tell the same state.
"""
import sys

import exportread

HEADER = 8
SMALLEST = 16
VECTORS = {"table array", "table nodes", "stack", "call records", "string table", "buffer"}


class Heap:
    def __init__(self, base, size, state_bytes):
        self.base, self.size = base, size
        self.blocks = [[base, size // 8 * 8, False]]  # address, bytes, is used; by address
        self.take(state_bytes)

    def need(self, content):
        return max(SMALLEST, (content + HEADER + 7) // 8 * 8)

    def index(self, address):
        for i, block in enumerate(self.blocks):
            if block[0] == address - HEADER and block[2]:
                return i
        exportread.fail("no block at %#x" % address)

    def use(self, i, need):
        block = self.blocks[i]
        rest = block[1] - need
        block[2] = True
        if rest >= SMALLEST:
            block[1] = need
            self.blocks.insert(i + 1, [block[0] + need, rest, False])

    def take(self, content):
        need = self.need(content)
        for i, block in enumerate(self.blocks):
            if not block[2] and block[1] >= need:
                self.use(i, need)
                return block[0] + HEADER
        exportread.fail("no room for %d bytes" % content)

    def take_above(self, content):
        need = self.need(content)
        for i in reversed(range(len(self.blocks))):
            address, size, is_used = self.blocks[i]
            if not is_used and size - need >= SMALLEST:
                self.blocks[i][1] -= need
                self.blocks.insert(i + 1, [address + size - need, need, True])
                return address + size - need + HEADER
            if not is_used and size >= need:
                self.use(i, need)
                return address + HEADER
        exportread.fail("no room for %d bytes" % content)

    def move(self, address, to, content):
        if to >= address:
            exportread.fail("a move from %#x up to %#x" % (address, to))
        self.give(address)
        for i, block in enumerate(self.blocks):
            if block[0] == to - HEADER and not block[2] and block[1] >= self.need(content):
                self.use(i, self.need(content))
                return
        exportread.fail("no free block at %#x" % to)

    def join(self, i):
        if i + 1 < len(self.blocks) and not self.blocks[i][2] and not self.blocks[i + 1][2]:
            self.blocks[i][1] += self.blocks.pop(i + 1)[1]

    def give(self, address):
        i = self.index(address)
        self.blocks[i][2] = False
        self.join(i)
        if i:
            self.join(i - 1)

    def resize(self, address, content, take):
        i, need = self.index(address), self.need(content)
        block = self.blocks[i]
        if need > block[1]:
            behind = self.blocks[i + 1] if i + 1 < len(self.blocks) else [0, 0, True]
            if behind[2] or block[1] + behind[1] < need:
                moved = take(content)
                self.give(address)
                return moved
            block[1] += self.blocks.pop(i + 1)[1]
        self.use(i, need)
        self.join(i + 1)
        return address

    def state(self):
        free = [size for _, size, is_used in self.blocks if not is_used]
        return self.size // 8 * 8 - sum(free), sum(free), max(free, default=0), len(free)


def split(state):
    return 1 - state[2] / state[1] if state[1] else 0


def place(got, event, at):
    if got != int(at["addr"], 16):
        exportread.fail("%s goes to %#x, the trace says %s" % (event, got, at["addr"]))


def taker(heap, at, compacts):
    is_vector = at.get("kind", "string").strip('"') in VECTORS
    return heap.take_above if compacts and not is_vector else heap.take


def follow(path, compacts):
    ledger, heap, states = exportread.Heap(), None, {}
    samples = passes = 0
    with open(path, encoding="latin-1") as dump:
        for line in dump:
            _, event, at = exportread.fields_of(line.rstrip("\n"))
            if event == "end":
                break
            peak = ledger.peak
            size = ledger.blocks.get(at.get("old_addr"))
            ledger.take(event, at)
            if event == "boot":
                heap = Heap(int(at["heap_addr"], 16), int(at["heap_bytes"]), int(at["lua_bytes"]))
            elif event == "alloc":
                place(taker(heap, at, compacts)(int(at["bytes"])), event, at)
            elif event == "string_new":
                place(taker(heap, at, compacts)(ledger.blocks[at["addr"]]), event, at)
            elif event == "resize" and int(at["bytes"]) == size and at["addr"] != at["old_addr"]:
                heap.move(int(at["old_addr"], 16), int(at["addr"], 16), size)
            elif event == "resize" and int(at["bytes"]):
                to = heap.resize(int(at["old_addr"], 16), int(at["bytes"]), taker(heap, at, compacts))
                place(to, event, at)
            elif event == "firmware_alloc": # beside Lua, in no ledger
                place((heap.take_above if compacts else heap.take)(int(at["bytes"])), event, at)
            elif event == "firmware_free":
                heap.give(int(at["addr"], 16))
            elif event in ("free", "resize"):
                heap.give(int(at["addr" if event == "free" else "old_addr"], 16))
            elif event == "heap":
                samples += 1
                used, _, largest, count = heap.state()
                if (used, largest, count) != tuple(
                        int(at[name]) for name in ("heap_used", "free_largest", "free_blocks")):
                    exportread.fail("is %s, the trace says %s" % (heap.state(), line.strip()))
            elif event == "compaction":
                passes += 1
                if heap.state()[2] != int(at["largest"]):
                    exportread.fail("is %s, the trace says %s" % (heap.state(), line.strip()))
            if event not in ("alloc", "string_new", "resize", "free", "firmware_alloc", "firmware_free"):
                continue
            state = heap.state()
            if ledger.peak > peak:
                states["highest"] = state
            if "split" not in states or split(state) > split(states["split"]):
                states["split"] = state
            states["last"] = state
    return states, samples, passes


def main():
    compacts = sys.argv[1:2] == ["--compact"]
    if len(sys.argv) != 2 + compacts:
        sys.exit(__doc__)
    states, samples, passes = follow(sys.argv[-1], compacts)
    for when in ("highest", "split", "last"):
        print(when, *states[when])
    print("samples", samples)
    if compacts:
        print("passes", passes)


if __name__ == "__main__":
    main()
