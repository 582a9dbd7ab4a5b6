-- string.format, tostring, tonumber
local n = 0
for i = 1, 60000 do
  local s = string.format("%05d %s %x %.2f", i, "abc", i, i / 3)
  n = n + #s + tonumber(s:sub(1, 5))
  n = n + #tostring(i)
end
print(n)
