#!/bin/sh
# --exclude RE: no output of any command has a text that matches. The texts that are to stay out
# stand wherever a text can: constants, what is made of them, chunk and module names, globals,
# messages, files, image names, the last lines of a run. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
tap_needs "$FROST" gzip
cd "$TAP_DIR" || exit 1

# ---- a program that is full of it ----

mark=Zq7
mkdir app
cat >app/init.lua <<'END'
Zq7global = {}
Zq7global.made = loadstring("local t = {} t.made = {} return t", "=Zq7chunk")()
local mod = node.LFS.get("Zq7mod")()
for i = 1, 150 do Zq7global[i] = "item Zq7 number " .. i end
mod.Zq7field = mod.keep("the Zq7 key")
function Zq7function() return Zq7global end
print("printed Zq7 first")
for i = 1, 200 do string.find("a subject with Zq7 in it", "Zq7[%a]?x") end
local f = file.open("Zq7data.txt") local read = f:read() f:close()
print("printed Zq7 last", #read)
END
cat >app/Zq7mod.lua <<'END'
local M = {}
function M.keep(text)
    M.kept = "in flash Zq7 constant"
    for i = 1, 300 do string.find(M.kept, "[Z]q7.-constant!") string.format("%s Zq7 and %d", text, i) end
    return text .. M.kept
end
return M
END
cp -r app failing
echo 'error("failed with Zq7 in it")' >>failing/init.lua
echo 'content Zq7 of a file' | tee app/Zq7data.txt >failing/Zq7data.txt
"$FROST" luac -f -o Zq7.img app/Zq7mod.lua >/dev/null
want_status "recorded" 0 "$FROST" record -q -o whole --stacks 8 --snapshot=end --lfs Zq7.img --fs app app/init.lua
want_status "recorded, fails" 1 "$FROST" record -q -o failed --stacks 8 --snapshot=end --lfs Zq7.img --fs failing failing/init.lua
want_status "recorded, every load" 0 "$FROST" record -q --loads -o loads --snapshot=end --lfs Zq7.img --fs app app/init.lua

# ---- every form of every command ----

# What it is to leave out it has, unless told; told, it has not.
check() { # NAME COMMAND...: standard output and standard error
    name=$1
    shift
    "$@" >plain 2>&1
    "$@" --exclude "$mark" >hidden 2>&1
    got=no
    grep -q "$mark" plain && got=yes
    tap_is "$name: has it" yes "$got"
    if [ ! -s hidden ] || grep -a "$mark" hidden >found; then
        tap_not_ok "$name: has it no more" found
    else
        tap_ok "$name: has it no more"
    fi
}

# The figures stay, those of a choice of texts apart.
totals() { # FILE
    sed -n '/^ "totals"/,/^ }/p' "$1" | grep -v "Zq7\|excluded"
}

for trace in whole failed loads; do
    for form in text json markdown html; do
        check "$trace: strings as $form" "$FROST" strings --force --top 1000 --format=$form $trace
        check "$trace: strings -v as $form" "$FROST" strings --force -v --include-input --top 1000 --format=$form $trace
        check "$trace: heap as $form" "$FROST" heap --min 0 --top 1000 --format=$form $trace
        check "$trace: calls as $form" "$FROST" calls --by=allocated --min 0 --format=$form $trace
        for command in gc hot size; do
            check "$trace: $command as $form" "$FROST" $command -v --top 1000 --format=$form $trace
        done
    done
    for command in gc size; do
        "$FROST" $command --json $trace >plain 2>/dev/null
        "$FROST" $command --json --exclude $mark $trace >hidden 2>/dev/null
        totals plain >want
        totals hidden >got
        want_same "$trace: $command: the same figures" want got
    done
    "$FROST" hot --json --by=region $trace 2>/dev/null | grep '"region":' >want
    "$FROST" hot --json --by=region --exclude $mark $trace 2>/dev/null | grep '"region":' >got
    want_same "$trace: hot: the same figures" want got
    check "$trace: hot, a source" "$FROST" hot --annotate init.lua --source app $trace
    check "$trace: the list" "$FROST" strings --force -o - $trace
    for format in callgrind dhat folded folded-peak; do
        check "$trace: export to $format" "$FROST" export --to=$format -o - --include-input $trace
    done
    "$FROST" export -q --to=pprof -o hidden.gz --exclude $mark $trace
    gzip -dc hidden.gz >hidden
    tap_is "$trace: export to pprof: has it no more" 0 "$(grep -ac "$mark" hidden)"
    for form in full events babeltrace; do
        check "$trace: dump, $form" "$FROST" trace dump --form=$form $trace
    done
done
echo 'local preload = "the Zq7 key", "other"' >list.lua
check "a list that is judged" "$FROST" strings --check list.lua whole
check "an image, ls" "$FROST" lfs ls -v --top 1000 Zq7.img
check "an image, dump" "$FROST" lfs dump --strings Zq7.img
check "an image, check" "$FROST" lfs check Zq7.img
"$FROST" luac -f -o other.img app/init.lua >/dev/null
check "images, diff" "$FROST" lfs diff Zq7.img other.img
check "an image, size" "$FROST" size Zq7.img
"$FROST" flash build -q -o flash.bin --lfs Zq7.img --files app
"$FROST" freeze make -q --flash flash.bin --fs app Zq7mod >out
for form in text json markdown html; do
    check "heaps, differences as $form" "$FROST" heap --base whole --min 0 --top 1000 --format=$form failed
    check "sources, lint as $form" "$FROST" lint --format=$form app
    check "an image, lint as $form" "$FROST" lint --format=$form Zq7.img
    check "a flash file, dump as $form" "$FROST" flash dump --format=$form flash.bin
    check "a flash file, its files as $form" "$FROST" flash fs ls --format=$form flash.bin
    check "a flash file, size as $form" "$FROST" size -d module --format=$form flash.bin
    check "a freezer, as $form" "$FROST" freeze ls --blocks --format=$form flash.bin
    check "what is frozen, as $form" "$FROST" freeze make -o area.bin --fs app --format=$form Zq7mod
done
want_status "lint as SARIF" 1 "$FROST" lint -q --sarif=sarif --exclude $mark app
tap_is "lint as SARIF: has it not" 0 "$(grep -c $mark sarif)"
for name in Zq7 other; do
    "$FROST" size -q -d module,symbol --record=$name.json $name.img >out
    "$FROST" history add -q builds $name.json --commit $name --config float
    "$FROST" size -q -d module,symbol --record=$name.json --exclude $mark $name.img >out
    tap_is "a record: has it not" 0 "$(grep -c $mark $name.json)"
done
check "builds, diff" "$FROST" history diff builds other Zq7
check "builds, gate" "$FROST" history gate builds Zq7.img --commit other --max-growth 0
check "builds, a curve" "$FROST" history list --format=json builds --name Zq7mod

# ---- results that are directories ----

# What was recorded is as it was: traces, images, and what the program printed.
in_result() { # DIRECTORY
    gzip -d <"$1/exports/frost.pb.gz" >pprof
    grep -rlia "$mark" pprof "$1" | grep -v '/run[0-9].trace/\|/lfs[0-9].img$\|/run[0-9].txt$\|/\.frost/' | sort
    find "$1" -name "*$mark*"
}

for app in app failing; do
    status=0 trace=whole
    [ $app = failing ] && status=1 trace=failed
    want_status "report of $trace" $status "$FROST" report -q --include-input -o result $trace
    tap_is "report of $trace: many files have it" yes "$([ "$(in_result result | wc -l)" -ge 9 ] && echo yes)"
    want_status "report of $trace, without" $status "$FROST" report --include-input -o result --exclude $mark $trace
    tap_is "report of $trace, without: no file has it" "" "$(in_result result)"
    tap_is "report of $trace, without: nor what it said" "" "$(grep $mark err out)"
    want_status "profile of $app" $status "$FROST" profile --worlds 0 -q --include-input -o result $app
    tap_is "profile of $app: many files have it" yes "$([ "$(in_result result | wc -l)" -ge 9 ] && echo yes)"
    want_status "profile of $app, without" $status "$FROST" profile --worlds 0 -q --include-input -o result --exclude $mark $app
    tap_is "profile of $app, without: no file has it" "" "$(in_result result)"
    tap_is "profile of $app, without: nor the summary" "" "$(grep $mark out)"
done

# ---- wrong use ----

for command in "strings whole" "gc whole" "hot whole" "size whole" "report whole" "export whole" "profile app" \
    "trace dump whole" "lfs ls Zq7.img"; do
    want_status "${command% *}: a bad expression" 2 "$FROST" $command --exclude '(x'
    want_text "${command% *}: says so" err "expression '(x'"
done
tap_done
