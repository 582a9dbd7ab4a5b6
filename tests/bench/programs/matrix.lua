-- nested tables: matrix product
local function make(n, f)
  local m = {}
  for i = 1, n do local r = {} for j = 1, n do r[j] = f(i, j) end m[i] = r end
  return m
end
local n = 110
local a, b = make(n, function(i, j) return i + j end), make(n, function(i, j) return i - j end)
local c = make(n, function() return 0 end)
for i = 1, n do
  local ai, ci = a[i], c[i]
  for j = 1, n do
    local s = 0
    for k = 1, n do s = s + ai[k] * b[k][j] end
    ci[j] = s
  end
end
print(c[1][1], c[n][n])
