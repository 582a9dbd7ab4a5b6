-- Functions from source come and go; prints what is free, the largest block, and the rest. FREEZE: their code lies in flash.
local keep = {}
local function make(i)
    local t = {"local t = {} "}
    for k = 1, 4 + i % 9 do t[#t + 1] = "t[" .. k .. "] = function(a) return a * " .. k + i .. " + #t end " end
    t[#t + 1] = "return t"
    local f = loadstring(table.concat(t), "=m")
    if FREEZE then freezer.freeze(f) end
    return f
end
for i = 1, N do keep[i] = make(i) end
for round = 1, 6 do
    for i = 1 + round % 2, N, 2 do keep[i] = nil end
    collectgarbage()
    for i = 1 + round % 2, N, 2 do keep[i] = make(i + round) end
end
for i = 1, N, 2 do keep[i] = nil end
collectgarbage() collectgarbage()
local largest = node.egc.compact()
local free = node.heap()
print(free, largest, free - largest)
