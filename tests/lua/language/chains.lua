-- The longest chain of __index and __newindex that is followed, and one table more.
local function chain_of(count, event)
    local last = {}
    local first = last
    for _ = 2, count do first = setmetatable({}, {[event] = first}) end
    return first, last
end
for _, count in ipairs {2, 99, 100, 101, 102} do
    local first, last = chain_of(count, "__index")
    last.x, last[7] = "found", "seven"
    local key = "x"
    print(count, pcall(function() return first.x end))
    print(count, pcall(function() return first.x end))
    print(count, pcall(function() return first[key] end))
    print(count, pcall(function() return first[7] end))
    print(count, pcall(function() return first:x() end))
    first, last = chain_of(count, "__newindex")
    print(count, pcall(function() first.x = 1 end), last.x)
    print(count, pcall(function() first[key] = 2 end), last.x)
    print(count, pcall(function() first[3] = 3 end), last[3])
end
