local words = node.LFS and node.LFS.words and node.LFS.words() or require("words")
local out = {}
local function add(name, value) out[#out + 1] = words.line(name, value) end
for round = 1, 2 do
  local counts = words.count("red green blue red blue red")
  for _, name in ipairs({"red", "green", "blue"}) do add(name .. round, counts[name]) end
end
local text = table.concat(out, ";")
print(#text, (text:gsub("red", "RED")), text:find("blue2=", 1, true))
local co = coroutine.create(function(n) for i = 1, n do coroutine.yield(i) end end)
for i = 1, 3 do coroutine.resume(co, 3) end
collectgarbage()
print(setmetatable({}, {__tostring = function() return "done " .. tostring(#out) end}))
