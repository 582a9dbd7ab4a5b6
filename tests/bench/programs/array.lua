-- tables as arrays: fill, read, reverse, append
local t = {}
for i = 1, 200000 do t[i] = i end
for k = 1, 6 do
  local i, j = 1, #t
  while i < j do t[i], t[j] = t[j], t[i] i = i + 1 j = j - 1 end
end
local s = 0
for k = 1, 8 do for i = 1, #t do s = s + t[i] * k end end
local u = {}
for i = 1, 150000 do u[#u + 1] = i % 10 end
print(s, #u)
