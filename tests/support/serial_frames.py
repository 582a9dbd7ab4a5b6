# serial_frames.py: what is on a serial line, taken apart and put together again without our code.
# Format: runtime/format/serial_frame.h.
#
# usage: serial_frames.py list FILE             one line per frame: type boot sequence bytes
#        serial_frames.py text FILE             the console text
#        serial_frames.py change FILE TYPE OFF HEX    the same line with bytes of the payloads of all
#                                               frames of that type replaced; to standard output
#        serial_frames.py without FILE TYPE...  the same line without frames of these types
#        serial_frames.py scramble FILE SEED    the same line with random bytes in payloads, frames
#                                               twice, missing or in another order; all crcs right
import random, re, struct, sys, zlib

TYPES = {1: "hello", 2: "packet", 3: "counts", 4: "image", 5: "end", 6: "answer"}


def cobs_encode(data):
    out, run = bytearray(), bytearray()
    for byte in data + b"\0":
        if byte:
            run.append(byte)
        else:
            out += bytes([len(run) + 1]) + run
            run.clear()
    return bytes(out)


def cobs_decode(data):
    out = bytearray()
    while data:
        out += data[1:data[0]] + b"\0"
        data = data[data[0]:]
    return bytes(out[:-1])


def split(line):
    """Texts and (head, payload) in their order."""
    parts = []
    while True:
        found = re.search(rb"\0\xf5(.)", line, re.DOTALL)
        if not found:
            return parts + [line]
        end = found.end() + found[1][0]
        plain = cobs_decode(line[found.end():end])
        assert line[end] == 0 and zlib.crc32(plain[:-4]) == struct.unpack("<I", plain[-4:])[0]
        parts += [line[:found.start()], (plain[:4], plain[4:-4])]
        line = line[end + 1:]


def join(parts):
    line = b""
    for part in parts:
        if isinstance(part, tuple):
            plain = part[0] + part[1]
            block = cobs_encode(plain + struct.pack("<I", zlib.crc32(plain)))
            part = b"\0\xf5" + bytes([len(block)]) + block + b"\0"
        line += part
    return line


what, name = sys.argv[1:3]
with open(name, "rb") as file:
    parts = split(file.read())
frames = [part for part in parts if isinstance(part, tuple)]
if what == "list":
    for head, payload in frames:
        kind, boot, sequence = struct.unpack("<BBH", head)
        print(TYPES[kind], boot, sequence, len(payload))
elif what == "text":
    sys.stdout.buffer.write(b"".join(part for part in parts if isinstance(part, bytes)))
elif what == "change":
    kind, off, new = sys.argv[3], int(sys.argv[4]), bytes.fromhex(sys.argv[5])
    for i, part in enumerate(parts):
        if isinstance(part, tuple) and TYPES[part[0][0]] == kind:
            payload = part[1][:off] + new + part[1][off + len(new):]
            parts[i] = (part[0], payload)
    sys.stdout.buffer.write(join(parts))
elif what == "without":
    sys.stdout.buffer.write(join([part for part in parts if not isinstance(part, tuple) or
                                  TYPES[part[0][0]] not in sys.argv[3:]]))
elif what == "scramble":
    rng = random.Random(int(sys.argv[3]))
    rate = rng.choice((3, 30, 300))
    out = []
    for part in parts:
        if isinstance(part, tuple) and rng.randrange(rate) == 0:
            head, payload = bytearray(part[0]), bytearray(part[1])
            for _ in range(rng.randrange(4)):
                if payload:
                    at = min(rng.randrange(len(payload)), rng.randrange(100))
                    payload[at] = rng.choice((0, 1, 255, rng.randrange(256)))
            if rng.randrange(5) == 0:
                head[rng.randrange(4)] = rng.randrange(8)
            if rng.randrange(8) == 0:
                payload = payload[:rng.randrange(len(payload) + 1)]
            out += [(bytes(head), bytes(payload))] * rng.choice((0, 1, 1, 1, 1, 2))
        else:
            out.append(part)
    if rng.randrange(4) == 0:
        i, k = rng.randrange(len(out)), rng.randrange(len(out))
        out[i], out[k] = out[k], out[i]
    sys.stdout.buffer.write(join(out))
else:
    sys.exit("serial_frames.py: " + what + "?")
