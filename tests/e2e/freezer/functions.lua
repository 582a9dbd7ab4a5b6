-- What freezing a function may not change, and what it must save. One line per fault of the original.
local function full()
    collectgarbage()
    collectgarbage()
    return (node.egc.meminfo())
end
local function same(what, got, want)
    if got ~= want then print("FAULT", what, got, want) end
end
local function load(text, name) return assert(loadstring(text, name or "=frozen")) end
local function sound()
    local good, fault = freezer.verify()
    same("verify", good, true)
    if fault then print(fault) end
end

-- The value comes back, with what it has saved; others pass.
local twice = load "local a = ...; return a, a .. 'twice'"
local before = full()
local f, saved = freezer.freeze(twice)
same("the same function", f, twice)
same("saved", before - full(), saved)
same("runs", select(2, twice "x"), "xtwice")
same("no result for others", select("#", freezer.freeze(5)), 1)
same("nil passes", select("#", freezer.freeze(nil)), 1)
same("C functions save nothing", select(2, freezer.freeze(print)), 0)
same("again", select(2, freezer.freeze(twice)), 0)
print "results"

-- Metamethods stay: their names are the same strings in flash and in RAM.
local meta = load [[
    local t, mt = {}, {}
    setmetatable(t, mt)
    local none = t.x
    mt.__index = function(_, k) return k .. "!" end
    mt.__add = function(a, b) return "sum" end
    mt.__newindex = function(t, k, v) rawset(t, k, v * 2) end
    mt.__call = function(_, a) return a end
    t.y = 4
    return t.x, t + t, t.y, t(7), none]]
freezer.freeze(meta)
same("metamethods", table.concat({meta()}, " ", 1, 4), "x! sum 8 7")
same("one identity", rawequal("__in" .. "dex", ("__index"):sub(1)), true)
local keys = load "local t = {}; t.alpha = 1; t['be' .. 'ta'] = 2; return t"
freezer.freeze(keys)
local t = keys()
same("keys of RAM and flash", t["al" .. "pha"] + t.beta, 3)
print "strings"

local function running() return select(5, freezer.info(true)).running end
-- What runs goes on: itself, one below, a recursive local function, a suspended coroutine.
local function fact(n)
    if n == 3 then
        freezer.freeze(fact)
        full()
        for i = 1, 50 do local _ = ("filler"):rep(i) end
        same("it keeps its RAM", running(), 1)
    end
    return n == 0 and 1 or n * fact(n - 1)
end
same("a running function", fact(6), 720)
full()
same("until a collection after its end", running(), 0)
same("a running function has moved since", select(2, freezer.freeze(fact)), 0)
local body = load [[
    local a = ...
    for i = 1, 3 do a = a .. coroutine.yield(i .. "of" .. a) end
    return a .. "end"]]
local co = coroutine.create(body)
same("coroutine 1", select(2, coroutine.resume(co, "a")), "1ofa")
freezer.freeze(body)
full()
for i = 1, 50 do local _ = ("filler"):rep(i) end
same("coroutine 2", select(2, coroutine.resume(co, "b")), "2ofab")
same("coroutine 3", select(2, coroutine.resume(co, "c")), "3ofabc")
same("coroutine 4", select(2, coroutine.resume(co, "d")), "abcdend")
print "running"

-- Functions inside, upvalues that hold functions, and what a partial freeze has left.
local outer = load [[
    local helper = function(x) return x .. "helped" end
    return function(y) return function(z) return helper(y .. z) end end]]
local inner = outer()
before = full()
_, saved = freezer.freeze(inner)
same("inner and upvalues", before - full(), saved)
same("of one in RAM a part is frozen", freezer.isfrozen(inner) .. freezer.isfrozen(outer), "freezermixed")
same("they run", inner "1" "2", "12helped")
before = full()
_, saved = freezer.freeze(outer)
same("the rest of it", saved > 0, true)
same("saved later", before - full(), saved)
same("all of it runs", outer() "3" "4", "34helped")
same("all of it is frozen", freezer.isfrozen(outer), "freezer")
print "inner"

-- A string counts once, and not if it is there already.
local one, two = load "return 'a text that both of them have'", load "return 1, 'a text that both of them have'"
local both = {one, two}
before = full()
_, saved = freezer.freeze_all(both)
same("a batch", before - full(), saved)
same("a batch runs", one(), select(2, two()))
print "accounting"

-- With the write bit off nothing is written; what is there is used.
local text = "return 'dry', 'run'"
local dry = load(text)
local used = select(2, freezer.info())
local opts = freezer.opts(0x5FF)
same("dry run", select(2, freezer.freeze(dry)), 0)
same("nothing written", select(2, freezer.info()), used)
freezer.opts(opts)
freezer.freeze(dry)
used = select(2, freezer.info())
dry = nil
full()
dry = load(text)
freezer.opts(0x5FF)
same("found without writing", select(2, freezer.freeze(dry)) > 0, true)
freezer.opts(0x7FF - 0x80)
same("code may not go", select(2, freezer.freeze(load "return 'kept'")), 0)
freezer.opts(opts)
-- Lost and loaded again: no new flash.
dry = nil
full()
same("found again", select(2, freezer.freeze(load(text))) > 0, true)
same("no new flash", select(2, freezer.info()), used)
print "duplicates"

-- A C function below has the characters of a string that moves.
local subject = "these words " .. ("word "):rep(4)
local holder = load "return 'these words word word word word '"
same("gsub", (subject:gsub("%a+", function(w)
    freezer.freeze(holder)
    full()
    local filler = {}
    for i = 1, 40 do filler[i] = ("#"):rep(i) end
    return w:upper()
end)), subject:upper())
same("identity after that", rawequal(holder(), subject), true)

-- A traversal goes on behind a key that was removed and has moved.
local list = {}
for i = 1, 20 do list["key" .. i] = i end
local sum, names = 0, {}
for i = 1, 20 do names[i] = "'key" .. i .. "'" end
local mover = load("return " .. table.concat(names, ","))
for k, v in pairs(list) do
    list[k] = nil
    full()
    if sum == 0 then freezer.freeze(mover) end
    sum = sum + v
end
same("traversal", sum, 210)
print "traversal"

-- Stripped functions, many kinds of constants.
local constants = load "return 7, -0, 2147483647, -2147483647, 'x\\0y', 'x', '', true, nil, false, 'a text'"
if 1 / 2 > 0 then constants = load "return 1.5, -0, 1/0, -1e300, 'x\\0y', 5e-324, '', true, nil, false, 0.1" end
local function describe(...)
    local out = {select("#", ...)}
    for i = 1, out[1] do
        local v = select(i, ...)
        out[i + 1] = ("%s %q %s"):format(type(v), tostring(v), v == 0 and pcall(function() return 1 / v end) and tostring(1 / v) or "")
    end
    return table.concat(out, ";")
end
local stripped = loadstring(string.dump(constants))
local want = describe(constants())
freezer.freeze(stripped)
same("stripped", describe(stripped()), want)
freezer.freeze(constants)
same("constants", describe(constants()), want)
-- Error texts: source and line are there.
local bad = load("\n\nlocal t = nil\nreturn t.x", "@bad.lua")
freezer.freeze(bad)
same("line of an error", select(2, pcall(bad)):match "^bad.lua:4:", "bad.lua:4:")
-- An incremental cycle in the middle.
for i = 1, 300 do
    collectgarbage("step", 0)
    if i % 10 == 0 then
        local g = load("return 'step" .. i .. "', {}, function() return 'in" .. i .. "' end")
        freezer.freeze(g)
        same("in a cycle", select(3, g())(), "in" .. i)
    end
end
-- A reader of a chunk freezes: nothing moves under the compiler.
local pieces, n = {"local name = 'piece'", " return name", nil}, 0
local made = _G.load and _G.load(function()
    n = n + 1
    same("not while loading", select(2, freezer.freeze(load "local name = 'piece' return name")), 0)
    return pieces[n]
end)
same("the chunk", made and made(), "piece")
-- Thawed: the same upvalues, code in RAM.
local counter = load "local up = ...; return function() up = up + 1; return up, 'counted' end"(5)
freezer.freeze(counter)
counter()
local warm = freezer.thaw(counter)
same("thawed", freezer.isfrozen(warm), false)
same("frozen", freezer.isfrozen(counter), "freezer")
same("shared upvalue", warm() + counter(), 15)
same("its text", select(2, warm()), "counted")
same("nothing to thaw", rawequal(freezer.thaw(warm), warm), true)
local large = load("local a = ... " .. ("a = a + 1 "):rep(400) .. "return a")
freezer.freeze(large)
same("a large function is thawed", freezer.thaw(large)(1), 401)
-- The plan is what happens.
local planned = load "local a = ...; return function() return a .. 'planned' end"
used = select(2, freezer.info())
local plan = freezer.plan(planned)
same("a plan writes nothing", select(2, freezer.info()), used)
_, saved = freezer.freeze(planned)
same("planned saving", plan.saved, saved)
same("planned flash", plan.flash, select(2, freezer.info()) - used)
same("nothing left to plan", freezer.plan(planned).flash + freezer.plan(planned).time_us, 0)
same("planned time", plan.erases == 0 and plan.time_us > 200 and plan.time_us < 5000, true)
-- Details account for every byte of the area.
local _, used_bytes, all_bytes, _, details = freezer.info(true)
local kinds = details.strings.bytes + details.functions.bytes + details.tables.bytes + details.modules.bytes
same("every byte", kinds + 32 + 4 * details.slots + details.free + details.reserve, all_bytes)
same("each block has a slot", details.strings.count + details.functions.count, details.slots_used)
same("nothing is bad", details.bad, 0)
sound()
print "done"
