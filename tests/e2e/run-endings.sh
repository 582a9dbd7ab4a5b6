#!/bin/sh
# How a run ended is said first, in the same words, by every command and in every form: a run that
# failed, one that was cut, ended by a signal or killed, one with losses. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
tap_needs "$FROST" ps
cd "$TAP_DIR" || exit 1

keeps='local t = {} for i = 1, 40 do t[i] = "item number " .. i end print("the last words")'
endless='local n = 0 local function f() n = n + 1 for i = 1, 999 do end local x = "n" .. n
    node.task.post(f) end node.task.post(f)'

# ---- a run of each kind ----

want_status "whole: recorded" 0 "$FROST" record -q -o whole -e "$keeps"
want_status "failed: recorded" 1 "$FROST" record -q -o failed -e "$keeps error('on purpose')"
want_status "heapless: recorded" 1 "$FROST" record -q -o heapless \
    -e 'local t = {} for i = 1, 1e6 do t[i] = "item number " .. i end'
want_status "panic: recorded" 1 "$FROST" record -q -o panic \
    -e "$keeps node.task.post(function() error('in a task') end)"
want_status "cut: recorded" 0 "$FROST" record -q -o cut --duration=2 -e "$keeps $endless"

# Starts a recording without an end and waits until it is under way; its number is in $recorder.
start() { # NAME
    "$FROST" record -q --duration=1000000000 -o "$1" -e "$keeps $endless" >"$1.out" 2>&1 &
    recorder=$!
    wait_until has_begun "$1"
}
has_begun() { [ "$(stat -c %s "$1".part.*/events 2>/dev/null || echo 0)" -gt 50000 ]; }
start stopped
kill -TERM $recorder
wait $recorder
start killed
kill -KILL "$(ps -o pid= --ppid $recorder)"
wait $recorder
# A process that is killed while it writes an event leaves a part of it: one event is lost.
torn=$("$FROST" size killed 2>/dev/null | sed -n 's/^Incomplete input: \(1 event lost by the recorder; \).*/\1/p')

# Two traces that the recorder of a line would leave: losses, and no end at all.
"$FROST" trace dump -o whole.txt whole
want_status "lossy: made" 0 sh -c \
    'sed "2s/ discarded=0/ discarded=7/" whole.txt >lossy.txt; "$0" trace assemble lossy.txt lossy' "$FROST"
want_status "endless: made" 0 sh -c \
    'sed "s/\"exit_status\":0,\"ended_by\":\"program\",//; / end /d" whole.txt >endless.txt; "$0" trace assemble endless.txt endless' "$FROST"

# ---- what is said of each ----

words() { # KIND: of the ending, then of the losses
    missing=
    case $1 in
    whole) ending= ;;
    failed) ending='The program failed: (command line):1: on purpose (it printed last: the last words)' ;;
    heapless) ending='The program failed: not enough memory' ;;
    panic) ending='The program failed: (command line):1: in a task (it printed last: the last words)' ;;
    cut) ending='The run was ended after 0.002 s of device time (--duration)' ;;
    stopped) ending='The run was ended by a signal' ;;
    killed) ending='The run was ended by signal 9 (Killed)' missing="${torn}1 run without an end;" ;;
    lossy) ending= missing='7 events lost by the recorder;' ;;
    endless) ending= missing='1 run without an end;' ;;
    esac
    missing=${missing:+Incomplete input: $missing figures cover what was read}
}

# The first line of a text, or the title of a JSON document, a page, a summary.
title_of() { # FILE
    case $1 in
    *.json) sed -n 's/^ "title": "\(.*\)",$/\1/p' "$1" | sed -n 1p ;;
    *.html) sed -n 's/^<h1>\(.*\)<\/h1>$/\1/p' "$1" ;;
    *.md) sed -n '2s/^## //p' "$1" | tr -d '\\' ;;
    *) sed -n 1p "$1" ;;
    esac
}

# A form begins with the ending; where there are losses it says so, too.
begins() { # NAME FILE
    title=$(title_of "$2")
    case $title in
    "${ending:+$ending. }"[A-Z]*) ;;
    *)
        printf 'begins: %s\nwant:   %s\n' "$title" "$ending" >why
        tap_not_ok "$1" why
        return
        ;;
    esac
    if [ -z "$ending" ] && grep -q "The program failed\|The run was ended" "$2"; then
        tap_not_ok "$1: nothing is made up" "$2"
    elif [ -n "$missing" ] && [ "${2%.json}" = "$2" ] && ! grep -qF "$missing" "$2"; then
        tap_not_ok "$1: says what is missing" "$2"
    else
        tap_ok "$1"
    fi
}

# Standard error has the same words; nothing of it, if there is nothing to say.
says() { # NAME FILE COMMAND KIND
    {
        [ -z "$ending" ] || echo "frost $3: $4: $ending"
        [ -z "$missing" ] || echo "frost $3: $missing"
    } >want
    grep "The program failed\|The run was ended\|Incomplete input" "$2" >got
    want_same "$1" want got
}

for kind in whole failed heapless panic cut stopped killed lossy endless; do
    words $kind
    case $kind in
    failed | heapless | panic) chosen=1 ;;
    *) chosen=0 ;;
    esac
    for command in strings size gc hot; do
        status=0
        [ $command = strings ] && status=$chosen
        for form in text json markdown html; do
            want_status "$kind: $command as $form: status" $status "$FROST" $command --format=$form $kind
            file=$command.$form
            [ $form = markdown ] && file=$command.md
            cp out "$file"
            begins "$kind: $command as $form begins with it" "$file"
            says "$kind: $command as $form: standard error" err $command $kind
        done
        want_status "$kind: $command, quiet" $status "$FROST" $command -q $kind
        tap_is "$kind: $command, quiet: nothing on standard error" "" "$(cat err)"
    done
    want_status "$kind: report: status" $chosen "$FROST" report -o report $kind
    says "$kind: report: standard error" err report $kind
    for file in report.html summary.md strings.txt strings.json size.txt size.json gc.txt gc.json hot.txt hot.json; do
        begins "$kind: report: $file begins with it" report/$file
    done
    for format in callgrind dhat folded folded-peak pprof; do
        want_status "$kind: export to $format" 0 "$FROST" export --to=$format -o export.$format $kind
        says "$kind: export to $format: standard error" err export $kind
    done
    gzip -dc export.pprof >export.plain
    for file in export.callgrind export.dhat export.plain; do
        [ -z "$ending$missing" ] || want_text "$kind: $file says it" $file "${ending:-$missing}"
    done
    # A list is made from all but what failed.
    rm -f list.lua
    want_status "$kind: list: status" $chosen "$FROST" strings -o list.lua $kind
    says "$kind: list: standard error" err strings $kind
    if [ $chosen = 1 ]; then
        want_no_file "$kind: no list" list.lua
        want_no_file "$kind: no list in the report" report/dummy_strings.lua
        want_text "$kind: list: why" err "no list is made from a run that failed"
        want_status "$kind: a list can be wanted all the same" 0 "$FROST" strings --force -o list.lua $kind
        tap_is "$kind: but what it failed with is in no list" "" "$(grep -F '(command line):1:' list.lua)"
        want_status "$kind: a list is not judged by it" 1 "$FROST" strings --check list.lua $kind
        want_status "... unless wanted" 0 "$FROST" strings --force --check list.lua $kind
    else
        want_status "$kind: the list is there" 0 test -s list.lua
        sed '/^-- Made again by: /d' list.lua >plain.lua # only a list that was asked for says it
        want_same "$kind: the same in the report" plain.lua report/dummy_strings.lua
    fi
done

# Who reads the output has seen enough: that ends a program, an endless one too, without a word.
piped() { # COMMAND...: its status, its messages in err
    { "$@" 2>err; echo $? >piped.status; } | head -c 1 >/dev/null
    cat piped.status
}
endless='while true do print("line") end'
tap_is "frost run | head" 141 "$(piped timeout 300 "$FROST" run -e "$endless")"
tap_is "frost run | head: says nothing" "" "$(cat err)"
tap_is "frost record | head" 141 "$(piped timeout 300 "$FROST" record -q -o piped -e "$endless")"
tap_is "frost record | head: says nothing" "" "$(cat err)"
want_status "its trace" 0 "$FROST" gc piped
tap_is "is that of a run that was ended" "The run was ended by signal 13 (Broken pipe). What the collector does, and why" \
    "$(sed -n 1p out)"
for code in "$endless" 'while true do io.write("line") end' 'while true do io.stderr:write("line") end'; do
    tap_is "frost-lua | head: ${code%)*}" 141 "$(piped timeout 300 sh -c 'exec "$0-lua" -e "$1" 2>&1' "$FROST" "$code")"
done

# Of several runs it is said which: the list needs all of them.
want_status "two runs, one failed" 1 "$FROST" strings -o both.lua whole failed
want_no_file "two runs, one failed: no list" both.lua
want_status "two runs, one failed: sizes" 0 "$FROST" size whole failed
tap_is "two runs, one failed: named" "failed: The program failed: (command line):1: on purpose" \
    "$(sed -n '1s/ (it printed.*//p' out)"
want_status "three runs, two not whole" 0 "$FROST" size whole cut stopped
tap_is "three runs, two not whole: counted" \
    "cut: The run was ended after 0.002 s of device time (--duration) (and 1 other run not by itself). Where RAM and flash go" \
    "$(sed -n 1p out)"
tap_done
