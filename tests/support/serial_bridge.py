# serial_bridge.py: a program's standard output and input become a pseudo-terminal, damaged on request.
#
# usage: serial_bridge.py [OPTION...] LINK -- COMMAND...
# LINK becomes a symbolic link to the terminal. The command is started when somebody has opened it;
# what it writes goes there, what comes from there goes to its standard input. Ends when the other
# side has closed the terminal, or SECONDS after the command has ended.
#
#   --keep=FILE      what the command wrote, undamaged
#   --sent=FILE      what was put on the line
#   --seed=N         of the damage
#   --lose=R --flip=R --insert=R    one byte in R, on average
#   --unplug=BYTES   closes the terminal after so many bytes
#   --seconds=S      (10)
import os, pty, random, select, signal, subprocess, sys, time, tty

options = {"keep": None, "sent": None, "seed": "1", "lose": "0", "flip": "0", "insert": "0",
           "unplug": "0", "seconds": "10"}
words = sys.argv[1:]
while words and words[0].startswith("--") and words[0] != "--":
    key, _, value = words.pop(0)[2:].partition("=")
    if key not in options:
        sys.exit("serial_bridge.py: unknown option " + key)
    options[key] = value
link = words.pop(0)
assert words.pop(0) == "--"

rng = random.Random(int(options["seed"]))
rates = {name: int(options[name]) for name in ("lose", "flip", "insert")}
counts = dict.fromkeys(rates, 0)


def damaged(data):
    out = bytearray()
    for byte in data:
        if rates["insert"] and rng.randrange(rates["insert"]) == 0:
            out.append(rng.randrange(256))
            counts["insert"] += 1
        if rates["lose"] and rng.randrange(rates["lose"]) == 0:
            counts["lose"] += 1
            continue
        if rates["flip"] and rng.randrange(rates["flip"]) == 0:
            byte ^= 1 << rng.randrange(8)
            counts["flip"] += 1
        out.append(byte)
    return bytes(out)


def is_open(master):
    poll = select.poll()
    poll.register(master, select.POLLIN)
    return not any(event & select.POLLHUP for _, event in poll.poll(0))


master, slave = pty.openpty()
tty.setraw(slave)
if os.path.lexists(link):
    os.unlink(link)
os.symlink(os.ttyname(slave), link)
os.close(slave)
deadline = time.time() + 120
while not is_open(master):
    if time.time() > deadline:
        sys.exit("serial_bridge.py: nobody opened " + link)
    time.sleep(0.01)
time.sleep(0.1)  # until its mode is set

program = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                           start_new_session=True)
keep = open(options["keep"], "wb") if options["keep"] else None
sent = open(options["sent"], "wb") if options["sent"] else None
unplug, total = int(options["unplug"]), 0
from_program, ended = program.stdout.fileno(), None
status = 0
try:
    while True:
        wanted = [master] + ([from_program] if ended is None else [])
        ready, _, _ = select.select(wanted, [], [], 0.1)
        if not is_open(master):
            break
        if master in ready:
            typed = os.read(master, 4096)
            try:
                program.stdin.write(typed)
            except BrokenPipeError:
                pass
        if from_program in ready:
            data = os.read(from_program, 4096)
            if not data:
                ended = time.time()
                continue
            if keep:
                keep.write(data)
            data = damaged(data)
            if sent:
                sent.write(data)
            total += len(data)
            while data:
                data = data[os.write(master, data):]
            if unplug and total >= unplug:
                time.sleep(0.3)  # until it was read
                break
        if ended is not None and time.time() - ended > float(options["seconds"]):
            break
except OSError:
    pass
finally:
    if program.poll() is None:
        os.killpg(program.pid, signal.SIGTERM)
    status = program.wait()
    os.close(master)
    os.unlink(link)
    for file in (keep, sent):
        if file:
            file.close()
print("lost %(lose)d flipped %(flip)d inserted %(insert)d" % counts, file=sys.stderr)
