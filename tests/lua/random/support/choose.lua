-- choose.lua: random choices from a seed, the same under every Lua 5.1, and values as text.
--
--     local choose = dofile("support/choose.lua")(seed)
--     choose.number(6)           a whole number from 1 to 6
--     choose.chance(20)          true in 20 of 100 cases
--     choose.of({...})           an element
--     choose.text(value, depth)  a value as one line without addresses; tables by their content

return function(seed)
    local choose = {}
    local state = (seed * 7919 + 104729) % 2147483646 + 1

    function choose.number(n)
        state = state * 16807 % 2147483647
        return math.floor(state / 8) % n + 1
    end
    for _ = 1, 10 do choose.number(2) end

    function choose.chance(percent)
        return choose.number(100) <= percent
    end

    function choose.of(list)
        return list[choose.number(#list)]
    end

    local function quoted(s)
        s = s:gsub("[%c\127-\255]", function(c) return ("<%02x>"):format(c:byte()) end)
        return #s > 100 and "'" .. s:sub(1, 80) .. "..." .. #s .. "'" or "'" .. s .. "'"
    end

    -- In the order of `next`: Lua 5.1's is the same everywhere as long as no key is an address.
    function choose.text(value, depth)
        if type(value) == "string" then return quoted(value) end
        if value ~= value then return "nan" end
        if type(value) == "number" then return ("%.14g"):format(value) end
        if type(value) ~= "table" then
            return (type(value) == "boolean" or value == nil) and tostring(value) or type(value)
        end
        if value == _G then return "_G" end
        if (depth or 0) > 2 then return "{...}" end
        local parts = {}
        for k, v in next, value do
            parts[#parts + 1] = choose.text(k, 3) .. "=" .. choose.text(v, (depth or 0) + 1)
        end
        return "{" .. table.concat(parts, " ") .. "}#" .. #value
    end

    -- All values in one line.
    function choose.line(...)
        local parts = {}
        for i = 1, select("#", ...) do parts[i] = choose.text((select(i, ...))) end
        return table.concat(parts, " ")
    end

    return choose
end
