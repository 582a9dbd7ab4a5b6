#!/bin/sh
# The stand-alone interpreter: options, arg, LUA_INIT, LUA_PATH, statuses and messages as Debian's
# lua5.1 has them; the prompt, through a pipe and on a terminal. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" lua5.1
terminal=$PWD/tests/e2e/standalone-terminal.py
cd "$TAP_DIR"
# A program that hangs is a failure with a name.
PC="timeout 300 $FROST run --profile pc"

# Runs both with the same arguments and input $INPUT; statuses, output and messages must be equal
# but for the program's name.
INPUT=/dev/null
same() { # NAME ARG...
    name=$1
    shift
    lua5.1 "$@" <"$INPUT" >want 2>want.err
    echo "status $?" >>want
    sed 's/^lua5\.1: /lua: /' want.err >>want
    $PC "$@" <"$INPUT" >got 2>got.err
    echo "status $?" >>got
    cat got.err >>got
    want_same "$name" want got
}

cat >args.lua <<'END2'
print(#arg, arg[0], ...)
for i = 1, #arg do print(i, arg[i]) end
END2
echo 'module("m", package.seeall) value = 7 print("loaded", ...)' >m.lua
echo 'error("broken", 0)' >broken.lua
echo 'x = = 1' >syntax.lua

same "arguments" args.lua a "b c" ""
same "arguments behind --" -- args.lua -x --y
same "-e and -l, in order" -e 'print(m)' -l m -e 'print(m.value)' args.lua 1
same "-e alone has no arg" -e 'print(arg, ...)'
same "-e that does not compile" -e 'x x' args.lua
same "-e that fails" -e 'error("here")' args.lua
same "-l leaves the global" -l os -e 'print(type(os))'
want_status "-l of a missing module" 1 $PC -l nowhere args.lua
want_text "... says so" err "module 'nowhere' not found"
same "a script that fails" broken.lua
same "a script that does not compile" syntax.lua
same "a script that is missing" missing.lua
same "an error that is a table" -e 'error({})'
same "an error that is nil" -e 'error(nil)'
same "an error in a coroutine, deep" -e 'local function f(n) if n == 0 then error("x") end f(n - 1) end
f(40)'
same "a long message" -e 'error(string.rep("long ", 500))'
same "os.exit with a status" -e 'io.write("out") os.exit(7)'
same "os.exit without finalizers" \
    -e 'p = newproxy(true) getmetatable(p).__gc = function() print("gc") end os.exit()'
same "finalizers at the end, last made first" -e 'ps = {}
for i = 1, 3 do
    ps[i] = newproxy(true)
    getmetatable(ps[i]).__gc = function() print("gc", i) if i == 2 then error("lost") end end
end'
same "finalizers after an error" \
    -e 'p = newproxy(true) getmetatable(p).__gc = function() print("gc") end error("e")'
same "files are written at the end" -e 'f = io.open("late", "w") f:write("text")'
tap_is "... whole" text "$(cat late)"

echo 'print("from input", arg[0], ...) print(io.read())' >program
INPUT=program
same "- is standard input" - a b
echo 'print("from input", arg, ...)' >program
same "no script and no terminal: standard input"
printf '#!/bin/lua\nerror("line 2")\n' >program
same "a first line of the input with #" -
INPUT=/dev/null
printf '#!/usr/bin/lua\nerror("line 2")\n' >shebang.lua
same "a first line with #" shebang.lua

LUA_INIT='print("init", arg)' && export LUA_INIT
same "LUA_INIT" args.lua
LUA_INIT=@m.lua
same "LUA_INIT names a file" -e 'print(value, m and m.value)'
LUA_INIT='error("init")'
same "LUA_INIT that fails" args.lua
unset LUA_INIT
mkdir -p lib/deep && echo 'return {name = ...}' >lib/deep/one.lua
LUA_PATH="./lib/?.lua;;" && export LUA_PATH
same "LUA_PATH" -e 'print(require("deep.one").name, (package.path:find("./lib/?.lua;./?.lua", 1, true)))'
LUA_PATH="./?/x.lua"
same "LUA_PATH alone" -e 'print(package.path)'
unset LUA_PATH
LUA_CPATH="./?.so;./c/?.so" && export LUA_CPATH
same "LUA_CPATH" -e 'print(package.cpath)'
unset LUA_CPATH

want_status "-v" 0 $PC -v
want_text "... names the interpreter" err "Lua 5.1.4  Frostline"
want_status "arg in front of the script" 0 $PC -e 'a = 1' -l os - 1 <<'END2'
print(arg[-1], arg[-2], arg[-3], arg[-4], arg[-5], arg[-6], arg[-7], arg[-8] == arg[-9])
END2
tap_is "... has the whole command line" "os	-l	a = 1	-e	pc	--profile	run	false" "$(cat out)"
want_status "nodemcu needs something to run" 2 "$FROST" run
want_status "debug.getinfo without a function for '>'" 0 $PC -e 'print(pcall(debug.getinfo, 1, ">S"))'
want_text "... is an error" out "invalid option"
printf 'print("in", ...)\n' >program
want_status "- with nodemcu" 0 sh -c "timeout 300 $FROST run - 1 <program"
tap_is "... has its arguments" "in	1" "$(cat out)"

# ---- under the name of a Lua interpreter ----

# A link called lua5.1 in front of the path: both programs are typed alike, and say so.
mkdir -p links
ln -sf "$(command -v "$FROST" || echo "$FROST")" links/lua5.1
same_program() { # NAME COMMAND: a shell's line that starts lua5.1
    sh -c "$2" <"$INPUT" >want 2>&1
    echo "status $?" >>want
    PATH=$PWD/links:$PATH timeout 300 sh -c "$2" <"$INPUT" >got 2>&1
    echo "status $?" >>got
    want_same "as lua5.1: $1" want got
}
cat >words.lua <<'END2'
for i = -6, 3 do io.write(i, "=", tostring(arg[i]), " ") end
print(...)
END2
cat >again.lua <<'END2'
local first = 0
while arg[first - 1] do first = first - 1 end
os.exit(os.execute(arg[first] .. " words.lua started again") / 256)
END2
same_program "arg has the words as typed" 'lua5.1 -e "x = 1" -l os words.lua a "b c"'
same_program "a script starts its interpreter again" 'lua5.1 again.lua'
same_program "a script that fails" 'lua5.1 broken.lua'
same_program "no such script" 'lua5.1 nowhere.lua'
same_program "an option that does not exist" 'lua5.1 -x'
same_program "letters behind -i" 'lua5.1 -vi'
same_program "-e without text" 'lua5.1 -e'
same_program "text behind -e and -l" 'lua5.1 -e"print(7)" -los words.lua'
same_program "-- ends the options" 'lua5.1 -- words.lua -e 1'
same_program "-- with letters" 'lua5.1 --version'
same_program "- is standard input" 'echo "print(arg[0], ...)" | lua5.1 - 1 2'
same_program "nothing is standard input" 'echo "print(arg, ...)" | lua5.1'
same_program "debug.setfenv of a library function" \
    "lua5.1 -e 'print(debug.setfenv(print, {}) == print, pcall(debug.setfenv, 1, {}))'"
want_status "-v says Lua 5.1" 0 ./links/lua5.1 -v
want_text "... as lua does, on standard error" err "Lua 5.1"
FROST_LUA_OPTIONS='--heap 1M' && export FROST_LUA_OPTIONS
want_status "FROST_LUA_OPTIONS are frost's" 1 ./links/lua5.1 -e 'local s = ("x"):rep(2^21)'
want_text "... the heap is as small as they say" err "not enough memory"
FROST_LUA_OPTIONS='--nothing'
want_status "... wrong ones are told" 2 ./links/lua5.1 -e 'x = 1'
unset FROST_LUA_OPTIONS

# ---- the prompt ----

cat >lines <<'END2'
x = 3
=x, nil
for i = 1, 2 do
print(i)
end
error("oops")
local y = [[a
b]] print(y)
x x
_PROMPT = "? "
=nothing.x
END2
want_status "the prompt" 0 sh -c "$PC -i <lines"
printf '%s\n' '> > 3	nil' '> >> >> 1' '2' '> > >> a' 'b' '> > ? ? ' >want
want_same "... continues, prints" want out
sed 1d err >err.rest
printf '%s\n' 'stdin:1: oops' 'stack traceback:' "	[C]: in function 'error'" \
    '	stdin:1: in main chunk' '	[C]: ?' "stdin:1: '=' expected near 'x'" \
    "stdin:1: attempt to index global 'nothing' (a nil value)" 'stack traceback:' \
    '	stdin:1: in main chunk' '	[C]: ?' >want
want_same "... and reports" want err.rest
printf 'y = y + 1\n=y\n' >lines
want_status "... after -e and a script" 0 sh -c "$PC -i -e 'y = 1' args.lua z <lines"
want_text "... with their globals" out "> > 2"
echo '=6 * 7' >lines
want_status "... not after a script that fails" 1 sh -c "$PC -i broken.lua <lines"
want_text "... which is reported" err "lua: broken"
tap_is "... and prints nothing" "" "$(cat out)"
want_status "... nor after -e that fails" 1 sh -c "$PC -i -e 'error(1)' args.lua <lines"
tap_is "... prints nothing" "" "$(cat out)"
printf 'tmr.create():alarm(1, tmr.ALARM_SINGLE, function() print("tick") end)\n' >lines
echo 'for i = 1, 3e7 do end' >>lines
want_status "... of the nodemcu profile" 0 sh -c "timeout 300 $FROST run -i <lines"
want_text "... runs timers" out "tick"

# Ctrl-C is an error in a script, too, for a Lua by name; a device's run is ended (run-endings.sh).
interrupted() { # CODE
    # To the program alone: its group would be interrupted twice, of which the second one ends it.
    env --default-signal=INT timeout --foreground --preserve-status -s INT 3 "$FROST-lua" -e "$1"
}
want_status "Ctrl-C in a script" 1 interrupted 'while true do end'
want_text "... says so" err "frost-lua: interrupted!"
want_status "... is caught by pcall" 0 interrupted 'print(pcall(function() while true do end end))'
want_text "... as an error" out "interrupted!"

# Seven kinds of endless loop are ended by Ctrl-C.
timeout 900 python3 "$terminal" "$FROST" run --profile pc >answers
{
    echo 3
    for loop in 1 2 3 4 5 6 7; do
        printf 'inside\ninterrupted!\n'
    done
    printf '4\n4\nstatus 0\n'
} >want
want_same "on a terminal: editing, history, Ctrl-C, end of input" want answers
tap_done
