-- byte, char, sub, upper, rep, reverse
local s = "Hello, World! 0123456789"
local n = 0
for k = 1, 12000 do
  for i = 1, #s do n = n + s:byte(i) end
  local u = s:upper():lower():reverse()
  n = n + #u:rep(3)
  if s:sub(1, 5) == "Hello" then n = n + 1 end
  n = n + #string.char(65 + k % 26, 66, 67)
end
print(n)
