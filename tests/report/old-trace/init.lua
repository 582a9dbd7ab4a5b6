-- init.lua: the kept trace: see README.md of tests/report
node.LFS.get("words")()
local words = {}
local file = assert(file.open("words.txt"))
for line in function() return file:readline() end do
  local word = line:match("%a+")
  words[#words + 1] = word
end
file:close()
local lookup = require_words and require_words() or {}
local total = 0
for i, word in ipairs(words) do
  lookup[word] = ("%s-%d"):format(word:upper(), i)
  total = total + #lookup[word] + word:byte(1)
end
collectgarbage()
local parts = {}
for i = 1, 40 do parts[i] = "part " .. i end
print(total, #table.concat(parts, ","), tostring(lookup.glacier))
