-- heap sort: array access with computed indices
local function sift(a, lo, hi)
  local root = lo
  while root * 2 <= hi do
    local child = root * 2
    if child < hi and a[child] < a[child + 1] then child = child + 1 end
    if a[root] < a[child] then a[root], a[child] = a[child], a[root] root = child else return end
  end
end
local seed, a, n = 7, {}, 60000
for i = 1, n do seed = (seed * 16807) % 2147483647 a[i] = seed end
for i = math.floor(n / 2), 1, -1 do sift(a, i, n) end
for i = n, 2, -1 do a[i], a[1] = a[1], a[i] sift(a, 1, i - 1) end
for i = 2, n do assert(a[i - 1] <= a[i]) end
print(a[1], a[n])
