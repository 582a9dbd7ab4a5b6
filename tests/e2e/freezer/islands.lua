-- Parts of frozen tables that stay in RAM: islands, userdata, overlays.
local function full()
    for i = 1, 12 do collectgarbage() end
    return (node.egc.meminfo())
end
local function same(what, got, want)
    if got ~= want then print("FAULT", what, got, want) end
end
local function load(text) return assert(loadstring(text, "=frozen"))() end
local function dump(t)
    local out = {}
    for k, v in pairs(t) do out[#out + 1] = tostring(k) .. "=" .. tostring(v):gsub("0x%x+", "at") end
    table.sort(out)
    return table.concat(out, " ")
end

-- Islands are the same objects as before, and go on to change.
local state = freezer.thawed {count = 0}
local callback = freezer.thawed(function() state.count = state.count + 10 return state.count end)
local t = load "return {name = 'config', list = {1, 2, 3}, deep = {er = {}}}"
t.state, t.deep.er.state, t.list[4], t.on_change = state, state, state, callback
freezer.freeze {"clears what stacks have above their tops"}
local _, saved, why = freezer.freeze(t)
same("nothing in the way", why, nil)
same("frozen", freezer.isfrozen(t) .. freezer.isfrozen(t.deep.er), "freezerfreezer")
full()
t.state.count = 5
same("an island", t.state == state and t.deep.er.state == state and t.list[4] == state and rawget(t, "state") == state, true)
same("it changes", t.on_change() .. state.count, "1515")
same("length", #t.list, 4)
same("fields", dump(t), "deep=table: at list=table: at name=config on_change=function: at state=table: at")
same("in order", select(2, next(t.list, 3)), state)
same("elsewhere it cannot be written", pcall(function() t.deep.name = 1 end), false)
same("not frozen", freezer.isfrozen(t.state), false)
-- A function with an island as an upvalue stays, but for its code; so does one that holds such a function; a table that
-- an upvalue holds is frozen, with its own islands.
local holder, inner = load [[return function(s)
    local inner = {s = s, n = 7}
    local function f() s.count = s.count + 1 return s.count end
    local function g() return f() + 100 end
    local function h() return inner.s.count + inner.n end
    return setmetatable({f = f, g = g, h = h, list = {f}}, {__index = {s = s, by = "class"}}), inner
end]](state)
local f, g = holder.f, holder.g
same("islands in upvalues", select(3, freezer.freeze(holder)), nil)
same("functions that hold them", rawequal(holder.f, f) and rawequal(holder.g, g) and rawequal(holder.list[1], f), true)
full()
state.count = 20
same("work", holder.f() .. holder.g() .. holder.h() .. holder.s.count .. holder.by, "211222922class")
same("their code", freezer.isfrozen(holder.f) .. freezer.isfrozen(holder.g) .. freezer.isfrozen(holder.h), "freezerfreezerfreezer")
same("a table of an upvalue", freezer.isfrozen(inner) .. tostring(inner.s == state), "freezertrue")
same("verify", freezer.verify(), true)
local options = freezer.opts()
freezer.opts(options + 0x800)
local alone = load "return function(s) return function() return s.count end end" (state)
same("by itself", select(3, freezer.freeze(alone)), nil)
same("its code", freezer.isfrozen(alone) .. alone(), "freezer22")
freezer.opts(options)
state.count = 5
same("equal ones take no flash", (function()
    local used = select(2, freezer.info())
    local other = load "return {name = 'config', list = {1, 2, 3}, deep = {er = {}}}"
    freezer.freeze(other)
    return other.state
end)(), nil)
local forwards = setmetatable({a = 1}, {__newindex = freezer.thawed {}})
same("an island as a metamethod", select(3, freezer.freeze(forwards)), " metatable.__newindex: a metamethod cannot stay in RAM")
same("an island as a metatable", select(3, freezer.freeze(setmetatable({a = 1}, freezer.thawed {}))), ": a metatable cannot stay in RAM")
forwards.b = 7
same("which goes on", getmetatable(forwards).__newindex.b, 7)
same("verify", freezer.verify(), true)

-- Equal tables with parts in RAM are two, alone and in one graph, and a third that has none.
local function object(part) return {kind = "socket", owner = part and freezer.thawed(part)} end
local a, b, c, both = object {1}, object {2}, object(), {object {3}, object {4}, object()}
freezer.freeze(a) freezer.freeze(b) freezer.freeze(c) freezer.freeze(both)
same("each has its own", a.owner[1] .. b.owner[1] .. both[1].owner[1] .. both[2].owner[1], "1234")
same("or none", tostring(c.owner) .. tostring(both[3].owner) .. tostring(rawequal(a, b)), "nilnilfalse")
local p, q = freezer.freeze({z = 1}, {overlay = true}), freezer.freeze({z = 1}, {overlay = true})
p.z = 5
same("overlays, too", p.z .. q.z .. freezer.freeze({z = 1}).z, "511")
same("verify", freezer.verify(), true)
-- A coroutine as an island goes on.
local worker = {name = "worker", co = freezer.thawed(coroutine.create(function(n) while true do n = n + coroutine.yield(n) end end))}
coroutine.resume(worker.co, 1)
same("a coroutine", select(3, freezer.freeze(worker)), nil)
full()
same("it goes on", freezer.isfrozen(worker) .. select(2, coroutine.resume(worker.co, 5)), "freezer6")
-- What require writes to, and what is too deep, stay as they are.
same("loaded modules", select(3, freezer.freeze(package.loaded)), ": require writes to it")
local deepest = {}
for _ = 1, 300 do deepest = {deepest} end
same("too deep", select(3, freezer.freeze(deepest)):match "^%[1%].*%[1%]: nested too deeply", select(3, freezer.freeze(deepest)):match ".*deeply")
same("too deep, said", select(3, freezer.freeze(deepest)):match ": (.*)", "nested too deeply (freezer.thawed keeps it in RAM)")
-- What was an island when its freeze was refused counts no more.
local again = {conn = freezer.thawed {"old"}, bad = coroutine.create(function() end)}
same("refused", select(3, freezer.freeze(again)), ".bad: a thread (freezer.thawed keeps it in RAM)")
again.conn, again.bad = "new", nil
freezer.freeze(again)
same("what it is now", again.conn .. freezer.isfrozen(again), "newfreezer")
print "islands"

-- Writes to a frozen table that has an overlay.
local o = load "return {10, 20, 30, a = 'one', b = 'two', c = {}}"
local class = {greet = function(self) return "hello " .. self.a end, kind = "class"}
setmetatable(o, {__index = class})
local before = dump(o)
freezer.freeze(o, {overlay = true})
same("as it was", dump(o), before)
o.a, o.b, o.new, o[4], o[2] = "changed", nil, "new", 40, 21
same("changed", dump(o), "1=10 2=21 3=30 4=40 a=changed c=table: at new=new")
same("lengths", #o .. "," .. table.concat(o, "-"), "4,10-21-30-40")
table.insert(o, 50)
table.remove(o, 1)
same("as a list", table.concat(o, "-"), "21-30-40-50")
table.sort(o, function(x, y) return x > y end)
same("sorted", table.concat(o, " "), "50 40 30 21")
o[4], o[3] = nil
same("shorter", #o .. "," .. select("#", unpack(o)), "2,2")
same("raw", tostring(rawget(o, "b")) .. rawget(o, "a") .. rawset(o, "raw", 7).raw, "nilchanged7")
o.b = "back"
same("back", o.b, "back")
same("methods", o:greet() .. o.kind, "hello changedclass")
o.kind = "own"
same("hides", o.kind .. class.kind, "ownclass")
o.kind = nil
same("and no more", o.kind, "class")
local child = setmetatable({}, {__index = o})
same("in a chain", child.a .. tostring(child.none) .. child.kind, "changednilclass")
o.a = "again"
same("in a chain, changed", child.a, "again")
full()
same("after a collection", o.a .. o.b .. o[1], "againback50")
local copy = freezer.thaw(o)
same("a copy", copy.a .. copy.b .. copy[1] .. tostring(copy.c ~= o.c), "againback50true")
same("nil is no key", pcall(function() o[nil] = 1 end), false)
local visited = 0
for k in pairs(o) do o[k] = nil visited = visited + 1 end
same("removed while visited", next(o), nil)
same("all", visited, 7)
print(pcall(freezer.overlay, {}))
same("asked for later", freezer.overlay(t.list)[1], 1)
t.list[1] = "written"
same("one of its tables", t.list[1] .. #t.list, "written4")
print "overlays"

-- Libraries of classes keep a weak set of subclasses, which goes on to be written: an island. Static
-- members are found by closures, instances by a table of methods.
local new_class = load [[
    local function new(class, ...)
        local object = setmetatable({class = class}, class.methods)
        object:initialize(...)
        return object
    end
    local function create(name, super)
        local methods, static = {}, {}
        methods.__index = methods
        if super then setmetatable(methods, {__index = super.methods}) end
        local class = {name = name, methods = methods, static = static, subclasses = setmetatable({}, {__mode = "k"})}
        setmetatable(static, {__index = function(_, k)
            local v = rawget(methods, k)
            if v == nil and super then return super.static[k] end
            return v
        end})
        return setmetatable(class, {__index = static, __newindex = methods, __call = new, __tostring = function() return "class " .. name end})
    end
    return function(name, super)
        local class = create(name, super)
        if super then super.subclasses[class] = true end
        return class
    end]]
local animal = new_class "Animal"
function animal:initialize(name) self.name = name end
function animal:speak() return self.name .. " speaks" end
function animal.static.kinds() return "all kinds" end
print(select(3, freezer.freeze(animal)))
freezer.thawed(animal.subclasses)
same("a class", select(3, freezer.freeze(animal)), nil)
same("is frozen", freezer.isfrozen(animal) .. freezer.isfrozen(animal.methods) .. tostring(freezer.isfrozen(animal.subclasses)), "freezerfreezerfalse")
same("an instance", animal("Rex"):speak() .. tostring(animal) .. animal.kinds(), "Rex speaksclass Animalall kinds")
local dog = new_class("Dog", animal)
function dog:bark() return self:speak() .. " and barks" end
same("a subclass made later", dog("Fido"):bark() .. dog.kinds(), "Fido speaks and barksall kinds")
same("is known to it", animal.subclasses[dog], true)
same("methods of a frozen class stay", pcall(function() animal.more = print end), false)
dog = nil
full()
same("weakly", next(animal.subclasses), nil)
print "classes"

-- Userdata: refused, or kept for the end.
if newproxy then
    local log = {}
    local p = newproxy(true)
    getmetatable(p).__gc = function() log[1] = "finalized" end
    getmetatable(p).__index = {x = "of the proxy"}
    local holder = {p = p, inner = {p}}
    print(select(3, freezer.freeze(holder)))
    same("frozen with it", select(3, freezer.freeze(holder, {at_exit = true})), nil)
    same("is frozen", freezer.isfrozen(holder), "freezer")
    p = nil
    full()
    same("it is there", holder.p.x .. holder.inner[1].x, "of the proxyof the proxy")
    holder = nil
    full()
    same("until the end", #log, 0)
end
print "userdata"
