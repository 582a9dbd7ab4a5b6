-- producers and consumers
local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local function filter(g, p)
  return coroutine.wrap(function()
    for v in g do if p(v) then coroutine.yield(v) end end
  end)
end
local s = 0
for v in filter(gen(200000), function(v) return v % 3 == 0 end) do s = s + v end
for i = 1, 8000 do
  local co = coroutine.create(function(a) local b = coroutine.yield(a) return b end)
  coroutine.resume(co, i)
  coroutine.resume(co, i)
end
print(s)
