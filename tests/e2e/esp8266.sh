#!/bin/sh
# The chip's firmware under QEMU: boots from its image; prints, costs and refuses what the host
# does; reads next to nothing of flash byte by byte. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/esp8266.sh

golden=tests/nodemcu/golden
image=$golden/lfs-float/app.rel.img
start=tests/nodemcu/start.lua
modules="arith strings tables closures control metatables coroutines errors lines bigmodule dummy
    fractions"

want_make "make esp8266, again" O="$O" esp8266
cp "$TAP_DIR/out" "$TAP_DIR/build.out"
for region in iram dram irom stack; do
    want_text "the build tells the size of $region" "$TAP_DIR/build.out" "integer-probed $region "
done
tap_is "the flash begins with a boot image of two segments" "e9 02" \
    "$(od -An -tx1 -N2 "$O/esp8266/flash.bin" | tr -s ' ' | sed 's/^ //')"
bytes=$(wc -c <"$O/esp8266/frost.bin")
tap_is "the boot image is what the flash begins with" "" \
    "$(cmp -n "$bytes" "$O/esp8266/frost.bin" "$O/esp8266/flash.bin" 2>&1)"

# ---- the same output as the firmware's own compiler's files give on the host ----

prints() { # NAME MODULE ARGS...
    name=$1 expected=$golden/expected/$2.txt
    shift 2
    if run_chip "$@"; then
        want_same "$name" "$expected" "$TAP_DIR/chip.out"
    else
        tap_not_ok "$name" "$TAP_DIR/chip.err"
    fi
}
for module in $modules; do
    prints "$module, .lc in 44 KB" $module "$golden/lc-float/main.lc" $module
    prints "$module, LFS in 44 KB" $module --lfs=$image $start main $module
done
prints "all modules from source" main --heap=524288 "$golden/src/main.lua"
prints "bigmodule, absolute image" bigmodule \
    --lfs="$golden/lfs-float/app.abs-40290000.img" $start main bigmodule

# ---- byte loads from flash ----

# loads NAME MOST ARGS...: every load traps and is counted; sub-word ones as often in a second run.
# How many word loads trap depends on what QEMU has translated, which it forgets by the clock.
loads() {
    name=$1 most=$2
    shift 2
    run_chip --trap-loads=1 "$@"
    count=$(sed -n 's/^frost: \([0-9]*\) sub-word loads.*/\1/p' "$TAP_DIR/chip.err")
    if [ -n "$count" ] && [ "$count" -le "$most" ]; then
        tap_ok "$name: $count sub-word loads from flash, at most $most"
    else
        tap_not_ok "$name: '$count' sub-word loads from flash, at most $most" "$TAP_DIR/chip.err"
    fi
    sed 's/, [0-9]* word loads$//' "$TAP_DIR/chip.err" >"$TAP_DIR/first.err"
    run_chip --trap-loads=1 "$@"
    sed 's/, [0-9]* word loads$//' "$TAP_DIR/chip.err" >"$TAP_DIR/second.err"
    want_same "$name: the same counts in a second run" "$TAP_DIR/first.err" "$TAP_DIR/second.err"
}
loads "closures of LFS" 0 --lfs=$image $start main closures
want_same "emulated loads give the same output" "$golden/expected/closures.txt" "$TAP_DIR/chip.out"
want_status "frost run --esp8266" 0 "$FROST" run --esp8266 --lfs $image $start main arith
want_same "frost run --esp8266: output" $golden/expected/arith.txt "$TAP_DIR/out"
want_status "frost run --esp8266 --integer" 0 "$FROST" run --esp8266 --integer -e 'print(7 / 2)'
tap_is "frost run --esp8266 --integer: output" 3 "$(cat "$TAP_DIR/out")"
want_status "frost run --esp8266 --profile pc is refused" 2 \
    "$FROST" run --esp8266 --profile pc -e 'print(1)'
for module in $modules; do
    [ $module = closures ] || loads "$module of LFS" 0 --lfs=$image $start main $module
done
cat >"$TAP_DIR/strings.lua" <<'EOF'
-- What reads characters of strings in flash, by name and by constant.
local s = node.flashindex("strings") and "__newindex" -- a string of the image
local parts = {}
for i = 1, 40 do
    parts[i] = s:sub(2, i) .. s:upper() .. s:rep(3, ",") .. s:reverse() .. s:format()
    parts[#parts + 1] = tostring(s:find("new", 1, true)) .. tostring(s:match("^_+(%a-)x$"))
    parts[#parts + 1] = s:gsub("[aeiou]", "%0%0") .. tostring(s:byte(1, -1)) .. tostring(s < "__o")
    parts[#parts + 1] = string.format("%q %10s %-12.3s %5.2f %d %x", s, s, s, i / 7, i, i)
    parts[#parts + 1] = tostring(tonumber("0x1p4")) .. tostring(tonumber("1e-7")) .. 2 ^ -i
    parts = {table.concat(parts, ";")}
    parts[1] = parts[1]:sub(-50)
end
print(#parts[1], #debug.traceback(s))
EOF
loads "strings in flash" 0 --lfs=$image "$TAP_DIR/strings.lua"
for build in . integer-plain; do
    count=$(xtensa-lx106-elf-objdump -d --no-show-raw-insn "$O/esp8266/$build/frost.elf" |
        grep -cE '[[:space:]](l8ui|l16ui|l16si)[[:space:]]')
    tap_is "sub-word load instructions in the firmware $build" 0 $count
done

# ---- what goes wrong, goes wrong as on the host ----

input=/dev/null
same_end() { # NAME ARGS...; standard input is the file $input
    name=$1
    shift
    run_host float-plain "$@" <"$input"
    wanted=$?
    run_chip "$@" <"$input"
    tap_is "$name: status" $wanted $?
    want_same "$name: output" "$TAP_DIR/host.out" "$TAP_DIR/chip.out"
    want_same "$name: messages" "$TAP_DIR/host.err" "$TAP_DIR/chip.err"
}
same_end "error" --execute='print(1) error("no")'
same_end "missing script" /nowhere/missing.lua
same_end "full heap" --execute='local t = {} for i = 1, 1e6 do t[i] = i .. "x" end'
same_end "endless recursion" --execute='local function f() return 1 + f() end print(pcall(f))'
same_end "too many boots" --execute='print(node.bootreason()) node.restart()'
same_end "syntax error" --execute='print('
same_end "integer image" --lfs="$golden/lfs-integer/app.rel.img" $start main

mkdir "$TAP_DIR/libs"
echo 'print(...) return 1' >"$TAP_DIR/libs/first.lua"
same_end "libraries and code in order" --fs="$TAP_DIR/libs" --execute='print("a")' --library=first \
    --execute='print("b", require("first"))'
same_end "a library that is missing" --fs="$TAP_DIR/libs" --library=second --execute='print("b")'
input=$TAP_DIR/input.lua
echo 'print("from standard input", ...)' >"$input"
same_end "standard input" - x y
echo 'print(' >"$input"
same_end "a fault in standard input" -
for egc in none failure always limit:20000 limit:-8000; do
    same_end "--egc=$egc" --egc=$egc --heap=30000 --execute='
        local t = {} for i = 1, 200 do t[i % 20] = {i .. "x"} end
        print(collectgarbage("count"), node.egc.meminfo())'
done

# The CPU's clock in place of the virtual one: the wait takes at least its time.
run_chip --clock=real --execute="tmr.create():alarm(300, 0, function()
    print(tmr.now() >= 300000, tmr.now() < 100000000) end)"
tap_is "--clock=real waits by the CPU's clock" "true	true" "$(cat "$TAP_DIR/chip.out")"

# node.LFS.reload: the same words, the same flash behind the firmware, the new image after a restart.
cp $image "$TAP_DIR/new.img"
cp $golden/lfs-integer/app.rel.img "$TAP_DIR/integer.img"
head -c 20000 $image >"$TAP_DIR/cut.img"
for file in new integer cut none; do
    rm -f "$TAP_DIR"/reload-*.bin
    code="print(node.flashindex('main') ~= nil)
        if not node.flashindex('main') then print(node.LFS.reload('$file.img')) end"
    run_host float-plain --flash="$TAP_DIR/reload-host.bin" --fs="$TAP_DIR" --execute="$code"
    wanted=$?
    run_chip --flash="$TAP_DIR/reload-chip.bin" --fs="$TAP_DIR" --execute="$code"
    tap_is "reload of $file.img: status" $wanted $?
    want_same "reload of $file.img: output" "$TAP_DIR/host.out" "$TAP_DIR/chip.out"
    for port in host chip; do
        dd if="$TAP_DIR/reload-$port.bin" bs=4096 skip=144 2>/dev/null | cksum >"$TAP_DIR/$port.sum"
    done
    want_same "reload of $file.img: flash" "$TAP_DIR/host.sum" "$TAP_DIR/chip.sum"
done

# A heap with too little room: nothing has changed, and the program goes on.
code="local t = {} for i = 1, 9 do t[i] = ('x'):rep(2000) .. i end
    print(node.LFS.reload('new.img')) print(#t, node.LFS.list())"
run_host float-plain --fs="$TAP_DIR" --execute="$code"
run_chip --fs="$TAP_DIR" --execute="$code"
tap_is "reload without enough memory" "Memory allocation error 9	nil" "$(cat "$TAP_DIR/chip.out" | tr '\n' ' ' | sed 's/ $//')"
want_same "reload without enough memory: as on the host" "$TAP_DIR/host.out" "$TAP_DIR/chip.out"

# ---- files, as on the host ----

cat >"$TAP_DIR/files.lua" <<'EOF'
local function list()
    local names = {}
    for name in pairs(file.list()) do names[#names + 1] = name end
    table.sort(names)
    for _, name in ipairs(names) do print(name, file.list()[name]) end
end
list()
print(file.rename("one", "uno"), file.rename("none", "x"), file.exists("one"), file.exists("uno"))
print(file.remove("two words"), file.remove("none"), file.exists("two words"))
print(file.putcontents("new.txt", "1234"), file.getcontents("uno"))
print(file.open("directory"), file.open("none"))
print(file.rename("new.txt", "uno"), file.getcontents("uno"))
print(file.remove("../x"), file.rename("uno", "../y"), file.exists("../y"))
for i = 1, 30 do file.putcontents("many" .. i, ("x"):rep(i)) end
for i = 1, 30, 2 do file.remove("many" .. i) end
list()
EOF
for port in host chip; do
    mkdir -p "$TAP_DIR/$port.fs/directory"
    printf abc >"$TAP_DIR/$port.fs/one"
    printf abcdef >"$TAP_DIR/$port.fs/two words"
    : >"$TAP_DIR/$port.fs/.hidden"
done
run_host float-plain --fs="$TAP_DIR/host.fs" --execute="$(sed '/^--/d' "$TAP_DIR/files.lua")"
run_chip --fs="$TAP_DIR/chip.fs" --execute="$(sed '/^--/d' "$TAP_DIR/files.lua")"
want_same "files: output" "$TAP_DIR/host.out" "$TAP_DIR/chip.out"
want_same "files: messages" "$TAP_DIR/host.err" "$TAP_DIR/chip.err"
(cd "$TAP_DIR/host.fs" && ls -lA | sed 1d | awk '{ print $5, $9, $10 }') >"$TAP_DIR/host.ls"
(cd "$TAP_DIR/chip.fs" && ls -lA | sed 1d | awk '{ print $5, $9, $10 }') >"$TAP_DIR/chip.ls"
want_same "files: what is there afterwards" "$TAP_DIR/host.ls" "$TAP_DIR/chip.ls"

. tests/support/app_directory.sh
for port in host chip; do
    mkdir "$TAP_DIR/$port"
    make_directory "$TAP_DIR/$port"
done
run_host float-plain --fs="$TAP_DIR/host/app" "$PWD/tests/e2e/files.lua"
run_chip --fs="$TAP_DIR/chip/app" "$PWD/tests/e2e/files.lua"
want_same "files with names of all kinds: output" "$TAP_DIR/host.out" "$TAP_DIR/chip.out"
want_same "files with names of all kinds: messages" "$TAP_DIR/host.err" "$TAP_DIR/chip.err"
want_same "files with names of all kinds: as they should be" tests/e2e/files.txt "$TAP_DIR/chip.out"
for port in host chip; do
    show_directory "$TAP_DIR/$port" >"$TAP_DIR/$port.ls"
done
want_same "files with names of all kinds: what is there" "$TAP_DIR/host.ls" "$TAP_DIR/chip.ls"

# The power fails while the image is written: then none is mounted, and the next reload works.
for change in 1 2 20 30 100 400 425; do
    rm -f "$TAP_DIR/reload.bin"
    run_chip --cut-power=$change --flash="$TAP_DIR/reload.bin" --fs="$TAP_DIR" \
        --execute="node.LFS.reload('new.img')"
    if ! grep -q "the power was cut" "$TAP_DIR/chip.err"; then
        tap_not_ok "power cut before change $change" "$TAP_DIR/chip.err"
        continue
    fi
    run_chip --flash="$TAP_DIR/reload.bin" --execute="print(node.flashindex('main'))"
    tap_is "power cut before change $change: no image" "0 nil" "$? $(cat "$TAP_DIR/chip.out")"
    run_chip --flash="$TAP_DIR/reload.bin" --fs="$TAP_DIR" --execute="
        if node.bootreason() == 1 then node.LFS.reload('new.img') end print(node.flashindex('main'))"
    want_text "power cut before change $change: reload afterwards" "$TAP_DIR/chip.out" "function: "
done

# With an old image: it stays in its slot wherever the power fails.
rm -f "$TAP_DIR/reload.bin"
run_chip --flash="$TAP_DIR/reload.bin" --lfs="$image" --execute=''
for change in 1 2 3 4 5 25 100; do
    cp "$TAP_DIR/reload.bin" "$TAP_DIR/cut.bin"
    run_chip --cut-power=$change --flash="$TAP_DIR/cut.bin" --fs="$TAP_DIR" \
        --execute="node.LFS.reload('new.img')"
    want_text "a reload over an image is cut before change $change" "$TAP_DIR/chip.err" \
        "the power was cut"
    run_chip --flash="$TAP_DIR/cut.bin" --execute="print(type(node.flashindex('main')), node.LFS.slot())"
    tap_is "... the old one is there" "function	1	nil" "$(cat "$TAP_DIR/chip.out" "$TAP_DIR/chip.err")"
done

# With one slot, as in stock firmware, it stays until its first word is taken back, and what is left
# then is told.
"$FROST" flash build -o "$TAP_DIR/one.bin" --one-slot --lfs "$image"
for change in 1 2 25; do
    cp "$TAP_DIR/one.bin" "$TAP_DIR/cut.bin"
    run_chip --cut-power=$change --flash="$TAP_DIR/cut.bin" --fs="$TAP_DIR" \
        --execute="node.LFS.reload('new.img')"
    want_text "a reload into the only slot is cut before change $change" "$TAP_DIR/chip.err" \
        "the power was cut"
    run_chip --flash="$TAP_DIR/cut.bin" --execute="print(type(node.flashindex('main')))"
    case $change in
    1) tap_is "... the old one is there" "function" "$(cat "$TAP_DIR/chip.out" "$TAP_DIR/chip.err")" ;;
    *)
        tap_is "... none is there" "nil" "$(cat "$TAP_DIR/chip.out")"
        want_text "... for a reason" "$TAP_DIR/chip.err" "was not written to its end: reload it"
        ;;
    esac
done

# The partition table is kept where a new start of the same firmware finds it.
run_chip --flash="$TAP_DIR/reload.bin" --execute="
    local t = node.getpartitiontable()
    if t.lfs_size == 0 then node.setpartitiontable{lfs_addr = 0xa0000, lfs_size = 0x20000}
    elseif t.lfs_addr ~= 0xa0000 then node.setpartitiontable{lfs_size = 0} end"
run_chip --flash="$TAP_DIR/reload.bin" --lfs="$image" --execute="
    print(node.getpartitiontable().lfs_addr, type(node.flashindex('main')))"
tap_is "a partition table is kept" "655360	function" "$(cat "$TAP_DIR/chip.out")"

# A word of the image is damaged in flash: it is not mounted, the console says so, Lua runs.
damaged() { # NAME OFFSET
    rm -f "$TAP_DIR/flash.bin" "$TAP_DIR/flash2.bin"
    "$O/libexec/frost/frostvm-float-plain" --flash="$TAP_DIR/flash.bin" --lfs=$image --execute=''
    printf '\001\002\003\004' |
        dd of="$TAP_DIR/flash.bin" bs=1 seek="$2" conv=notrunc 2>/dev/null
    cp "$TAP_DIR/flash.bin" "$TAP_DIR/flash2.bin"
    run_host float-plain --flash="$TAP_DIR/flash2.bin" --execute='print(node.flashindex("main"))'
    wanted=$?
    run_chip --flash="$TAP_DIR/flash.bin" --execute='print(node.flashindex("main"))'
    tap_is "$1: status" $wanted $?
    want_same "$1: output" "$TAP_DIR/host.out" "$TAP_DIR/chip.out"
    want_same "$1: messages" "$TAP_DIR/host.err" "$TAP_DIR/chip.err"
}
damaged "damaged header" $((0x90000))
damaged "damaged string table" $((0x90040))
damaged "damaged function" $((0x90000 + 102324 - 40))

# The boot ROM refuses what is no image; no hang, no reboot loop.
boot_fails() { # NAME WORDS STATUS
    FROST_ESP8266=$TAP_DIR/firmware run_chip --execute='print(1)'
    tap_is "$1: status" "$3" $?
    want_text "$1: message" "$TAP_DIR/chip.err" "$2"
    tap_is "$1: nothing ran" "" "$(cat "$TAP_DIR/chip.out")"
}
mkdir "$TAP_DIR/firmware"
cp "$O/esp8266/rom_stub.elf" "$O/esp8266/flash.bin" "$TAP_DIR/firmware"
byte=$(od -An -tu1 -j64 -N1 "$TAP_DIR/firmware/flash.bin")
printf "\\$(((byte + 1) % 8))" |
    dd of="$TAP_DIR/firmware/flash.bin" bs=1 seek=64 conv=notrunc 2>/dev/null
boot_fails "damaged boot image" "checksum of the image is wrong" 3
dd if=/dev/zero of="$TAP_DIR/firmware/flash.bin" bs=4096 count=1 conv=notrunc 2>/dev/null
boot_fails "no boot image" "no firmware in the flash" 3
head -c 5000 "$O/esp8266/flash.bin" >"$TAP_DIR/firmware/flash.bin"
boot_fails "cut-off flash file" "not a flash file" 3

tap_done
