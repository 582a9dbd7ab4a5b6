#!/bin/sh
# What is damaged, too small or without an end, on the emulated chip: a message and a status, no hang
# and no reboot loop. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/esp8266.sh

golden=tests/nodemcu/golden
image=$golden/lfs-float/app.rel.img
start=tests/nodemcu/start.lua
mkdir "$TAP_DIR/firmware"
cp "$O/esp8266/rom_stub.elf" "$TAP_DIR/firmware"

fresh() { cp "$O/esp8266/flash.bin" "$TAP_DIR/firmware/flash.bin"; }
poke() { # OFFSET TEXT
    printf "$2" | dd of="$TAP_DIR/firmware/flash.bin" bs=1 seek=$(($1)) conv=notrunc 2>/dev/null
}

# boot_fails NAME WORDS STATUS
boot_fails() {
    FROST_ESP8266=$TAP_DIR/firmware run_chip --execute='print(1)'
    tap_is "$1: status" "$3" $?
    want_text "$1: message" "$TAP_DIR/chip.err" "$2"
    tap_is "$1: nothing ran" "" "$(cat "$TAP_DIR/chip.out")"
}

# ---- the flash file ----

for off in 0x10000 0x1fff0 0x2c001 0x30002; do
    fresh
    old=$(od -An -tu1 -j$((off)) -N1 "$TAP_DIR/firmware/flash.bin")
    poke $off "\\$(printf %o $((old ^ 1)))"
    boot_fails "a bit of the code at $off" "the code in flash is damaged" 3
done
fresh
poke 0xfff0 '\0\0\0\0'
boot_fails "no sums of the code" "the code in flash is damaged" 3
fresh
poke 1 '\377'
boot_fails "255 segments" "no firmware in the flash" 3
fresh
poke 8 '\0\0\0\100'
boot_fails "a segment for the ROM" "does not fit the RAM" 3
fresh
poke 14 '\377\177'
boot_fails "a segment of 2 GB" "too long" 3
fresh
head -c 1000000 "$TAP_DIR/firmware/flash.bin" >"$TAP_DIR/short" &&
    mv "$TAP_DIR/short" "$TAP_DIR/firmware/flash.bin"
boot_fails "a flash file that ends in the window" "not a flash file" 3
: >"$TAP_DIR/firmware/flash.bin"
boot_fails "an empty flash file" "not a flash file" 3

# ---- the LFS partition: as on the host, whatever is in it ----

state=1
random_byte() { # into $byte: 1 to 255
    state=$(((state * 1103515245 + 12345) & 0x7fffffff))
    byte=$((state >> 8 & 255 | 1))
}
i=0 same=0 differ=
while [ $i -lt 12 ]; do
    i=$((i + 1))
    rm -f "$TAP_DIR/flash.bin"
    run_host float-plain --flash="$TAP_DIR/flash.bin" --lfs=$image --execute=''
    random_byte
    at=$((0x90000 + (state >> 4) % 102324))
    printf "\\$(printf %o $byte)" |
        dd of="$TAP_DIR/flash.bin" bs=1 seek=$at conv=notrunc 2>/dev/null
    cp "$TAP_DIR/flash.bin" "$TAP_DIR/flash2.bin"
    run_host float-plain --flash="$TAP_DIR/flash2.bin" $start main lines
    wanted=$?
    run_chip --flash="$TAP_DIR/flash.bin" $start main lines
    if [ $? = $wanted ] && cmp -s "$TAP_DIR/host.out" "$TAP_DIR/chip.out" &&
        cmp -s "$TAP_DIR/host.err" "$TAP_DIR/chip.err"; then
        same=$((same + 1))
    else
        differ="$differ $at"
    fi
done
tap_is "an LFS image with a damaged byte, $i times: as on the host" "12 " "$same $differ"

# A partition full of something else.
rm -f "$TAP_DIR/flash.bin"
run_host float-plain --flash="$TAP_DIR/flash.bin" --execute=''
yes 'something else' | head -c 65536 |
    dd of="$TAP_DIR/flash.bin" bs=4096 seek=$((0x90)) conv=notrunc 2>/dev/null
run_chip --flash="$TAP_DIR/flash.bin" --execute='print(node.flashindex("main"))'
tap_is "a partition with something else: Lua runs" 0 $?
want_text "a partition with something else: message" "$TAP_DIR/chip.err" "Flash sig not correct"

# ---- code for another build ----

for kind in "float integer" "integer float"; do
    set -- $kind
    run_host $1-plain $golden/lc-$2/main.lc arith
    wanted=$?
    cp "$TAP_DIR/host.err" "$TAP_DIR/host.wanted"
    run_chip --build=$1-plain $golden/lc-$2/main.lc arith
    tap_is "$2 bytecode in the $1 build: status" $wanted $?
    want_same "$2 bytecode in the $1 build: message" "$TAP_DIR/host.wanted" "$TAP_DIR/chip.err"
    run_chip --build=$1-plain --lfs=$golden/lfs-$2/app.rel.img $start main arith
    [ $? = 3 ] && tap_ok "$2 image in the $1 build is refused" ||
        tap_not_ok "$2 image in the $1 build is refused" "$TAP_DIR/chip.err"
done

# ---- heaps that are too small ----

for heap in 0 8 1000 2000 4096 5000 6000 8192; do
    run_chip --heap=$heap --execute='print(1)'
    status=$?
    case $status in
    0) [ "$(cat "$TAP_DIR/chip.out")" = 1 ] && result=ok ;;
    1 | 2 | 4) grep -Eq 'too small|not enough memory|was full' "$TAP_DIR/chip.err" && result=ok ;;
    *) result= ;;
    esac
    [ "$result" = ok ] && tap_ok "a heap of $heap bytes: status $status" ||
        tap_not_ok "a heap of $heap bytes: status $status" "$TAP_DIR/chip.err"
    result=
done

# ---- depth: the C stack is short, and ends in errors of Lua ----

cat >"$TAP_DIR/deep.lua" <<'EOF'
local long = "1." .. ("7"):rep(900) .. "e-30"
local large = tonumber("-1e308") or 0
local function f()
    local _, s = pcall(string.format, "%.99f", large)
    s = s .. tostring(1 / 3) .. tostring(tonumber(long))
    return select(2, pcall(f)) or s
end
local function g() table.sort({3, 1, 2}, function() return g() end) end
local function h() return (("x"):gsub(".", h)) end
local index = {}
index.__index = function(_, k) return setmetatable({}, index)[k] end
local function co() return coroutine.wrap(function() return co() end)() end
local function close(f) return (pcall(f)) end
print(close(f), close(g), close(h), close(co))
print(close(function() return setmetatable({}, index).x end))
for _, text in ipairs {"(", "{", "-", "do ", "x = function() ", "return #"} do
    print(loadstring("return " .. text:rep(400)) == nil)
end
print(close(function() return ("a"):rep(300):find(("(a"):rep(40)) end))
print("alive")
EOF
for build in float integer; do
    for probes in plain probed; do
        run_chip --build=$build-$probes --heap=524288 --egc=none --stack-report=1 "$TAP_DIR/deep.lua"
        tap_is "depth, $build $probes: status" 0 $?
        tap_is "depth, $build $probes: alive" alive "$(tail -n 1 "$TAP_DIR/chip.out")"
        left=$(sed -n 's/^frost: stack used [0-9]*, left \([0-9]*\) bytes$/\1/p' "$TAP_DIR/chip.err")
        if [ "${left:-0}" -ge 512 ]; then
            tap_ok "depth, $build $probes: $left bytes of the stack were never used"
        else
            tap_not_ok "depth, $build $probes: '$left' bytes of the stack left" "$TAP_DIR/chip.err"
        fi
    done
done

# ---- without an end ----

run_chip --max-boots=7 --execute='print("boot") node.restart()'
tap_is "endless restart: status" 0 $?
tap_is "endless restart: boots" 7 "$(grep -c boot "$TAP_DIR/chip.out")"
want_text "endless restart: message" "$TAP_DIR/chip.err" "ended after 7 boots"
run_chip --duration=50 --execute='tmr.create():alarm(10, tmr.ALARM_AUTO, function() end)'
tap_is "a timer without an end stops with --duration" 0 $?
run_chip --execute='error(setmetatable({}, {__tostring = error}))'
tap_is "an error that cannot be told" 1 $?

tap_done
