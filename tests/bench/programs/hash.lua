-- tables as hashes: string keys made at run time, counted
local words, count = {}, {}
for i = 1, 500 do words[i] = "key" .. i * 7 % 501 end
for k = 1, 1000 do
  for i = 1, #words do
    local w = words[i]
    count[w] = (count[w] or 0) + 1
  end
end
local n = 0
for _, c in pairs(count) do n = n + c end
print(n, count.key7)
