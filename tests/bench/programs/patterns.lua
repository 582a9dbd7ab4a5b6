-- find, match, gmatch, gsub with patterns
local text = string.rep("The quick brown fox, number 42, jumps over 7 lazy dogs at 12:30:59. ", 40)
local n = 0
for k = 1, 40 do
  for w in text:gmatch("%a+") do n = n + #w end
  for h, m, s in text:gmatch("(%d+):(%d+):(%d+)") do n = n + h + m + s end
  local _, c = text:gsub("%s+", " ")
  n = n + c
  n = n + select(2, text:gsub("(%w+) (%w+)", "%2 %1"))
  if text:find("lazy cats", 1, true) then n = n + 1 end
end
print(n)
