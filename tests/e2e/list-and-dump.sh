#!/bin/sh
# With as much flash as a plain dump of debug.getstrings'RAM' takes, a list saves what that saves, or
# more: of what may be taken, and of everything with --origin=all. Recorded random programs, and one that
# is given files and numbers. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
FROST_LUA=$O/frost-lua
tap_needs "$FROST" "$FROST_LUA"
cd "$TAP_DIR" || exit 1

# Makes a program of SEED: texts of constants, numbers and a file, kept and thrown away.
cat >make.lua <<'EOF'
math.randomseed(arg[1])
local random = math.random
local lines = {"kept, old = {}, {}", "local given = file.getcontents('given.txt')"}
local function word() local t = {} for i = 1, random(3, 24) do t[i] = string.char(random(97, 122)) end return table.concat(t) end
local makes = {
    function() return ("%q"):format(word()) end,
    function() return ("%q .. %q"):format(word(), word()) end,
    function() return ("(%q):rep(%d)"):format(word(), random(1, 4)) end,
    function() return ("%q .. given:sub(%d, %d)"):format(word(), random(1, 9), random(10, 30)) end,
    function() return ("%q .. node.random(%d)"):format(word(), random(9, 99999)) end,
}
for i = 1, 60 do
    local name = random(3) > 1 and "kept" or "old"
    lines[#lines + 1] = ("%s[#%s + 1] = %s"):format(name, name, makes[random(#makes)]())
    if random(9) == 1 then lines[#lines + 1] = "old = {}" end
    if random(15) == 1 then lines[#lines + 1] = ("do local t = {} for i = 1, %d do t[i] = i end end"):format(random(10, 90)) end
end
print(table.concat(lines, "\n"))
EOF
mkdir files
echo "a file of what was given to the program, by somebody" >files/given.txt
total() { sed -n "s/^  \"$1\": \([0-9.-]*\),*\$/\1/p" out; }

# compare WHAT DUMP OPTION...: DUMP_saved_bytes and DUMP_flash_bytes are those of the dump
compare() {
    what=$1 dump=$2
    shift 2
    "$FROST" strings -q --json --max-read-cost=100 "$@" trace >out
    saved=$(total "${dump}_saved_bytes") flash=$(total "${dump}_flash_bytes")
    "$FROST" strings -q --json --max-read-cost=100 --budget "$flash" "$@" trace >out
    if [ "$saved" -gt 0 ] && [ "$(total saved_bytes)" -ge "$saved" ] && [ "$(total flash_bytes)" -le "$flash" ]; then
        tap_ok "$what: $(total saved_bytes) bytes of RAM for at most $flash of flash, the dump $saved"
    else
        tap_not_ok "$what: no less than the dump, $saved bytes for $flash of flash" out
    fi
}
seed=$((${SEED:-1} * 10))
for program in 0 1 2 3 4 5; do
    "$FROST_LUA" make.lua $((seed + program)) >files/init.lua
    rm -rf trace
    want_status "records program $((seed + program))" 0 "$FROST" record -q -o trace --fs files files/init.lua
    compare "of what may be taken" dump_taken
    compare "of everything" dump --origin=all
done
tap_done
