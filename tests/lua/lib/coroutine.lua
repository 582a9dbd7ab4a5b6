-- coroutine: create, resume, yield, wrap, status, running; errors in and across coroutines.
local function show(...)
    local t = {}
    for i = 1, select("#", ...) do
        local v = select(i, ...)
        t[i] = (type(v) == "table" or type(v) == "function" or type(v) == "thread") and type(v) or tostring(v)
    end
    print(table.concat(t, " "))
end
local function try(f, ...) show(pcall(f, ...)) end
local create, resume, yield, wrap, status = coroutine.create, coroutine.resume, coroutine.yield, coroutine.wrap, coroutine.status

print("-- values in and out")
local co = create(function(a, b)
    show("start", a, b)
    local c = yield(a + b)
    show("got", c)
    local d, e = yield(c, c)
    show("got", d, e)
    return "end", d
end)
show(status(co), resume(co, 1, 2))
show(status(co), resume(co, "x"))
show(status(co), resume(co, "y", "z"))
show(status(co), resume(co))
show(resume(co, 1))
show(status(co))

print("-- wrap, generators")
local function range(n) return wrap(function() for i = 1, n do yield(i, i * i) end end) end
for i, s in range(3) do show(i, s) end
local gen = range(1)
show(gen())
show(select("#", gen()))
show(pcall(gen))
local many = wrap(function(...) return select("#", ...), yield(...) end)
show(many(1, nil, 3, nil))
show(many("a", nil))

print("-- status, running")
show(coroutine.running())
local outer
outer = create(function()
    show(coroutine.running() == outer, status(outer))
    local inner = create(function() show(status(outer)) yield() end)
    resume(inner)
    show(status(inner))
    yield()
end)
resume(outer)
show(status(outer))
show(pcall(yield, 1))
show(resume(create(function() return resume(coroutine.running()) end)))

print("-- errors")
co = create(function() error("message") end)
show(resume(co))
show(status(co), resume(co))
co = create(function() error({}) end)
show(resume(co))
co = create(function() error() end)
show(resume(co))
co = create(function() local x = nil; return x.y end)
show(resume(co))
show(pcall(wrap(function() error("in wrap") end)))
show(pcall(wrap(function() error({}) end)))
show(pcall(wrap(function() error("bare", 0) end)))
local w = wrap(function() yield(1) error("later") end)
show(w())
show(pcall(w))
show(pcall(w))
try(resume)
try(resume, 5)
try(status)
try(status, {})
try(create)
try(create, 5)
try(create, print)
try(wrap, print)
try(wrap)
try(wrap, "x")

print("-- where it cannot yield")
show(resume(create(function() return pcall(function() yield(1) end) end)))
show(resume(create(function() table.sort({ 3, 2, 1 }, function() yield() end) end)))
show(resume(create(function() return ("x"):gsub("x", function() yield() end) end)))
show(resume(create(function() local t = setmetatable({}, { __index = function() yield() end }) return t.x end)))
show(resume(create(function() for _ in function() yield("iterator") end do end end)))

print("-- many values, deep nesting")
local function count(...) return select("#", ...) end
show(count(resume(create(function() return unpack({}, 1, 200) end))))
show(count(resume(create(function(...) return ... end), unpack({}, 1, 200))))
local function nest(n) if n == 0 then return "bottom" end return select(2, resume(create(nest), n - 1)) end
show(nest(20))
local function wraps(n) if n == 0 then error("deep", 0) end return wrap(wraps)(n - 1) end
show(pcall(wraps, 5))
local list = {}
for i = 1, 200 do list[i] = wrap(function() local n = i while true do yield(n) n = n + i end end) end
local sum = 0
for k = 1, 3 do for i = 1, 200 do sum = sum + list[i]() end end
show(sum)
collectgarbage()
show(list[7](), list[200]())

print("-- upvalues, environments, varargs through yields")
local shared = 0
local function counter() return wrap(function() while true do shared = shared + 1 yield(shared) end end) end
local a, b = counter(), counter()
show(a(), b(), a(), b(), shared)
co = wrap(function(...)
    local n = select("#", ...)
    local t = { yield(n, ...) }
    return #t, ...
end)
show(co(1, 2))
show(co("x", "y", "z"))
co = create(function() return "done" end)
show(resume(co))
show(status(co))
local function tail(n) if n == 0 then return yield("tail") end return tail(n - 1) end
co = wrap(tail)
show(co(10000))
show(co("back"))

print("-- sieve")
local function numbers() return wrap(function() for i = 2, 60 do yield(i) end end) end
local function filter(p, g) return wrap(function() for n in g do if n % p ~= 0 then yield(n) end end end) end
local primes, g = {}, numbers()
while true do
    local n = g()
    if not n then break end
    primes[#primes + 1] = n
    g = filter(n, g)
end
show(unpack(primes))
