-- variable arguments, select, unpack
local function sum(...) local s = 0 for i = 1, select("#", ...) do s = s + (select(i, ...)) end return s end
local function pass(...) return ... end
local n = 0
for i = 1, 60000 do
  n = n + sum(i, 2, 3, 4, 5)
  local a, b = pass(i, i + 1)
  n = n + b - a
  n = n + #{pass(1, 2, 3)}
  n = n + select("#", unpack({1, 2, 3, 4}))
end
print(n)
