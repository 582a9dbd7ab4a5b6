-- booleans in an array
local count
for k = 1, 4 do
  local flags, n = {}, 100000
  for i = 2, n do flags[i] = true end
  count = 0
  for i = 2, n do
    if flags[i] then
      for j = i + i, n, i do flags[j] = false end
      count = count + 1
    end
  end
end
print(count)
