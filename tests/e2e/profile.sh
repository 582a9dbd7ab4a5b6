#!/bin/sh
# The main job: from a directory of Lua to a list that saves RAM as predicted. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
TMPDIR=$TAP_DIR
export TMPDIR

# total NAME REPORT: a figure of a report's totals
total() {
    sed -n "s/^  \"$1\": \(.*[0-9]\),*\$/\1/p" "$2"
}

at_least() { # NAME WANT GOT: two decimals
    if awk "BEGIN { exit !(${3:-0} >= $2) }"; then
        tap_ok "$1 ($3)"
    else
        echo "got '$3', want $2 or more" >"$TAP_DIR/least"
        tap_not_ok "$1" "$TAP_DIR/least"
    fi
}

check_app() { # NAME DIRECTORY
    out=$TAP_DIR/result-$1
    want_status "$1: runs" 0 "$FROST" profile "$2" -o "$out"
    cp "$TAP_DIR/out" "$TAP_DIR/summary"
    for file in report.json summary.txt dummy_strings.lua lfs1.img lfs2.img run1.trace/metadata \
        run1.trace/events run2.trace/events run1.txt run2.txt; do
        [ -s "$out/$file" ] || tap_not_ok "$1: has $file"
    done
    tap_is "$1: nothing else is left" "" "$(cd "$TAP_DIR" && ls -d frost-profile.* *.part.* 2>/dev/null)"
    want_text "$1: summary on the terminal" "$TAP_DIR/summary" "saved, measured"
    tap_is "$1: RAM is saved as predicted" "$(total saved_predicted_bytes "$out/report.json")" \
        "$(total saved_measured_bytes "$out/report.json")"
    tap_is "$1: the list takes the flash that was predicted" \
        "$(total list_flash_predicted_bytes "$out/report.json")" \
        "$(total list_flash_bytes "$out/report.json")"
    tap_is "$1: a plain dump saves what was predicted" \
        "$(total dump_saved_predicted_bytes "$out/report.json")" \
        "$(total dump_saved_measured_bytes "$out/report.json")"
    at_least "$1: saves RAM" 1 "$(total saved_measured_bytes "$out/report.json")"
    # The dump is of this very run, with its data; the list has none of it.
    at_least "$1: saves more per byte of flash than a plain dump" 1.3 \
        "$(total vs_dump_ratio "$out/report.json")"
    "$FROST" strings --json --origin=all "$out/run1.trace" >"$TAP_DIR/all.json" 2>"$TAP_DIR/err"
    at_least "$1: of all sources a list saves no less than the whole dump" "$(total dump_saved_bytes "$TAP_DIR/all.json")" \
        "$(total saved_bytes "$TAP_DIR/all.json")"
    "$FROST" strings --json --origin=all --budget "$(total dump_flash_bytes "$TAP_DIR/all.json")" "$out/run1.trace" \
        >"$TAP_DIR/equal.json" 2>"$TAP_DIR/err"
    at_least "$1: nor does one of its flash" "$(total dump_saved_bytes "$TAP_DIR/all.json")" \
        "$(total saved_bytes "$TAP_DIR/equal.json")"
    tap_is "$1: each finding has its check" "" "$(python3 - "$out/report.json" <<'PYTHON'
import json, sys
rows = json.load(open(sys.argv[1]))["tables"]["advice"]["rows"]
by_kind = {}
for row in rows:
    by_kind.setdefault(row["kind"], []).append(row)
def near(a, b): return abs(a - b) <= 0.1 * abs(b) + 1
saved = [max(0, row["predicted_bytes"] or 0 if row["measured_bytes"] is None else row["measured_bytes"]) for row in rows]
bad = [] if saved == sorted(saved, reverse=True) else ["order of bytes"]
for row in rows:
    is_made = row["check"].startswith(("replayed", "run with inputs of its own"))
    if is_made != (row["kind"] in ("image", "strings", "freezer", "collector", "literal", "literals")):
        bad.append("check of " + row["what"] + ": " + row["check"])
    elif not is_made and not row["check"].startswith("none: "):
        bad.append("words of " + row["check"])
if {"image", "strings", "freezer"} - by_kind.keys():
    bad.append("kinds " + " ".join(by_kind))
if by_kind["strings"][0]["measured_bytes"] != by_kind["strings"][0]["predicted_bytes"]:
    bad.append("list")
for row in by_kind.get("collector", []) + by_kind.get("literal", []):
    if not near(row["measured_ms"], row["predicted_ms"]):
        bad.append(f'{row["what"]}: {row["predicted_ms"]} predicted, {row["measured_ms"]} measured')
print(*bad, sep="; ")
PYTHON
)"
    want_text "$1: in words, too" "$out/summary.txt" "finding: add dummy_strings.lua to the image: "
    want_same "$1: prints the same with the list" "$out/run1.txt" "$out/run2.txt"
    if command -v python3 >/dev/null; then
        want_status "$1: report conforms to its schema" 0 \
            python3 tests/support/schema.py reports/schema/profile.json "$out/report.json"
        want_status "$1: run.json conforms to its schema" 0 \
            python3 tests/support/schema.py reports/schema/run.json "$out/run1.trace/.frost/run.json"
    fi
    if command -v lua5.1 >/dev/null; then
        want_status "$1: the list is Lua 5.1" 0 lua5.1 "$out/dummy_strings.lua"
    fi
    want_status "$1: the list is what the analysis wants" 0 "$FROST" strings --check \
        "$out/dummy_strings.lua" "$out/run1.trace"
}

check_app sensor-node examples/sensor-node
check_app command-console examples/command-console
if [ -e /usr/share/lua/5.1/inspect.lua ] && sh tests/e2e/make-debian-app "$TAP_DIR/debian" \
    >"$TAP_DIR/make" 2>&1; then
    check_app debian "$TAP_DIR/debian"
else
    tap_missing "debian application" "Debian's Lua packages are not there"
fi

# ---- the same run gives the same trace and the same list ----

want_status "again" 0 "$FROST" profile -q --no-compare-dump -o "$TAP_DIR/again" examples/sensor-node
want_same "same list again" "$TAP_DIR/result-sensor-node/dummy_strings.lua" \
    "$TAP_DIR/again/dummy_strings.lua"
"$FROST" trace dump --form=events "$TAP_DIR/result-sensor-node/run1.trace" | cksum >"$TAP_DIR/sum1"
"$FROST" trace dump --form=events "$TAP_DIR/again/run1.trace" | cksum >"$TAP_DIR/sum2"
want_same "same trace again" "$TAP_DIR/sum1" "$TAP_DIR/sum2"

# ---- findings are not followed if that is not wanted ----

want_status "without checks" 0 "$FROST" profile -q --worlds 0 --no-checks -o "$TAP_DIR/unchecked" examples/sensor-node
want_text "says so" "$TAP_DIR/unchecked/report.json" '"check":"none: --no-checks"'
# A literal that begins a line after what could be called stays in the source, so no run can tell.
mkdir "$TAP_DIR/stays"
cat >"$TAP_DIR/stays/init.lua" <<'END'
local words = require "words"
local n = 0
for i = 1, 300 do n = n + words(i .. " steps") end
print(n)
END
cat >"$TAP_DIR/stays/words.lua" <<'END'
return function(text)
    return #text:match
    "[0-9]+ ?[a-z]+"
end
END
want_status "a literal that stays" 0 "$FROST" profile -q --worlds 0 -o "$TAP_DIR/stays.out" "$TAP_DIR/stays"
want_text "is not said to be replayed" "$TAP_DIR/stays.out/report.json" '"check":"none: no source has this text as a literal that can be exchanged"'
tap_is "and has the same list" "$(total list_strings "$TAP_DIR/again/report.json")" "$(total list_strings "$TAP_DIR/unchecked/report.json")"

# ---- a budget is kept ----

want_status "budget" 0 "$FROST" profile --worlds 0 -q --budget=3K -o "$TAP_DIR/budget" examples/sensor-node
at_least "budget is kept" "$(total list_flash_bytes "$TAP_DIR/budget/report.json")" 3072
at_least "budget is used" 1 "$(total saved_measured_bytes "$TAP_DIR/budget/report.json")"

# ---- applications that cannot be profiled ----

app() { # NAME: a new directory, its path in $app
    app=$TAP_DIR/apps/$1
    mkdir -p "$app"
}

refused() { # NAME STATUS TEXT ARGUMENT...
    name=$1 status=$2 text=$3
    shift 3
    want_status "$name" "$status" "$FROST" profile --worlds 0 -o "$TAP_DIR/refused" "$@"
    want_text "$name: reason" "$TAP_DIR/err" "$text"
    want_no_file "$name: no result" "$TAP_DIR/refused"
    tap_is "$name: nothing is left" "" "$(cd "$TAP_DIR" && ls -d frost-profile.* *.part.* 2>/dev/null)"
}

refused "no directory" 4 "No such file or directory" "$TAP_DIR/nowhere"
refused "no operand" 2 "needs one directory"
app empty
refused "no init.lua" 4 "has no init.lua" "$app"
app twice
mkdir "$app/a"
echo 'return ...' | tee "$app/a.b.lua" >"$app/a/b.lua"
echo 'dofile("a.b.lua") dofile("a/b.lua")' >"$app/init.lua"
refused "two modules of one name" 2 "would both be the module 'a.b'" "$app"
app good
echo 'print("x")' >"$app/init.lua"
refused "flash of one's own" 2 "unknown option '--flash'" --flash x.bin "$app"
mkdir "$TAP_DIR/mine" && echo precious >"$TAP_DIR/mine/file"
want_status "a directory of somebody else" 2 "$FROST" profile --worlds 0 -o "$TAP_DIR/mine" "$app"
tap_is "is left alone" precious "$(cat "$TAP_DIR/mine/file")"

# ---- how the program ends ----

# first_line NAME RESULT TEXT: every form of the result begins with it.
first_line() {
    sed -n 1p "$2/summary.txt" >"$TAP_DIR/first"
    sed -n 2p "$2/summary.md" >>"$TAP_DIR/first"
    grep -h '"title"' "$2/report.json" | sed -n 1p >>"$TAP_DIR/first"
    grep -h '<h1' "$2/report.html" | sed -n 1p >>"$TAP_DIR/first"
    tap_is "$1: said first in all four forms" 4 "$(grep -c "$3" "$TAP_DIR/first")"
}

app syntax
echo 'require("broken")' >"$app/init.lua"
echo 'local x = = 1' >"$app/broken.lua"
want_status "syntax error in a module" 1 "$FROST" profile --worlds 0 -o "$TAP_DIR/syntax" "$app"
want_text "syntax error in a module: told" "$TAP_DIR/err" "broken.lua:1: unexpected symbol near '='"
first_line "syntax error in a module" "$TAP_DIR/syntax" "The program failed: error loading module 'broken'"

# A program that fails says so; no list is made from it.
app failing
echo 'print("before") error("on purpose")' >"$app/init.lua"
want_status "a program that fails" 1 "$FROST" profile --worlds 0 -o "$TAP_DIR/failing" "$app"
want_text "its message is shown" "$TAP_DIR/err" "init.lua:1: on purpose"
first_line "a program that fails" "$TAP_DIR/failing" "The program failed: init.lua:1: on purpose"
want_no_file "a program that fails: no list" "$TAP_DIR/failing/dummy_strings.lua"
want_no_file "a program that fails: no second run" "$TAP_DIR/failing/run2.trace"
want_text "what it printed is there" "$TAP_DIR/failing/run1.txt" before
if grep -q "on purpose" "$TAP_DIR/failing/strings.txt" 2>/dev/null; then
    tap_not_ok "a program that fails: its message is no candidate" "$TAP_DIR/failing/strings.txt"
fi
app heapless
echo 'local t = {} for i = 1, 1e6 do t[i] = {} end' >"$app/init.lua"
want_status "out of memory" 1 "$FROST" profile --worlds 0 -q -o "$TAP_DIR/heapless" "$app"
first_line "out of memory" "$TAP_DIR/heapless" "The program failed: not enough memory"

# One that does not end is ended: an ordinary run.
app blink
cat >"$app/init.lua" <<'END'
local on = false
tmr.create():alarm(500, tmr.ALARM_AUTO, function() on = not on print("led", on, "a long text of it") end)
END
want_status "a timer that does not end" 0 "$FROST" profile --worlds 0 -o "$TAP_DIR/blink" "$app"
want_text "a timer that does not end: the limit is said" "$TAP_DIR/err" "at most 60 s of device time"
first_line "a timer that does not end" "$TAP_DIR/blink" "ended after 60 s of device time (--duration)"
tap_is "it ran for a minute, the 120th time is a little later" 119 "$(wc -l <"$TAP_DIR/blink/run1.txt")"
want_same "and as long with the list" "$TAP_DIR/blink/run1.txt" "$TAP_DIR/blink/run2.txt"
want_status "a shorter one" 0 "$FROST" profile --worlds 0 -q --duration=3000 -o "$TAP_DIR/blink" "$app"
tap_is "lasts as long as it is told" 5 "$(wc -l <"$TAP_DIR/blink/run1.txt")"
app busy
echo 'print("a text") while true do local t = {} end' >"$app/init.lua"
want_status "a loop that does not end" 0 "$FROST" profile --worlds 0 -q --duration=500 -o "$TAP_DIR/busy" "$app"
first_line "a loop that does not end" "$TAP_DIR/busy" "ended after 0.5 s of device time (--duration)"
for run in 1 2; do
    want_text "run $run is ended by its duration" "$TAP_DIR/busy/run$run.trace/.frost/run.json" '"ended_by": "duration"'
    "$FROST" trace dump --form=events "$TAP_DIR/busy/run$run.trace" | sed -n '$s/ .*//p' >>"$TAP_DIR/ends"
done
at_least "both end at the same point" 0.99 "$(awk '{ c[n++] = $1 } END { print c[0] / c[1] }' "$TAP_DIR/ends")"
at_least "both end at the same point" 0.99 "$(awk '{ c[n++] = $1 } END { print c[1] / c[0] }' "$TAP_DIR/ends")"

# No module, hence no image in the first run.
app alone
echo 'local t = {} for i = 1, 20 do t[i] = "a rather long text " .. i end print(#t)' >"$app/init.lua"
want_status "a program without modules" 0 "$FROST" profile --worlds 0 -o "$TAP_DIR/alone" "$app"
tap_is "RAM is saved as predicted without modules" \
    "$(total saved_predicted_bytes "$TAP_DIR/alone/report.json")" \
    "$(total saved_measured_bytes "$TAP_DIR/alone/report.json")"

# A name that the compiler could take for NAME=FILE.
app equals
mkdir "$app/x=y"
echo 'return "from " .. ...' | tee "$app/a=b.lua" >"$app/x=y/c.lua"
echo 'print(require("a=b"), require("x=y.c"))' >"$app/init.lua"
want_status "a module whose name has a =" 0 "$FROST" profile --worlds 0 -q -o "$TAP_DIR/equals" "$app"
tap_is "it stays a file" "from a=b	from x=y.c" "$(cat "$TAP_DIR/equals/run1.txt")"

# Its own list gives way to the new one; files that are not Lua are there for the program.
app listed
echo 'local preload = "old"' >"$app/dummy_strings.lua"
echo 'some text' >"$app/data.txt"
echo 'local f = file.open("data.txt") print(f:read()) f:close()' >"$app/init.lua"
want_status "an application with a list" 0 "$FROST" profile --worlds 0 -o "$TAP_DIR/listed" "$app"
want_text "says that the old list is left out" "$TAP_DIR/out" "was left out"
want_text "the program finds its file" "$TAP_DIR/listed/run1.txt" "some text"
if grep -q "some text" "$TAP_DIR/listed/dummy_strings.lua" "$TAP_DIR/listed/report.json"; then
    tap_not_ok "what was read from a file stays out" "$TAP_DIR/listed/dummy_strings.lua"
else
    tap_ok "what was read from a file stays out"
fi

# ---- a VM that cannot take the recorder's ring ----

mkdir -p "$TAP_DIR/mixed/libexec/frost"
cp "$FROST" "$TAP_DIR/mixed/frost"
ln -s "$O"/libexec/frost/* "$TAP_DIR/mixed/libexec/frost/"
rm "$TAP_DIR/mixed/libexec/frost/frostvm-float-probed"
cat >"$TAP_DIR/mixed/libexec/frost/frostvm-float-probed" <<END
#!/bin/sh
exec 3</dev/null
for option; do # no ring behind it
    shift
    case \$option in --trace-fd=*) option=--trace-fd=3 ;; esac
    set -- "\$@" "\$option"
done
exec "$O/libexec/frost/frostvm-float-probed" "\$@"
END
chmod +x "$TAP_DIR/mixed/libexec/frost/frostvm-float-probed"
want_status "a VM that does not start" 4 "$TAP_DIR/mixed/frost" profile -o "$TAP_DIR/none" "$app"
want_text "says why, as frost record does" "$TAP_DIR/err" "ring cannot be used: wrong size"

# ---- nobody reads the summary to its end ----

"$FROST" profile --worlds 0 -q -o "$TAP_DIR/cut" "$app" | head -n 1 >"$TAP_DIR/line"
want_text "a summary that is cut: result is there" "$TAP_DIR/cut/summary.txt" "saved, measured"
tap_is "a summary that is cut: nothing else is left" "" \
    "$(cd "$TAP_DIR" && ls -d frost-profile.* *.part.* 2>/dev/null)"

# ---- a full disk ----

if (ulimit -f 100) 2>/dev/null; then
    want_status "a disk that is full" 4 sh -c \
        'trap "" XFSZ; ulimit -f 100; exec "$0" profile -o "$1/full" examples/sensor-node' \
        "$FROST" "$TAP_DIR"
    want_no_file "a disk that is full: no result" "$TAP_DIR/full"
    want_no_file "a disk that is full: no part" "$TAP_DIR/full".part.*
fi
tap_done
