-- Frozen tables: read as before, never written, one copy.
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
local function dump(t)
    local out = {}
    for k, v in pairs(t) do out[#out + 1] = tostring(k) .. "=" .. (type(v) == "table" and (v == t and "self" or "{" .. dump(v) .. "}") or tostring(v)) end
    return table.concat(out, " "), out
end
local function sorted(t)
    local _, out = dump(t)
    table.sort(out)
    return table.concat(out, " ")
end

local make = "return {10, 20, 30, nil, 50, name = 'a name', ['key' .. '2'] = true, off = false, [100] = 'far', [-1] = 'below'," ..
    "inner = {deep = {1, 2, {x = 'y'}}, list = {'b', 'a'}}, fn = print, lib = bit, empty = {}, [true] = 'yes'}"
local t = load(make)
local other = {t, holder = t}
local function up() return t end
local want, length, inner = dump(t), #t, t.inner
freezer.freeze({"clears what stacks have above their tops"})
local before = full()
local back, saved, why = freezer.freeze(t)
same("no blocker", why, nil)
same("the same table", rawequal(back, t), true)
same("saved", before - full(), saved)
same("content and order", dump(t), want)
same("length", #t, length)
same("references", rawequal(other[1], t) and rawequal(other.holder, t) and rawequal(up(), t) and rawequal(t.inner, inner), true)
same("type", type(t), "table")
same("text", tostring(t):match "^table: 0x40", "table: 0x40")
same("rawget", rawget(t, "name") .. tostring(rawget(t, 2)) .. tostring(rawget(t, "none")), "a name20nil")
same("next", next(t), 1)
same("ipairs", (function() local s = 0 for _, v in ipairs(t) do s = s + v end return s end)(), 60)
same("unpack", select("#", unpack(t.inner.list)), 2)
same("concat", table.concat(t.inner.list, ","), "b,a")
same("calls", t.fn == print and t.lib == bit, true)
same("isfrozen", freezer.isfrozen(t), "freezer")
same("again", select(2, freezer.freeze(t)), 0)
sound()
print "reading"

-- Nothing changes it; the error says what was to be changed.
local function fails(what, ...)
    local good, message = pcall(...)
    same(what .. " fails", good, false)
    print(what, (tostring(message):gsub("^[^ ]*:%d+: ", "")))
end
fails("a field", function() t.name = 1 end)
fails("a new field", function() t.other = 1 end)
fails("an element", function() t[2] = 1 end)
fails("a nested one", function() t.inner.deep[3].x = 1 end)
fails("nil", function() t.name = nil end)
fails("rawset", rawset, t, "name", 1)
fails("setmetatable", setmetatable, t, {})
fails("insert", table.insert, t, 5)
fails("remove", table.remove, t.inner.list)
fails("sort", table.sort, t.inner.list)
fails("setfenv", setfenv, function() end, t)
same("it is as it was", dump(t), want)
print "writing"

-- As keys, in weak tables, with metatables; equal ones are found again.
local set = setmetatable({}, {__mode = "kv"})
set[t] = t
full()
same("a weak table keeps it", set[t], t)
local proto = {kind = "proto", 5}
local object = setmetatable({own = 1}, {__index = proto})
same("a metatable of tables", select(3, freezer.freeze(object)), nil)
same("inherits", object.kind .. object.own .. tostring(object[1]) .. tostring(object.none), "proto15nil")
same("getmetatable", getmetatable(object).__index, proto)
local child = setmetatable({}, {__index = object})
same("a frozen table in a chain", child.kind .. child.own, "proto1")
child.kind = "child"
same("a child can be written", child.kind .. object.kind, "childproto")
local slave = setmetatable({}, object)
same("a frozen table as a metatable", getmetatable(slave), object)
same("it has no metamethods", slave.x, nil)
local locked = setmetatable({a = 1}, {__metatable = "locked", __newindex = freezer.freeze(load "return function(_, k, v) log = log .. k .. v end")})
same("a metatable of its own", select(3, freezer.freeze(locked)), nil)
same("__metatable", getmetatable(locked), "locked")
same("protects", select(2, pcall(setmetatable, locked, {})), "cannot change a protected metatable")
log = ""
locked.b = 5
locked.b = 6
same("__newindex takes new fields", log .. tostring(rawget(locked, "b")), "b5b6nil")
same("but none that is there", pcall(function() locked.a = 2 end), false)
local own = {}
own.me, own.list = own, {1}
freezer.freeze(own)
same("refers to itself", own.me == own and own.me.me.list[1], 1)
local used = select(2, freezer.info())
local twin = load(make)
freezer.freeze(twin)
same("an equal one takes no flash", select(2, freezer.info()), used)
same("equal", dump(twin), want)
print "identity"

-- What stands in the way, and where. Nothing has changed then.
local function refuses(v)
    local _, bytes, reason = freezer.freeze(v)
    same("nothing saved", bytes, 0)
    v.still = "open"
    same("can be written", v.still, "open")
    print(reason)
end
refuses {config = {on_change = function() return used end}}
refuses {list = {1, 2, coroutine.create(function() end)}}
refuses {[{}] = 1}
refuses {pipe = pipe and pipe.create() or io.stdout}
refuses(setmetatable({1}, {__mode = "k"}))
refuses {class = {subclasses = setmetatable({}, {__mode = "k"})}}
refuses(setmetatable({1}, {__eq = rawequal}))
refuses(setmetatable({1}, {__index = function() return used end}))
local environment = {1}
local in_it = setfenv(function() return 1 end, environment)
refuses(environment)
local key = {1}
local keyed = {[key] = "value"}
for k in pairs(keyed) do refuses(k) end
same("found by the key", keyed[key], "value")
print(freezer.plan({x = {function() return used end}}).why, freezer.plan({"planned"}).flash > 0)
print "refusing"

-- A traversal goes on; a frame below has it in a register; thawed it can be changed.
local running = {}
for i = 1, 20 do running["key" .. i] = i end
local sum = 0
for k, v in pairs(running) do
    if sum == 0 then freezer.freeze(running) full() end
    sum = sum + v
end
same("traversal", sum, 210)
local warm = freezer.thaw(t)
same("thawed", sorted(warm), sorted(t))
warm.name, warm.inner.deep[3].x = "new", "new"
same("changed", warm.name .. warm.inner.deep[3].x .. t.name .. t.inner.deep[3].x, "newnewa namey")
same("not frozen", freezer.isfrozen(warm), false)
same("a thawed cycle", (function() local w = freezer.thaw(own) return w.me == w and w ~= own end)(), true)
-- Functions and tables in one batch; large ones.
local f, data = assert(loadstring "local data = ...; return #data + data[2]"), {}
for i = 1, 200 do data[i] = i * i end
before = full()
local batch = {f, data}
before = full()
local _, all = freezer.freeze_all(batch)
f, data = batch[1], batch[2]
same("batch", before - full(), all)
same("it runs", f(data), 204)
for i = 1, 200 do if data[i] ~= i * i then print("FAULT", i) end end
sound()
print "done"
