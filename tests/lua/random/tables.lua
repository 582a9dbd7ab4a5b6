-- Random operations on tables: reads, stores, lengths, insert, remove, concat, sort, unpack, next
-- and changes while traversing, weak modes; the order of `next` is shown. Arguments: SEED COUNT.
local seed, count = tonumber(arg[1]), tonumber(arg[2])
local choose = dofile("support/choose.lua")(seed)

local KEYS = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 17, 31, 32, 33, 0, -1, 0.5, 2.5, 1e15, 2 ^ 31,
    2 ^ 53, -2 ^ 31, 1 / 0, -1 / 0, 1e300, "a", "b", "c", "name", "x", "1", "long " .. ("k"):rep(50),
    "", "\0", true, false, "n", "list", "value", "__index",
}

local function key()
    if choose.chance(50) then return choose.number(20) end
    return choose.of(KEYS)
end

local function value()
    local kind = choose.number(8)
    if kind == 1 then return nil end
    if kind == 2 then return "v" .. choose.number(9) end
    if kind == 3 then return choose.chance(50) end
    return choose.number(100)
end

local function some(list, most)
    local n = choose.number(most + 1) - 1
    for i = 1, n do list[i] = choose.number(50) end
    return list
end

local ORDERS = {
    nil, function(a, b) return a > b end, function(a, b) return a % 7 < b % 7 end,
    function() return true end, function() return false end,
    function(a, b) return tostring(a) < tostring(b) end, function(a, b) return a <= b end,
}

local function constructor()
    local parts = {}
    for i = 1, choose.number(12) - 1 do
        local kind = choose.number(4)
        if kind == 1 then
            parts[i] = choose.of({"a", "b", "x"}) .. " = " .. choose.number(9)
        elseif kind == 2 then
            parts[i] = "[" .. choose.of({"1", "2", "3", "7", "'k'", "0.5", "true"}) .. "] = "
                .. choose.of({"1", "nil", "'v'"})
        else
            parts[i] = choose.of({"1", "nil", "'p'", "false"})
        end
    end
    if choose.chance(30) then parts[#parts + 1] = "...; " end
    local text = "return {" .. table.concat(parts, choose.of({", ", "; "})) .. "}"
    return text, loadstring(text)(choose.number(3), nil, choose.number(5))
end

-- Changes existing fields while traversing, which is allowed.
local function traverse(t)
    local seen = {}
    for k, v in next, t do
        seen[#seen + 1] = choose.text(k)
        if choose.chance(30) then t[k] = nil elseif choose.chance(20) then t[k] = -1 end
    end
    return table.concat(seen, " ")
end

local OPERATIONS = {
    set = function(t) local k, v = key(), value() t[k] = v return k, v end,
    rawset = function(t) rawset(t, key(), value()) end,
    get = function(t) local k = key() return k, t[k], rawget(t, k) end,
    append = function(t) t[#t + 1] = choose.number(100) return #t end,
    drop = function(t) local n = #t t[n] = nil return n, #t end,
    insert = function(t) table.insert(t, choose.number(100)) return #t end,
    insert_at = function(t)
        local at = choose.number(12) - 2
        table.insert(t, at, choose.number(100))
        return at, #t
    end,
    remove = function(t) return table.remove(t) end,
    remove_at = function(t) local at = choose.number(12) - 2 return at, table.remove(t, at) end,
    concat = function(t)
        return table.concat(t, choose.of({"", ",", "--"}), choose.number(4) - 1,
            choose.chance(50) and choose.number(8) or nil)
    end,
    unpack = function(t) return unpack(t, choose.number(4) - 1, choose.number(9)) end,
    maxn = function(t) return table.maxn(t) end,
    getn = function(t) return table.getn(t) end,
    foreach = function(t) return table.foreach(t, function(k) if k == 3 then return k end end) end,
    foreachi = function(t) return table.foreachi(t, function(i, v) if i == 5 then return v end end) end,
    next = function(t) return next(t, choose.chance(50) and key() or nil) end,
    traverse = function(t) return traverse(t) end,
    ipairs = function(t) local n = 0 for i in ipairs(t) do n = i end return n end,
    fill = function(t) for i = 1, choose.number(40) do t[i] = i end end,
    clear = function(t) for k in pairs(t) do t[k] = nil end end,
    fields = function(t) for i = 1, choose.number(12) do t["f" .. i] = i end end,
    sparse = function(t) for i = 1, choose.number(8) do t[2 ^ i] = i end end,
    backwards = function(t) for i = choose.number(20), 1, -1 do t[i] = i end end,
    negative = function(t) for i = -choose.number(6), 0 do t[i] = i end end,
}
local names = {}
for name in pairs(OPERATIONS) do names[#names + 1] = name end
table.sort(names)

local function sorting()
    local t = some({}, 40)
    if choose.chance(5) then t[choose.number(#t + 1)] = "text" end
    local order = ORDERS[choose.number(7)]
    local compared = 0
    local ok, message = pcall(table.sort, t, order and function(a, b)
        compared = compared + 1
        return order(a, b)
    end)
    print("sort", ok, compared, message, choose.text(t))
end

-- A collection in the midst would take keys without value away, and so change the order of `next`.
collectgarbage("stop")
for i = 1, count do
    if i % 100 == 0 then
        collectgarbage()
        collectgarbage("stop")
    end
    local source, t = constructor()
    print(i, source, choose.text(t))
    for _ = 1, choose.number(25) do
        local name = choose.of(names)
        print(name, choose.line(pcall(OPERATIONS[name], t)))
        if choose.chance(40) then print("", choose.text(t)) end
    end
    print("", choose.text(t), #t)
    if choose.chance(30) then sorting() end
end
