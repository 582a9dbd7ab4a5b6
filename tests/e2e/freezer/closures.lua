-- Tables with functions: a module as one frozen table. Run with the module's source beside it.
local function full()
    for i = 1, 12 do collectgarbage() end -- the buffer of texts shrinks each time
    return (node.egc.meminfo())
end
local function same(what, got, want)
    if got ~= want then print("FAULT", what, got, want) end
end
local function load(text) return assert(loadstring(text, "=frozen"))() end
local function sound()
    local good, fault = freezer.verify()
    same("verify", good, true)
    if fault then print(fault) end
end

-- A module that refers to itself by its functions' upvalues, calls itself, has constants and globals.
local make = [[
    local M, step, name = {kind = 'module', list = {1, 2, {deep = 'yes'}}}, 3, 'a name'
    local function helper(n) return n == 0 and 0 or step + helper(n - 1) end
    function M.get(n) return helper(n), name, M.kind, M.list[3].deep end
    function M:method(x) return self.kind .. x .. M.get(1) end
    function M.counter(n) return function() n = n + 1 return n, step end end
    function M.global() shared = (shared or 0) + 1 return shared, type(print), bit.band(7, 5) end
    function M.fails() return nil + name end
    return M]]
local m = load(make)
local holder = {m, m.get, up = function() return m.get end}
freezer.freeze {"clears what stacks have above their tops"}
local plan = freezer.plan(m)
same("nothing in the way", plan.why, nil)
same("closures", plan.closures, 6)
local before = full()
local used = select(2, freezer.info())
local back, saved, why = freezer.freeze(m)
same("why", why, nil)
same("planned", plan.saved, saved)
same("flash", select(2, freezer.info()) - used, plan.flash)
same("saved", before - full(), saved)
same("one table", rawequal(back, m) and rawequal(holder[1], m) and rawequal(holder.up(), m.get) and rawequal(holder[2], m.get), true)
local n, name, kind, deep = m.get(4)
same("runs", n .. name .. kind .. deep, "12a namemoduleyes")
same("a method", m:method "x", "modulex3")
local c, d = m.counter(5), m.counter(10)
same("functions made by it", c() + c() + d(), 6 + 7 + 11)
same("globals", m.global() + m.global() + shared, 5)
same("its globals", getfenv(m.get), _G)
same("isfrozen", freezer.isfrozen(m.get), "freezer")
print(pcall(m.fails))
print(select(2, pcall(function() m.get = 1 end)))
print(select(2, pcall(setfenv, m.get, {})))
if debug and debug.setupvalue then same("upvalues", pcall(debug.setupvalue, m.get, 1, 5), false) end
sound()
used = select(2, freezer.info())
local twin = load(make)
freezer.freeze(twin)
same("an equal one takes no flash", select(2, freezer.info()), used)
same("and is the same", twin.get, m.get)
local copy = freezer.thaw(m)
copy.kind = "copy"
same("a copy that can be changed", copy:method "y", "copyy3")
same("a function that is thawed", freezer.thaw(m.get)(2), 6)
same("not frozen then", freezer.isfrozen(freezer.thaw(m.get)), false)
print "module"

-- Cycles of tables; parts that are frozen already; objects of classes.
local a, b = {name = "a"}, {name = "b"}
a.other, b.other, a.list = b, a, {b, a}
freezer.freeze(a)
same("a cycle", a.other.other.list[1].other.name, "a")
same("both are frozen", freezer.isfrozen(b), "freezer")
same("refers to what is frozen", select(3, freezer.freeze {a, m, back = {m.get}}), nil)
local class = load [[
    local Class = {}
    Class.__index = Class
    function Class.new(x) return setmetatable({x = x}, Class) end
    function Class:twice() return 2 * self.x end
    function Class.__add(p, q) return Class.new(p.x + q.x) end
    function Class:__tostring() return "object " .. self.x end
    return Class]]
local object = class.new(4)
freezer.freeze(class)
same("a class", tostring(object + class.new(3)) .. object:twice(), "object 78")
same("its metatable", getmetatable(object), class)
local two = {load "local t = {} t.f = function() return t end return t", load "local t = {1} t.f = function() return t end return t"}
two[1].second, two[3] = two[2], two[1]
same("several", select(3, freezer.freeze_all(two)), nil)
same("they refer to each other", two[1].second.f()[1] .. tostring(two[3].f() == two[1]), "1true")
sound()
print "graphs"

-- What stands in the way, and where.
local function refuses(v)
    local _, bytes, reason = freezer.freeze(v)
    same("nothing saved", bytes, 0)
    v.still = "open"
    same("can be written", v.still, "open")
    print(reason)
end
local count = 0
refuses {tick = function() count = count + 1 return count end}
refuses(load "local n = 0 local t = {get = function() return n end} t.set = {deep = function() return function(x) n = x end end} return t")
refuses(load "local cache = {} return {config = {on_change = function() return cache end}, keep = function(x) cache = x end}")
refuses {f = setfenv(function() end, {})}
refuses(load "local u = coroutine.create(function() end) return {f = function() return u end}")
local thread = coroutine.create(function() end)
same("the first of several", select(3, freezer.freeze_all {{deep = {thread}}, {other = {f = thread}}}), ".deep[1]: a thread (freezer.thawed keeps it in RAM)")
local open = {}
open.f = function() return count, open end
refuses(open)
local key = {load "return function() end"}
local keyed = {[key[1]] = 1}
for _ in pairs(keyed) do refuses(key) end
same("found by the key", keyed[key[1]], 1)
freezer.freeze(key)
same("frozen, too", keyed[key[1]] .. freezer.isfrozen(key), "1freezer")
local running = load [[local t = {} function t.freeze() return select(3, freezer.freeze(t)) end return t]]
print(running.freeze())
running.again = 1
local inner = load [[local t = {} function t.f(x) local y = coroutine.yield(x .. "1") return y .. "2" end return t]]
local thread = coroutine.create(inner.f)
same("suspended", select(2, coroutine.resume(thread, "a")), "a1")
same("frozen meanwhile", select(3, freezer.freeze(inner)), nil)
full()
for i = 1, 50 do local _ = ("filler"):rep(i) end
same("goes on", select(2, coroutine.resume(thread, "b")), "b2")
print "refusing"

-- By itself a function takes its closure along only if asked.
local f = load "local t = {5} return function() return t[1] end"
freezer.freeze(f)
same("its environment can be set", pcall(setfenv, f, _G), true)
local opts = freezer.opts(0xFFF)
before = full()
_, saved = freezer.freeze(f)
same("the closure saved", before - full(), saved)
same("the closure moved", saved > 0 and pcall(setfenv, f, _G), false)
same("it runs", f(), 5)
same("or nothing", select(3, freezer.freeze(function() count = 1 end)) ~= nil, true)
freezer.opts(opts)
-- Many, with the collector in the middle of its work.
for i = 1, 40 do
    collectgarbage("step", 0)
    local t = load("local t = {" .. i .. "} function t.f() return t[1] end return t")
    freezer.freeze(t)
    collectgarbage("step", 0)
    same("in a cycle of the collector", t.f(), i)
end
full()
same("a class again", tostring(object + class.new(3)), "object 7")
sound()
print "done"
