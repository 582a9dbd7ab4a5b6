#!/bin/sh
# The file store of a flash file, as programs see it: what stays, what a restart drops, damage, room.
# Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
flash=$TAP_DIR/flash.bin

device() { # STATUS NAME CODE [OPTION...]
    status=$1 name=$2 code=$3
    shift 3
    want_status "$name" "$status" "$FROST" run --flash "$flash" "$@" -e "$code"
}
said() { tap_is "$1" "$2" "$(cat "$TAP_DIR/out")"; }

# ---- files stay ----

device 0 "a program writes a file" 'file.putcontents("a.txt", "first") print(file.exists("a.txt"))'
said "... and sees it" "true"
device 0 "the next run has it" 'print(file.getcontents("a.txt"), next(file.list()))'
said "... with its content" "first	a.txt	5"
device 0 "a file is replaced, another appended to" '
file.putcontents("a.txt", "second")
for i = 1, 3 do local f = file.open("log", "a") f:write(i) f:close() end
local f = file.open("log", "r+") f:seek("set", 1) f:write("x") f:close()
file.rename("a.txt", "b/a long name of 31 characters") file.putcontents("gone", "") file.remove("gone")'
device 0 "... and is so afterwards" '
for name, bytes in pairs(file.list()) do print(name, bytes, file.getcontents(name)) end'
sort "$TAP_DIR/out" >"$TAP_DIR/sorted"
printf 'b/a long name of 31 characters\t6\tsecond\nlog\t3\t1x3\n' >"$TAP_DIR/want"
want_same "... with the names that it should have" "$TAP_DIR/want" "$TAP_DIR/sorted"

# ---- open files ----

cat >"$TAP_DIR/open.lua" <<'END2'
if node.bootreason() and select(2, node.bootreason()) == 0 then
    file.putcontents("kept", "old")
    f = file.open("kept", "w") f:write("new")
    print(file.getcontents("kept"), file.exists("kept"))
    f:flush() print(file.getcontents("kept"))
    f:write("er, but not closed")
    node.restart() return
end
print(file.getcontents("kept"))
END2
want_status "what is not closed" 0 "$FROST" run --flash "$flash" "$TAP_DIR/open.lua"
printf 'old\ttrue\nnew\nnew\n' >"$TAP_DIR/want"
want_same "... is not there after a restart; what was flushed is" "$TAP_DIR/want" "$TAP_DIR/out"
device 0 "one file is written at a time" '
f = file.open("one", "w") print(file.open("two", "w"), file.putcontents("two", "")) f = nil
print(file.putcontents("two", "2"), file.exists("one"))'
printf 'nil\tnil\ntrue\ttrue\n' >"$TAP_DIR/want"
want_same "... until nobody holds it" "$TAP_DIR/want" "$TAP_DIR/out"
device 0 "a file that is open at the end" 'file.open("end", "w") file.write("is there")'
device 0 "... is closed then" 'print(file.getcontents("end"))'
said "... with what was written" "is there"

# ---- more than the heap holds ----

device 0 "60 KB are written in a heap of 44 KB" '
local f, line = file.open("big", "w"), ("0123456789abcdef"):rep(8)
for i = 1, 480 do f:write(line) end f:close()
print(file.list().big, node.heap() < 45056)'
said "... and are there" "61440	true"
device 0 "room is told" '
local remaining, used, total = file.fsinfo() print(remaining + used == total, used > 61440, used < 65536)'
said "... and adds up" "true	true	true"
device 0 "a file larger than the store" '
local f, line, n = file.open("huge", "w"), ("x"):rep(1000), 0
while f:write(line) do n = n + 1 end f:close()
print(n > 700, n < 1500, file.exists("huge"), file.list().big)'
said "... is refused, and the others stay" "true	true	false	61440"

# ---- times ----

device 0 "a file that is written at a time" '
local function tell(name) local t = file.stat(name).time print(t.year, t.mon, t.day, t.hour, t.min, t.sec) end
file.putcontents("t", "") tell("t")
rtctime.set(1709209800) file.putcontents("t", "") tell("t")
rtctime.set(2303683200) file.putcontents("t", "") tell("t")'
printf '1970\t1\t1\t0\t0\t0\n2024\t2\t29\t12\t30\t0\n1970\t1\t1\t0\t0\t0\n' >"$TAP_DIR/want"
want_same "... has that, if it is known" "$TAP_DIR/want" "$TAP_DIR/out"

# ---- views ----

device 0 "a view of a file" '
file.putcontents("v", "0123456789") v = file.view("v")
print(#v, v:len(), v:sub(3, 5), v:sub(-2), v:sub(9, 99), v:sub(7, 3) == "", v:byte(1, 3))
print(v:byte(-1), file.view("none"), v:byte(11))
file.putcontents("v", "new") file.remove("v")
local piece = ("x"):rep(1024) for i = 1, 3400 do file.putcontents("w", piece) end
print(v:sub(1, -1), file.exists("v"), #file.view("big"), file.view("big"):sub(61425))
v:close() print(pcall(v.len, v))'
printf '10\t10\t234\t89\t89\ttrue\t48\t49\t50\n57\tnil\n' >"$TAP_DIR/want"
printf '0123456789\tfalse\t61440\t0123456789abcdef\nfalse\tview is closed\n' >>"$TAP_DIR/want"
want_same "... has its content, whatever happens to the file" "$TAP_DIR/want" "$TAP_DIR/out"
want_status "a directory" 0 "$FROST" run --fs "$TAP_DIR" -e 'print(pcall(file.view, "want"))'
said "... has no views" "false	no file store"

# ---- the partition table ----

device 0 "a store with files" 'print(pcall(node.setpartitiontable, {spiffs_size = 0x100000}))'
said "... keeps its size" "false	File store has files, which would be lost: format it first"
want_status "an empty one" 0 "$FROST" run --flash "$TAP_DIR/small.bin" -e '
if node.getpartitiontable().spiffs_size ~= 0x100000 then node.setpartitiontable{spiffs_size = 0x100000} return end
print(file.fscfg()) print(file.putcontents("a", "1"))'
printf '983040\t1048576\ntrue\n' >"$TAP_DIR/want"
want_same "... takes another" "$TAP_DIR/want" "$TAP_DIR/out"

# ---- damage ----

device 0 "a program of the store" 'file.putcontents("m.lua", "return 42") print(dofile("m.lua"))'
said "... runs" "42"
at=$(grep -abo 'return 42' "$flash" | tail -n 1 | cut -d: -f1)
printf 3 | dd of="$flash" bs=1 seek=$((at + 8)) conv=notrunc 2>"$TAP_DIR/dd"
device 0 "a bit of it falls" 'print(pcall(dofile, "m.lua")) print(file.getcontents("m.lua"))'
printf 'false\tcannot open m.lua: \nreturn 43\n' >"$TAP_DIR/want"
want_same "... it can be read and is not run" "$TAP_DIR/want" "$TAP_DIR/out"
printf '\001' | dd of="$flash" bs=1 seek=$((at - 8)) conv=notrunc 2>"$TAP_DIR/dd"
device 0 "a head is lost" 'print(file.exists("m.lua"), file.exists("log"), file.putcontents("a", ""))'
said "... what lies before it stays, nothing is changed any more" "false	true	nil"
want_text "... and it is said where" "$TAP_DIR/err" "$(printf 'File store damaged at 0x%x' $((at - 8)))"
device 0 "it is formatted" 'v = file.view("log") file.format() print(pcall(v.len, v)) print(file.putcontents("a", "1"), next(file.list()))'
printf 'false\tview is closed\ntrue\ta\t1\n' >"$TAP_DIR/want"
want_same "... and takes files again" "$TAP_DIR/want" "$TAP_DIR/out"
head -c 40000 /dev/zero | tr '\0' z | dd of="$flash" bs=4096 seek=240 conv=notrunc 2>"$TAP_DIR/dd"
device 0 "something else lies there" 'print(file.putcontents("a", "1"), pcall(file.fsinfo))'
said "... which is left alone" "nil	false	file system failed"
want_text "... and named" "$TAP_DIR/err" "File store at 0xf0000: something else is there"
want_status "--fs is still a directory" 0 "$FROST" run --flash "$flash" --fs "$TAP_DIR" \
    -e 'print(file.exists("want"))'
said "... of the computer" "true"

tap_done
