-- Random chains of classes: fields found through __index while fields, links and metatables come,
-- go and change in every way, also by the collector, also for globals, strings, userdata and types.
-- Arguments: SEED COUNT; a third one shows every look-up.
local seed, count = tonumber(arg[1]), tonumber(arg[2])
local choose = dofile("support/choose.lua")(seed)

local NAMES = {"a", "b", "c", "d", "__index", "len", "x"}
local classes, others, out
-- Not looked up where the program changes them.
local gsub, rep, concat, byte = string.gsub, string.rep, table.concat, string.byte
local rawget, type, tostring, select, pcall = rawget, type, tostring, select, pcall

local function name() return choose.of(NAMES) end
local function class() return choose.of(classes) end
local function anything() return choose.chance(80) and class() or choose.of(others) end

local function put(...)
    local t = {}
    for i = 1, select("#", ...) do
        local v = select(i, ...)
        if type(v) == "table" then v = rawget(v, "name") or "table" end
        if type(v) == "function" or type(v) == "userdata" then v = type(v) end
        t[i] = gsub(tostring(v), "0x%x+", "ADDRESS")
    end
    out[#out + 1] = concat(t, " ")
end

-- Look-ups at places in the code that see many classes.
local READS = {
    function(o) return o.a end, function(o) return o.b end, function(o) return o.c end,
    function(o) return o.d end, function(o) return o.x end, function(o) return o.len end,
    function(o, k) return o[k] end,
    function(o) return o:a() end, function(o) return o:b(1) end, function(o) return o:len() end,
    function(o, k) return o[k](o) end,
}
local GLOBALS = {
    function() return a end, function() return b end, function() return c(1) end,
    function() return x end, function() a = 1 end, function() b = nil end, function() x = type end,
}

local function value(k)
    local choice = choose.number(7)
    if choice <= 2 then return choose.number(100) end
    if choice == 3 then local n = choose.number(100) return function() return n end end
    if choice == 4 then return nil end
    if choice == 5 then return anything() end
    if choice == 6 then return rep("v", choose.number(5)) end
    return {name = "new"}
end
local function link()
    local choice = choose.number(8)
    if choice <= 5 then return class() end
    if choice == 6 then local n = choose.number(9) return function(_, k) return n end end
    if choice == 7 then return nil end
    return "text"
end

local CHANGES = {
    function(c) c.a = value() end, function(c) c.b = value() end,
    function(c) c[name()] = value() end, function(c) c.c = nil end,
    function(c) rawset(c, name(), value()) end, function(c) rawset(c, "a", nil) end,
    function(c) c.__index = link() end, function(c) rawset(c, "__index", link()) end,
    function(c) local mt = getmetatable(c) if mt then mt.__index = link() end end,
    function(c) local mt = getmetatable(c) if mt then rawset(mt, "__index", link()) end end,
    function(c) setmetatable(c, choose.chance(80) and class() or nil) end,
    function(c) debug.setmetatable(c, choose.chance(80) and {__index = link()} or nil) end,
    function(c) for i = 1, choose.number(20) do c["k" .. i] = i end end,
    function(c) for i = 1, 20 do rawset(c, "k" .. i, nil) end end,
    function(c)
        for k in next, c do if k ~= "name" and choose.chance(50) then c[k] = nil end end
    end,
    function() collectgarbage() collectgarbage("stop") end,
    function(c) rawset(c, "__mode", choose.of({"k", "v", "kv"})) end,
    function(c) setfenv(choose.of(GLOBALS), c) end, function() pcall(choose.of(GLOBALS)) end,
    function(c) local f = setfenv(function() a = 1 b = {} c = nil end, c) f() end,
    function() string[choose.of({"a", "b", "x"})] = value() end,
    function() string.a = nil string.b = nil end,
    function() debug.setmetatable("", {__index = choose.chance(60) and string or link()}) end,
    function() debug.setmetatable(1, choose.chance(60) and {__index = link()} or nil) end,
    function() debug.setmetatable(nil, choose.chance(30) and {__index = link()} or nil) end,
    function() debug.setmetatable(type, choose.chance(30) and {__index = link()} or nil) end,
    function(c) others[5] = newproxy(true) getmetatable(others[5]).__index = c end,
    function(c)
        local new = {name = "n" .. choose.number(99)}
        classes[choose.number(#classes)] = setmetatable(new, {__index = c})
    end,
    function(c) table.insert(c, value()) end, function(c) c[1] = nil end,
    function(c) for k, v in pairs(c) do if type(v) == "number" then c[k] = v + 1 end end end,
}

collectgarbage("stop") -- the end of what is weak comes at the same time everywhere
for i = 1, count do
    classes, out = {}, {}
    others = {"text", 5, type, true, newproxy(true)}
    for k = 1, 6 do
        classes[k] = {name = "C" .. k}
        if choose.chance(50) then classes[k].__index = classes[k] end
        if k > 1 and choose.chance(60) then
            setmetatable(classes[k], classes[choose.number(k - 1)])
        end
        for n = 1, choose.number(4) do
            classes[k][choose.of({"a", "b", "c", "d", "len", "x"})] = value()
        end
    end
    getmetatable(others[5]).__index = classes[1]
    for step = 1, 60 do
        if choose.chance(35) then
            local n = choose.number(#CHANGES)
            put("change", n, pcall(CHANGES[n], class()))
        else
            local n, o, k = choose.number(#READS), anything(), name()
            for again = 1, choose.number(3) do put(n, k, pcall(READS[n], o, k)) end
            if choose.chance(20) then
                n = choose.number(#GLOBALS)
                put("global", n, pcall(GLOBALS[n]))
            end
        end
    end
    debug.setmetatable("", {__index = string})
    debug.setmetatable(1, nil)
    debug.setmetatable(nil, nil)
    debug.setmetatable(type, nil)
    string.a, string.b, string.x = nil, nil, nil
    for _, f in ipairs(GLOBALS) do setfenv(f, _G) end
    a, b, c, x = nil, nil, nil, nil
    local text = concat(out, "\n")
    local sum = 0
    for n = 1, #text do sum = (sum * 31 + byte(text, n)) % 16777213 end
    print(i, #out, sum)
    if arg[3] then print(text) end
end
