#!/bin/sh
# Results are there whole or not at all. They replace an earlier result at once and never remove what
# they have not made: other directories and files, whatever their names, what links lead to, the work
# of another frost. A signal ends a command in order; what a killed one has left is cleared.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

# A run whose analysis takes a while.
mkdir "$TAP_DIR/app"
cat >"$TAP_DIR/app/init.lua" <<'END'
local kept = {}
for i = 1, 60000 do kept[i % 50 + 1] = "text number " .. i end
print(#kept)
END
mkdir "$TAP_DIR/endless"
echo 'print("begun") while true do local t = {} end' >"$TAP_DIR/endless/init.lua"
"$FROST" record -q -o "$TAP_DIR/long" "$TAP_DIR/app/init.lua" >/dev/null
"$FROST" record -q -o "$TAP_DIR/short" -e 'print(1)' >/dev/null
"$FROST" trace dump "$TAP_DIR/short" >"$TAP_DIR/short.tracetxt"
cd "$TAP_DIR" || exit 1

wait_for() { # PATTERN PID: until there is something in such a file, or the process has ended
    while ! [ -s $1 ] >/dev/null 2>&1 && kill -0 "$2" 2>/dev/null; do sleep 0.01; done
}
# ends NAME STATUS SIGNAL SEEN COMMAND...: the signal comes as soon as SEEN, a pattern, exists
ends() {
    ends_name=$1 ends_status=$2 ends_signal=$3 ends_seen=$4
    shift 4
    for try in 1 2 3 4 5 6 7 8 9 10; do # it may be through before the signal comes
        "$@" >out 2>err &
        pid=$!
        wait_for "$ends_seen" $pid
        kill -"$ends_signal" $pid 2>/dev/null
        wait $pid 2>/dev/null
        ends_got=$?
        [ $ends_got = 0 ] && [ "$ends_status" != 0 ] && rm -rf result && "$FROST" report -q -o result short ||
            break
    done
    tap_is "$ends_name: status" "$ends_status" $ends_got
}
parts() {
    ls -d ./*.part.* 2>/dev/null
}
sums() { # DIRECTORY: of everything in it, links as links
    find "$1" \( -type f -exec cksum {} + -o -type l -exec readlink {} + \) | sort
}

# ---- signals ----

for signal in TERM INT HUP; do
    # A shell in the background ignores SIGINT; env does not.
    ends "profile, SIG$signal while the program runs" 0 $signal "result-$signal.part.*/run0.trace/events" \
        env --default-signal=INT "$FROST" profile --worlds 0 -q -o "result-$signal" endless
    want_text "profile, SIG$signal: its first line says so" "result-$signal/summary.txt" "ended by a signal"
    for file in dummy_strings.lua report.html run0.trace/events; do
        [ -s "result-$signal/$file" ] || tap_not_ok "profile, SIG$signal: has $file"
    done
    want_no_file "profile, SIG$signal: no other run is begun" "result-$signal/run2.trace"
    tap_is "profile, SIG$signal: nothing half done" "" "$(parts)"
done
want_text "its first line says so" result-TERM/report.json "ended by a signal"

want_status "frost report" 0 "$FROST" report -q -o result short
sums result >before
ends "report, SIGTERM while it writes" 143 TERM "result.part.*/exports" \
    "$FROST" report -q -o result long
sums result >after
want_same "the earlier result is as it was" before after
tap_is "report, SIGTERM: nothing half done" "" "$(parts)"

# An ignored signal stays ignored (nohup).
(trap '' HUP
    ends "report, SIGHUP ignored" 0 HUP "nohup.part.*" "$FROST" report -q -o nohup short
    [ "$TAP_FAILED" = 0 ]) >nohup.out && tap_ok "an ignored signal is ignored" ||
    tap_not_ok "an ignored signal is ignored" nohup.out

# Ctrl-C, as a terminal sends it: to the whole group. The second ends it at once.
if command -v python3 >/dev/null; then
    cat >interrupt.py <<'END'
import glob, os, signal, subprocess, sys, time
count, seen, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell in the background ignores it
run = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
def size():
    return sum(os.path.getsize(f) for f in glob.glob(seen))
while not size() and run.poll() is None:
    time.sleep(0.005)
while count > 1 and not glob.glob("twice.part.*/.frost/work/fs/stuck") and run.poll() is None:
    time.sleep(0.005)
last = -1  # whoever is stuck writes nothing more
while count > 1 and size() != last and run.poll() is None:
    last = size()
    time.sleep(0.5)
try:
    os.killpg(run.pid, signal.SIGINT)
    while count > 1 and run.poll() is None:
        time.sleep(0.3)  # what a person leaves between two; two that come at once are one
        os.killpg(run.pid, signal.SIGINT)
except ProcessLookupError:
    pass
status = run.wait(120)
sys.exit(128 - status if status < 0 else status)
END
    want_status "profile, Ctrl-C" 0 python3 interrupt.py 1 "interrupted.part.*/run0.trace/events" \
        "$FROST" profile --worlds 0 -q -o interrupted endless
    want_text "profile, Ctrl-C: what there is is the result" interrupted/summary.txt "ended by a signal"
    # A C function that does not end: only the second signal helps.
    mkdir stuck
    echo 'for i = 1, 20000 do local s = "text " .. i end file.putcontents("stuck", "") print(string.find(string.rep("a", 40), string.rep("a?", 40) .. string.rep("a", 40)))' >stuck/init.lua
    want_status "profile, Ctrl-C twice" 130 python3 interrupt.py 2 "twice.part.*/run0.trace/events" \
        "$FROST" profile --worlds 0 -q --heap 1M -o twice stuck
    want_no_file "profile, Ctrl-C twice: no result" twice
    tap_is "profile, Ctrl-C twice: nothing half done" "" "$(parts)"
else
    tap_missing "profile, Ctrl-C" "no python3"
fi

ends "record --snapshot=peak, SIGTERM" 0 TERM "peak.part.*/events" \
    "$FROST" record -q --snapshot=peak -o peak endless/init.lua
want_status "what there is is the result" 0 "$FROST" gc peak
want_text "and says so" out "ended by a signal"
tap_is "record --snapshot=peak: nothing half done" "" "$(parts)"

# ---- in an application's directory ----

mkdir own
cat >own/init.lua <<'END'
for name in pairs(file.list()) do
    print("has " .. name)
    if name ~= "init.lua" then file.remove(name) end
end
print(file.getcontents("frost.trace/events"))
END
(cd own && "$FROST" report -q -o result ../short)
sums own >before
for i in 1 2; do
    want_status "a recording in the program's directory, $i" 0 sh -c 'cd own && "$0" record -q init.lua' "$FROST"
    tap_is "is no file of the program, nor are results, $i" "has init.lua" "$(echo $(cat out))"
done
rm -r own/frost.trace
sums own >after
want_same "and cannot be removed by it" before after
want_status "an application with results in it" 0 sh -c 'cd own && "$0" profile --worlds 0 -q .' "$FROST"
grep -q '"path":"result' own/frost-profile/report.json && tap_not_ok "they are no part of it" ||
    tap_ok "they are no part of it"
echo 'local function' >own/result/summary.lua
want_status "frost lint leaves them out" 0 "$FROST" lint own
want_status "frost flash build, too" 0 "$FROST" flash build -o own.bin --files own
want_status "its files" 0 "$FROST" flash fs ls own.bin
tap_is "are those of the application" init.lua "$(grep -o 'init[.]lua\|result.*\|summary.*' out)"

# ---- what is replaced, and what is not ----

want_status "a result replaces another" 0 "$FROST" report -q -o result/ long
sums result >after
cmp -s before after && tap_not_ok "as a whole" || tap_ok "as a whole"
want_status "an empty directory is taken" 0 sh -c 'mkdir empty && "$0" report -q -o empty short' "$FROST"

mkdir -p precious/plots precious/exports named/plots thesis.part thesis.part.abcdef/.frost
echo mine | tee result/notes.txt precious/secret named/events named/plots/figure.svg thesis.part/a.txt \
    thesis.part.abcdef/a.txt >file
echo 'f a.txt' >thesis.part.abcdef/.frost/files # not ours: no head, another name
printf 'thesis.part.ABCDEF\n1\n' >thesis.part.abcdef/.frost/unfinished
mkdir traces
"$FROST" record -q -o traces/links -e 'print(1)' >/dev/null
rm -r traces/links/.frost && ln -s ../../precious traces/links/.frost
"$FROST" record -q -o traces/inner -e 'print(1)' >/dev/null
rm traces/inner/events && ln -s ../../precious/secret traces/inner/events
"$FROST" report -q -o linked short
rm -r linked/plots && ln -s ../precious linked/plots
"$FROST" report -q -o listed short # its list is a stranger's
printf 'frost/files/1\nf ../precious/secret\nd ../precious/plots\nf plots/../../precious/secret\n' >listed/.frost/files
for directory in result precious named traces linked listed thesis.part thesis.part.abcdef; do
    sums $directory
done >before
try() { # TARGET COMMAND: refused with status 2, and nothing is touched
    case $2 in
    report) set -- "$1" "$2" short ;;
    profile) set -- "$1" "$2" app ;;
    record) set -- "$1" "$2" app/init.lua ;;
    esac
    want_status "frost $2 -o $1 is refused" 2 "$FROST" "$2" -q -o "$1" "$3"
    want_text "frost $2 -o $1 says why" err "${4:-exists and is no result of frost}"
}
want_status() { # as in tap.sh, here
    want_name=$1 want=$2
    shift 2
    "$@" >out 2>err
    tap_is "$want_name" "$want" $?
}
for command in report profile record; do
    for target in result precious named traces/links traces/inner linked listed; do
        try $target $command
    done
    want_status "frost $command -o FILE is refused" 2 "$FROST" $command -q -o file short
done
try result report
want_text "frost report says what is not its own" err "it has 'notes.txt'"
want_status "a trace made of text is no exception" 2 "$FROST" trace assemble short.tracetxt traces/links
for command in "report -q -o thesis short" "record -q -o thesis app/init.lua" "profile -q -o thesis app"; do
    want_status "beside thesis.part: frost ${command%% *}" 0 "$FROST" $command
done
for directory in result precious named traces linked listed thesis.part thesis.part.abcdef; do
    sums $directory
done >after
want_same "all that is as it was" before after
tap_is "a file of the user, too" mine "$(cat file)"

# A link in place of the target stands for what it leads to.
"$FROST" report -q -o real short
chmod 750 real
ln -s real link
want_status "a link to a result" 0 "$FROST" report -q -o link long
[ -L link ] && tap_ok "stays a link" || tap_not_ok "stays a link"
tap_is "what it leads to keeps its mode" 750 "$(stat -c %a real)"
want_text "and is the new result" real/strings.txt long

# A trace of an older version has no list.
cp -r short old
rm old/.frost/files
want_status "a trace of an older version is replaced" 0 "$FROST" record -q -o old app/init.lua

# ---- files ----

echo old >target
chmod 640 target
ln -s target to-target
ln target twin
ln -s new-one dangling
for name in to-target dangling; do
    want_status "frost strings -o $name" 0 "$FROST" strings -q -o $name short
    [ -L $name ] && tap_ok "$name stays a link" || tap_not_ok "$name stays a link"
done
tap_is "a file keeps its mode" 640 "$(stat -c %a target)"
want_same "and its other names" target twin
tap_is "what a link leads to is made" "" "$(cmp target new-one 2>&1)"

# ---- two at once, and kill -9 ----

"$FROST" profile --worlds 0 -q -o both endless >first.out 2>first.err &
pid=$!
wait_for "both.part.*/run0.trace/events" $pid
for command in "profile -q -o both app" "record -q -o ./both/ app/init.lua" "report -q -o $TAP_DIR/both short"; do
    want_status "a second job for it: frost ${command%% *}" 4 "$FROST" $command
    want_text "(says why)" err "is being made by another frost (process $pid)"
done
kill $pid
wait $pid
tap_is "the first one ends as if it were alone" 0 $?
[ -s both/dummy_strings.lua ] && tap_ok "with its result" || tap_not_ok "with its result"

for command in "profile -q -o dead endless" "record -q -o dead endless/init.lua" "report -q -o dead long"; do
    "$FROST" $command >out 2>err &
    pid=$!
    wait_for "dead.part.*/.frost/unfinished" $pid
    kill -KILL $pid
    wait $pid 2>/dev/null
    tap_is "killed: frost ${command%% *}" 1 "$(ls -d dead.part.* | wc -l)"
    [ -e dead.part.mine ] || cp -r dead.part.* dead.part.mine
    want_status "the next one works" 0 "$FROST" record -q -o dead app/init.lua
    tap_is "and clears it away, but no copy" dead.part.mine "$(ls -d dead.part.*)"
    mv dead.part.mine kept
    rm -rf kept
done
"$FROST" record -q -o dead endless/init.lua >out 2>err &
pid=$!
wait_for "dead.part.*/events" $pid
child=$(cat /proc/$pid/task/$pid/children)
kill -KILL $pid
wait $pid 2>/dev/null
for try in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 $child 2>/dev/null && sleep 0.2
done
kill -0 $child 2>/dev/null && tap_not_ok "the program of a killed recording goes, too" ||
    tap_ok "the program of a killed recording goes, too"
echo mine >"$(ls -d dead.part.*)/notes.txt"
want_status "beside what a killed one has left" 0 "$FROST" record -q -o dead app/init.lua
tap_is "what somebody has put there stays" mine "$(cat dead.part.*/notes.txt)"
tap_is "alone" notes.txt "$(ls -A dead.part.*)"
rm -r dead.part.*
tap_is "nothing is left over" thesis.part.abcdef "$(ls -d ./*.part.* | sed 's,^./,,')"
tap_done
