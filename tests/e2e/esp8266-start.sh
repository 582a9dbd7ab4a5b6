#!/bin/sh
# A chip without a command line, as far as QEMU can show it: what runs after a start, in which order; the
# file store in its flash; reloads from there, with two slots. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/esp8266.sh

flash=$TAP_DIR/flash.bin
echo 'print("init of LFS")' >"$TAP_DIR/init.lua"
want_status "an image with a module init" 0 "$FROST" luac -f -o "$TAP_DIR/lfs.img" "$TAP_DIR/init.lua"
starts() { # STATUS WANT NAME: with what is in the flash, nothing else
    run_chip --flash="$flash" --max-boots=2
    tap_is "$3: status" "$1" $?
    tap_is "$3" "$2" "$(cat "$TAP_DIR/chip.out")"
}
put() { "$FROST" flash fs put "$flash" "$@" >"$TAP_DIR/put.out" 2>&1; }

# ---- order ----

want_status "a flash of parts" 0 "$FROST" flash build -o "$flash"
starts 1 "" "nothing to run"
want_text "... is said" "$TAP_DIR/chip.err" "nothing to run: no startup command, no init.lua or init.lc"
want_status "a flash with an image" 0 "$FROST" flash build -o "$flash" --lfs "$TAP_DIR/lfs.img"
starts 0 "init of LFS" "the module init of LFS is run"
echo 'print("init.lc")' >"$TAP_DIR/one.lua"
want_status "a .lc file" 0 "$FROST" luac -o "$TAP_DIR/one.lc" "$TAP_DIR/one.lua"
put init.lc="$TAP_DIR/one.lc"
starts 0 "init.lc" "init.lc of the store comes before it"
echo 'print("init.lua")' >"$TAP_DIR/two.lua"
put init.lua="$TAP_DIR/two.lua"
starts 0 "init.lua" "init.lua comes before that"
echo 'if node.bootreason() == 1 then print(node.startupcommand("!init")) node.restart() end' \
    >"$TAP_DIR/three.lua"
put init.lua="$TAP_DIR/three.lua"
run_chip --flash="$flash" --max-boots=2
tap_is "a startup command comes first: a module" "true init of LFS" "$(tr '\n' ' ' <"$TAP_DIR/chip.out" | sed 's/ $//')"
# Power fails in between: each run is a start of its own.
for command in '@init.lc' "print('text')" '!none' '@none'; do
    "$FROST" flash build -o "$flash" --lfs "$TAP_DIR/lfs.img" >"$TAP_DIR/build.out" 2>&1
    echo "node.startupcommand([[$command]])" >"$TAP_DIR/three.lua"
    put init.lua="$TAP_DIR/three.lua" init.lc="$TAP_DIR/one.lc"
    run_chip --flash="$flash"
    run_chip --flash="$flash" --max-boots=2
    cat "$TAP_DIR/chip.out" "$TAP_DIR/chip.err"
done >"$TAP_DIR/commands"
"$FROST" flash build -o "$flash" --lfs "$TAP_DIR/lfs.img" >"$TAP_DIR/build.out" 2>&1
for line in "^init.lc" "^text" "no module 'none' in LFS" "cannot open none"; do
    if grep -q "$line" "$TAP_DIR/commands"; then tap_ok "... of all kinds: $line"; else
        tap_not_ok "... of all kinds: $line" "$TAP_DIR/commands"; fi
done
echo 'print(' >"$TAP_DIR/bad.lua"
put init.lua="$TAP_DIR/bad.lua"
starts 1 "" "an init.lua that cannot be compiled"
want_text "... is told" "$TAP_DIR/chip.err" "init.lua:"

# ---- the store ----

cat >"$TAP_DIR/log.lua" <<'END'
file.putcontents("log", (file.getcontents("log") or "") .. "x")
print(file.getcontents("log"), file.fscfg())
END
put init.lua="$TAP_DIR/log.lua"
starts 0 "x	983040	3190784" "a program writes into the store"
starts 0 "xx	983040	3190784" "... and finds it after a start"
want_status "the store is sound" 0 "$FROST" flash check "$flash"
run_chip --flash="$flash" --fs="$TAP_DIR" --execute='print(file.exists("log"), file.exists("log.lua"))'
tap_is "--fs is still a directory of the host" "false	true" "$(cat "$TAP_DIR/chip.out")"

# ---- reloads from the store ----

for n in 1 2; do
    echo "return $n" >"$TAP_DIR/version.lua"
    "$FROST" luac -f -o "$TAP_DIR/image$n.img" "$TAP_DIR/version.lua" >"$TAP_DIR/luac.out"
done
cat >"$TAP_DIR/loads.lua" <<'END'
local v = node.LFS.version
print(v and v(), node.LFS.slot())
local next = {[0] = "image1.img", "image2.img"}
if node.bootreason() == 1 and file.exists("go") then print(node.LFS.reload(next[v and v() or 0])) end
error("not confirmed")
END
want_status "a flash without an image" 0 "$FROST" flash build -o "$flash"
: >"$TAP_DIR/go"
put init.lua="$TAP_DIR/loads.lua" "$TAP_DIR/image1.img" "$TAP_DIR/image2.img" "$TAP_DIR/go"
starts 1 "nil	nil	nil
LFS region updated.  Restarting.
1	1	nil" "a reload from the store"
starts 1 "1	1	nil
LFS region updated.  Restarting.
2	2	2" "... the next one goes into the second slot"
"$FROST" flash fs rm "$flash" go
starts 1 "2	2	1" "... which is on trial"
starts 1 "2	2	0" "... for three starts"
cp "$flash" "$TAP_DIR/kept.bin"
change=1 bad=
while [ $change -le 10 ]; do
    cp "$TAP_DIR/kept.bin" "$TAP_DIR/cut.bin"
    run_chip --cut-power=$change --flash="$TAP_DIR/cut.bin" --max-boots=2
    grep -q 'the power was cut' "$TAP_DIR/chip.err" || break
    run_chip --flash="$TAP_DIR/cut.bin" --max-boots=2
    [ "$(cat "$TAP_DIR/chip.out")" = "1	1	nil" ] || bad="$bad $change"
    change=$((change + 1))
done
tap_is "$((change - 1)) cuts on the way back to the old image: it is back" "" "$bad"
[ $change -gt 1 ] && tap_ok "... at a change" || tap_not_ok "... at no change" "$TAP_DIR/chip.err"
starts 1 "1	1	nil" "... and then the old image is back"
want_text "... which is said" "$TAP_DIR/chip.err" "was not confirmed in 3 starts"
want_status "the flash is sound" 0 "$FROST" flash check "$flash"

# Too little memory: noted, and done after a restart.
cat >"$TAP_DIR/full.lua" <<'END'
local v = node.LFS.version
print(v and v())
if not v then
    local t = {}
    for i = 1, 9 do t[i] = ("x"):rep(2000) .. i end
    print(node.LFS.reload("image2.img"))
    print(node.LFS.reload("image2.img", {restart = true}))
end
END
want_status "a flash without an image" 0 "$FROST" flash build -o "$flash"
put init.lua="$TAP_DIR/full.lua" "$TAP_DIR/image2.img"
run_chip --flash="$flash" --max-boots=3
tap_is "a reload that needs an empty heap" "nil
Memory allocation error
LFS reload needs an empty heap.  Restarting.
LFS region updated.  Restarting.
2" "$(cat "$TAP_DIR/chip.out")"

# The power fails at a change of a reload with an old image: that one or the new one is there.
sed -i '/^error/d' "$TAP_DIR/loads.lua"
want_status "a flash with an image" 0 "$FROST" flash build -o "$TAP_DIR/old.bin" --lfs "$TAP_DIR/image1.img"
"$FROST" flash fs put "$TAP_DIR/old.bin" init.lua="$TAP_DIR/loads.lua" "$TAP_DIR/image2.img" "$TAP_DIR/go"
change=1 cuts=0 bad=
while [ $change -le 30 ]; do
    cp "$TAP_DIR/old.bin" "$TAP_DIR/cut.bin"
    run_chip --cut-power=$change --flash="$TAP_DIR/cut.bin" --max-boots=2
    grep -q 'the power was cut' "$TAP_DIR/chip.err" || break
    cuts=$((cuts + 1))
    run_chip --flash="$TAP_DIR/cut.bin" --fs="$TAP_DIR" --execute='print(node.LFS.version())'
    case $(cat "$TAP_DIR/chip.out") in 1 | 2) ;; *) bad="$bad $change" ;; esac
    change=$((change + 1))
done
tap_is "$cuts cuts in a reload: the old image or the new one" "" "$bad"
[ $cuts -ge 6 ] && tap_ok "... at every change" || tap_not_ok "... at every change: $cuts" "$TAP_DIR/chip.err"

# ---- a flash of firmware and files ----

first=$TAP_DIR/first
mkdir "$first"
echo 'return "core"' >"$TAP_DIR/which.lua"
cat >"$TAP_DIR/init.lua" <<'END'
print(node.LFS.which(), node.LFS.probe and node.LFS.probe(), file.stat("data").size)
END
echo 'return "devs for " .. node.LFS.which()' >"$TAP_DIR/probe.lua"
head -c 3000 /dev/urandom >"$first/data"
(cd "$TAP_DIR" && "$FROST" luac --build-time=1 -f -o first/core.img which.lua init.lua &&
    "$FROST" luac --build-time=1 --core first/core.img -f -o first/devs.img probe.lua) >"$TAP_DIR/luac.out"
want_status "a store behind the firmware" 0 "$FROST" flash build --first-run --files "$first" \
    -o "$TAP_DIR/fresh.bin"
cp "$TAP_DIR/fresh.bin" "$flash"
works="core	devs for core	3000"
starts 0 "$works" "a first run"
cp "$TAP_DIR/chip.err" "$TAP_DIR/first.err"
printf 'First run: %s\n' "the store has moved" "core.img is installed" "devs.img is installed" >"$TAP_DIR/want"
want_same "... moves the store, installs core and devs" "$TAP_DIR/want" "$TAP_DIR/first.err"
starts 0 "$works" "the next start finds them"
tap_is "... and installs nothing" "" "$(cat "$TAP_DIR/chip.err")"
want_status "every structure is sound" 0 "$FROST" flash check "$flash"
"$FROST" flash fs get "$flash" data -o "$TAP_DIR/got"
want_same "the files have come along" "$first/data" "$TAP_DIR/got"
"$FROST" flash layout "$flash" | awk '$1 == "lfs" || $1 == "lfs-second" { print $2 }' >"$TAP_DIR/slots"
while read -r slot; do
    printf '\0' | dd of="$flash" bs=1 seek=$((slot)) conv=notrunc 2>"$TAP_DIR/dd"
done <"$TAP_DIR/slots"
starts 0 "$works" "an image that is damaged comes back"
want_text "... from its file" "$TAP_DIR/chip.err" "First run: core.img is installed"
echo 'no image' >"$TAP_DIR/core.img"
cp "$TAP_DIR/fresh.bin" "$flash"
put "$TAP_DIR/core.img"
starts 1 "" "a core.img that is none"
want_text "... is told" "$TAP_DIR/chip.err" "First run: read error on LFS image file"

# A core.img in which only the check in flash finds the fault: it is written once.
python3 tests/support/breakimage.py "$first/core.img" "$TAP_DIR/core.img" >"$TAP_DIR/out" 2>&1 ||
    tap_not_ok "an image is broken" "$TAP_DIR/out"
cp "$TAP_DIR/fresh.bin" "$flash"
put "$TAP_DIR/core.img"
starts 1 "" "a core.img that is damaged"
want_text "... is told where" "$TAP_DIR/chip.err" "First run: LFS image damaged: number of strings at byte 16"
for n in 1 2; do
    cp "$flash" "$TAP_DIR/kept.bin"
    run_chip --cut-power=1 --flash="$flash" --max-boots=2
    want_text "... and at start $n after it, too" "$TAP_DIR/chip.err" \
        "First run: image was found damaged at an earlier start, and its file is the same"
    if grep -q 'the power was cut' "$TAP_DIR/chip.err"; then
        tap_not_ok "... which changes nothing in flash" "$TAP_DIR/chip.err"
    else
        tap_ok "... which changes nothing in flash"
    fi
    want_same "... nothing" "$TAP_DIR/kept.bin" "$flash"
done
put core.img="$first/core.img"
starts 0 "$works" "another file of that name is installed"

# The power fails at a change, these are more and more apart: the next start goes on.
change=1 cuts=0 bad=
while [ $change -le 5000 ]; do
    cp "$TAP_DIR/fresh.bin" "$TAP_DIR/cut.bin"
    run_chip --cut-power=$change --flash="$TAP_DIR/cut.bin" --max-boots=2
    grep -q 'the power was cut' "$TAP_DIR/chip.err" || break
    cuts=$((cuts + 1))
    run_chip --flash="$TAP_DIR/cut.bin" --max-boots=2
    [ "$(cat "$TAP_DIR/chip.out")" = "$works" ] || bad="$bad $change"
    change=$((change + 1 + change / 4))
done
tap_is "$cuts cuts in a first run: the next start ends it" "" "$bad"
[ $cuts -ge 8 ] && tap_ok "... up to the last change" || tap_not_ok "... up to the last change: $cuts" "$TAP_DIR/chip.err"
tap_done
