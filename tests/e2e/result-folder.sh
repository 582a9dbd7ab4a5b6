#!/bin/sh
# Folders of results (frost report, frost profile) are there whole or not at all: they replace an
# earlier result at once, leave others alone, and are gone when a signal ends the command.
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
"$FROST" record -q -o "$TAP_DIR/long" "$TAP_DIR/app/init.lua" >/dev/null
"$FROST" record -q -o "$TAP_DIR/short" -e 'print(1)' >/dev/null

# ends NAME STATUS SIGNAL SEEN COMMAND...: the signal comes as soon as SEEN exists
ends() {
    ends_name=$1 ends_status=$2 ends_signal=$3 ends_seen=$4
    shift 4
    "$@" >"$TAP_DIR/out" 2>"$TAP_DIR/err" &
    pid=$!
    n=0
    while [ ! -e "$ends_seen" ] && kill -0 $pid 2>/dev/null && [ $n -lt 3000 ]; do
        n=$((n + 1))
        sleep 0.01
    done
    kill -"$ends_signal" $pid 2>/dev/null
    wait $pid 2>/dev/null
    tap_is "$ends_name: status" "$ends_status" $?
}
parts() {
    (cd "$TAP_DIR" && ls -d ./*.part frost-profile.* 2>/dev/null)
}
TMPDIR=$TAP_DIR
export TMPDIR

for signal in TERM HUP; do
    case $signal in TERM) number=143 ;; *) number=129 ;; esac
    ends "profile, SIG$signal while it analyses" $number $signal "$TAP_DIR/result.part/run1.trace" \
        "$FROST" profile -q -o "$TAP_DIR/result" "$TAP_DIR/app"
    want_no_file "profile, SIG$signal: no result" "$TAP_DIR/result"
    tap_is "profile, SIG$signal: nothing half done" "" "$(parts)"
done

want_status "frost report" 0 "$FROST" report -q -o "$TAP_DIR/result" "$TAP_DIR/short"
find "$TAP_DIR/result" -type f -exec cksum {} + | sort >"$TAP_DIR/before"
ends "report, SIGTERM while it writes" 143 TERM "$TAP_DIR/result.part/exports" \
    "$FROST" report -q -o "$TAP_DIR/result" "$TAP_DIR/long"
find "$TAP_DIR/result" -type f -exec cksum {} + | sort >"$TAP_DIR/after"
want_same "the earlier result is as it was" "$TAP_DIR/before" "$TAP_DIR/after"
tap_is "report, SIGTERM: nothing half done" "" "$(parts)"

# An ignored signal stays ignored (nohup).
(trap '' HUP
    ends "report, SIGHUP ignored" 0 HUP "$TAP_DIR/nohup.part" \
        "$FROST" report -q -o "$TAP_DIR/nohup" "$TAP_DIR/short"
    [ "$TAP_FAILED" = 0 ]) >"$TAP_DIR/nohup.out" &&
    tap_ok "an ignored signal is ignored" || tap_not_ok "an ignored signal is ignored" "$TAP_DIR/nohup.out"

# Ctrl-C, as a terminal sends it: to the whole group.
if command -v python3 >/dev/null; then
    cat >"$TAP_DIR/interrupt.py" <<'END'
import os, signal, subprocess, sys, time
seen, command = sys.argv[1], sys.argv[2:]
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell in the background ignores it
run = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
while not os.path.exists(seen) and run.poll() is None:
    time.sleep(0.005)
os.killpg(run.pid, signal.SIGINT)
sys.exit(128 - run.wait(60) if run.wait(60) < 0 else run.wait(60))
END
    want_status "profile, Ctrl-C while it analyses" 130 python3 "$TAP_DIR/interrupt.py" \
        "$TAP_DIR/interrupted.part/run1.trace" "$FROST" profile -q -o "$TAP_DIR/interrupted" "$TAP_DIR/app"
    tap_is "profile, Ctrl-C: nothing half done" "" "$(parts)"
else
    tap_missing "profile, Ctrl-C while it analyses" "no python3"
fi

# ---- what is replaced ----

want_status "a result replaces another" 0 "$FROST" report -q -o "$TAP_DIR/result/" "$TAP_DIR/long"
find "$TAP_DIR/result" -type f -exec cksum {} + | sort >"$TAP_DIR/after"
cmp -s "$TAP_DIR/before" "$TAP_DIR/after" && tap_not_ok "as a whole" || tap_ok "as a whole"
want_status "an empty folder is taken" 0 sh -c 'mkdir "$2/empty" && "$0" report -q -o "$2/empty" "$1"' \
    "$FROST" "$TAP_DIR/short" "$TAP_DIR"
echo mine >"$TAP_DIR/result/notes.txt"
for command in "report $TAP_DIR/short" "profile $TAP_DIR/app"; do
    want_status "frost ${command%% *} leaves a folder with other files alone" 2 \
        "$FROST" ${command%% *} -q -o "$TAP_DIR/result" ${command#* }
    want_text "frost ${command%% *} says which" "$TAP_DIR/err" "it has 'notes.txt'"
done
tap_is "it is as it was" mine "$(cat "$TAP_DIR/result/notes.txt")"
: >"$TAP_DIR/file"
want_status "a file is no folder" 2 "$FROST" report -q -o "$TAP_DIR/file" "$TAP_DIR/short"
tap_is "nothing is left over" "" "$(parts)"
tap_done
