-- Where a coroutine can yield and where it cannot: through every function and handler that calls
-- back, as iterator, in tail calls, with many values; what is left of it afterwards. Manual 2.11.
local yield = coroutine.yield
local function object(event, f) return setmetatable({}, {[event] = f}) end
local function across(name, body)
    local thread = coroutine.create(body)
    local results = {coroutine.resume(thread, "first")}
    print(name, coroutine.status(thread), unpack(results, 1, 3))
    if coroutine.status(thread) == "suspended" then
        print("", coroutine.resume(thread, "second", 2))
        print("", coroutine.status(thread), coroutine.resume(thread))
    end
end

across("plain", function(...) return "end", yield(...) end)
across("pcall", function() return pcall(yield, 1) end)
across("pcall function", function() return pcall(function() return yield(1) end) end)
across("xpcall", function() return xpcall(function() yield(1) end, function(m) return "handled " .. m end) end)
across("handler", function() return xpcall(error, function() yield(1) end) end)
across("error after", function() yield(1) error("after", 0) end)
across("error value", function() yield(1) error(7) end)
for _, event in ipairs({"__add", "__concat", "__index", "__newindex", "__lt", "__le", "__eq", "__unm", "__call"}) do
    across(event, function()
        local a, b = object(event, function(...) return yield("in handler") end), nil
        b = setmetatable({}, getmetatable(a))
        if event == "__add" then return a + b end
        if event == "__concat" then return a .. b end
        if event == "__index" then return a.x end
        if event == "__newindex" then a.x = 1 return "stored" end
        if event == "__lt" then return a < b end
        if event == "__le" then return a <= b end
        if event == "__eq" then return a == b end
        if event == "__unm" then return -a end
        return a(1, 2, 3)
    end)
end
across("tostring", function() return tostring(object("__tostring", function() return yield(1) end)) end)
across("sort", function() table.sort({2, 1, 3}, function(a, b) yield(a) return a < b end) end)
across("foreach", function() return table.foreach({1}, yield) end)
across("foreachi", function() return table.foreachi({1}, yield) end)
across("gsub", function() return (("abc"):gsub("b", yield)) end)
across("gsub table", function() return (("abc"):gsub("b", object("__index", function(_, k) return yield(k) end))) end)
across("load", function() return load(function() return yield("piece") end) end)
across("loadstring", function() return loadstring("return coroutine.yield('from chunk')")() end)
across("ipairs", function() for i, v in ipairs({yield(1)}) do return i, v end end)
across("iterator", function() for i in yield, 1, 2 do return "in loop", i end return "no loop" end)
across("iterator 2", function() for i in function(s, i) if not i then yield("it") return 7 end end do return i end end)
across("setfenv", function() return setfenv(function() return mark, coroutine end, {mark = yield("env")})() end)
across("tail", function() local function t(n) if n == 0 then return yield("deep") end return t(n - 1) end return t(100) end)
across("deep", function() local function d(n) if n == 0 then return yield("deep") or 0 end return (d(n - 1)) end return d(100) end)
across("many", function() return select("#", yield(unpack({}, 1, 200))) end)
across("vararg", function(...) local function f(...) return ..., select("#", ...) end return f(yield(...)) end)
across("inner", function()
    local inner = coroutine.wrap(function() yield("inner 1") return "inner 2" end)
    return inner(), yield("outer"), inner()
end)
across("inner pcall", function()
    return pcall(coroutine.wrap(function() yield("inner") end)), yield("outer")
end)
across("resume itself", function() return coroutine.resume(coroutine.running()) end)
across("wrap itself", function()
    local w
    w = coroutine.wrap(function() return pcall(w) end)
    return w()
end)
across("resume the outer", function()
    local outer = coroutine.running()
    return coroutine.wrap(function() return coroutine.resume(outer) end)()
end)
across("status", function()
    local outer = coroutine.running()
    return coroutine.wrap(function() return coroutine.status(outer), coroutine.status(coroutine.running()) end)()
end)
across("dead", function()
    local t = coroutine.create(function() end)
    print("", coroutine.resume(t))
    print("", coroutine.resume(t))
    return coroutine.status(t)
end)
across("upvalues", function()
    local n = 0
    local function count() n = n + 1 return n end
    yield(count(), type(count))
    return count()
end)

-- Outside of any coroutine.
print(coroutine.running(), pcall(coroutine.yield, 1))
print(pcall(coroutine.wrap(function() error("through wrap") end)))
print(pcall(coroutine.wrap(function() error({}) end)) == false)
local dead = coroutine.wrap(function() return 1 end)
print(dead(), pcall(dead))
print(pcall(coroutine.create, print), pcall(coroutine.create), pcall(coroutine.wrap, 5))
print(select("#", coroutine.resume(coroutine.create(function() end))))
print(coroutine.resume(coroutine.create(function(...) return select("#", ...) end), nil, nil))

-- Errors keep what the coroutine was; its traceback can still be seen.
local broken = coroutine.create(function() local x = nil; x.y = 1 end)
print(coroutine.resume(broken))
print(coroutine.status(broken), coroutine.resume(broken))

-- Very many, and one within the other.
local sum = 0
for i = 1, 300 do
    local t = coroutine.wrap(function(a) local b = yield(a) return a + b end)
    sum = sum + t(i) + t(i)
end
print(sum)
local function nest(n)
    if n == 0 then return "bottom" end
    return coroutine.wrap(nest)(n - 1)
end
print(nest(60))
