-- debug.traceback: words for every kind of function, levels, cuts, other threads.
local function show(text) print((tostring(text):gsub("\n\t%[C%]: %?$", ""))) end

local function leaf(...) return (debug.traceback(...)) end
local function middle(...) local t = leaf(...) return t end
function global(...) local t = middle(...) return t end
local object = { method = function(self, ...) local t = middle(...) return t end }
local field = { inner = { f = function() local t = leaf("in field") return t end } }

show(leaf("message"))
show(global("from global"))
show(object:method("from method"))
show(field.inner.f())
show((function() local t = leaf("anonymous") return t end)())
show(leaf())
show(leaf("level 0", 0))
show(leaf("level 2", 2))
show(leaf("level 100", 100))
print(debug.traceback({}) ~= nil, type(debug.traceback({})), debug.traceback(nil), debug.traceback(5):match("^%d\nstack"))
show(debug.traceback("embedded\0zero"))

local function tail() return leaf("after a tail call") end
show(tail())
show(select(2, pcall(leaf, "in pcall")))
show(select(2, xpcall(function() local x = nil; x() end, debug.traceback)))
show(select(2, xpcall(function() error("raised") end, function(m) return debug.traceback(m, 2) end)))
show(({ string.gsub("x", "x", function() return debug.traceback("in gsub") end) })[1])
table.sort({ 2, 1 }, function(a, b) show(debug.traceback("in sort")) return a < b end)

local function deep(n) if n == 0 then local t = debug.traceback("deep") return t end local t = deep(n - 1) return t end
for _, n in ipairs { 5, 15, 18, 19, 20, 21, 22, 23, 24, 40, 150 } do
    print(n)
    show(deep(n))
end
local function start(n) if n == 0 then local t = debug.traceback("deep", 5) return t end local t = start(n - 1) return t end
show(start(60))

local co = coroutine.create(function() local function inner() coroutine.yield() end inner() local y = 1 end)
print(debug.traceback(co))
coroutine.resume(co)
print(debug.traceback(co))
print(debug.traceback(co, "message"))
print(debug.traceback(co, "level 1", 1))
print(debug.traceback(co, nil))
coroutine.resume(co)
print(debug.traceback(co, "ended"))
co = coroutine.create(function() local t = nil; t.x = 1 end)
print(coroutine.resume(co))
print(debug.traceback(co, "failed"))
coroutine.wrap(function() show(debug.traceback("inside a coroutine")) end)()
local main = loadstring("return debug.traceback('main chunk')", "=chunk")
show((main()))
local main2 = loadstring("local t = debug.traceback('not a tail call') return t", "@file.lua")
show(main2())

-- What is given besides message and level is joined to the message.
show(leaf("m", "x"))
show(leaf("m", 1, 2))
show(leaf("m", 1, "z"))
print(pcall(leaf, "m", nil))
print(pcall(leaf, "m", {}))
