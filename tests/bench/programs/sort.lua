-- table.sort with and without a comparison function
local seed = 42
local function rnd() seed = (seed * 1103515245 + 12345) % 2147483648 return seed end
local total = 0
for k = 1, 3 do
  local t = {}
  for i = 1, 30000 do t[i] = rnd() end
  table.sort(t)
  total = total + t[1] + t[#t]
  local u = {}
  for i = 1, 20000 do u[i] = {key = rnd()} end
  table.sort(u, function(a, b) return a.key > b.key end)
  total = total + u[1].key
end
print(total)
