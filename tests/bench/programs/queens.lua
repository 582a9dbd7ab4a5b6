-- backtracking
local n, count = 8, 0
local function ok(a, r, c)
  for i = 1, r - 1 do
    if a[i] == c or a[i] - i == c - r or a[i] + i == c + r then return false end
  end
  return true
end
local function place(a, r)
  if r > n then count = count + 1 return end
  for c = 1, n do if ok(a, r, c) then a[r] = c place(a, r + 1) end end
end
for k = 1, 3 do place({}, 1) end
print(count)
