-- Freezes whatever it makes, for heaps that are too small (tests/faults/memory.sh).
local function keep(...) return (freezer.freeze(...)) end
local sum, texts = 0, {}
for i = 1, 30 do
    local f = keep(assert(loadstring(("local t = ... return function(x) return x + %d, 'number %d' end, t.name"):format(i, i % 7))))
    local t = keep {name = "table " .. i, list = {i, i + 1, {deep = i}}}
    local g, name = f(t)
    keep(g)
    sum = sum + g(t.list[3].deep)
    texts[i] = name .. select(2, g(1))
end
local co = coroutine.wrap(function(a)
    for i = 1, 5 do a = a + coroutine.yield(a, ("x"):rep(i)) end
    return a
end)
sum = sum + co(1) + co(2) + co(3)
print(sum, #table.concat(texts), freezer.verify())
