-- debug of the firmware: getregistry, getstrings, traceback; nothing more.
local names = {}
for name in pairs(debug) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
print(type(debug.getregistry()), debug.getregistry()._LOADED == package.loaded, type(debug.getregistry()._LOADLIB))

local list = debug.getstrings()
print(type(list), #list > 50, #debug.getstrings("RAM") >= #list - 3, debug.getstrings("ROM"))
local is_sorted, seen, twice = true, {}, false
for i, s in ipairs(list) do
    is_sorted = is_sorted and (i == 1 or list[i - 1] < s)
    twice = twice or seen[s]
    seen[s] = true
end
print(is_sorted, twice, seen.getstrings, seen._LOADED, seen["not enough memory"], seen["wh" .. "ile"])
local made = "made at " .. "run time " .. #list * 0
seen = {}
for _, s in ipairs(debug.getstrings("RAM")) do seen[s] = true end
print(seen[made], seen["made at run" .. " time 1"])
print(pcall(debug.getstrings, "X"))
print(pcall(debug.getstrings, {}))

local function leaf() local t = debug.traceback("text") return t end
local function middle() local t = leaf() return t end
function global() local t = middle() return t end
print((global():gsub("\n\t%[C%]: %?", "")))
print(debug.traceback({}) ~= nil, debug.traceback(12, 50))

-- table.sort makes sure of 40 slots: a new stack of 45 grows to 96 (612 bytes in the float build).
local grown
coroutine.wrap(function()
    node.egc.setmode(node.egc.NOT_ACTIVE)
    local before = collectgarbage("count")
    local list = debug.getstrings("ROM") -- nil: no image
    grown = (collectgarbage("count") - before) * 1024
    node.egc.setmode(node.egc.ALWAYS, 4096)
end)()
print(grown == 612 or grown == 408)
