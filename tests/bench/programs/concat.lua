-- strings built by concatenation and table.concat
local n = 0
for k = 1, 60 do
  local parts = {}
  for i = 1, 1000 do parts[i] = "item " .. i .. ":" .. (i * k) end
  n = n + #table.concat(parts, ", ")
end
local s = ""
for i = 1, 4000 do s = s .. "x" end
print(n, #s)
