-- filters.lua: commands behind a bar. Each gets the lines and its arguments, and returns lines,
-- or nil and the reason.

local M = {}

function M.grep(lines, args)
    if not args[1] then return nil, "text expected" end
    local found = {}
    for _, line in ipairs(lines) do
        if line:find(args[1], 1, true) then found[#found + 1] = line end
    end
    return found
end

function M.count(lines)
    return {tostring(#lines)}
end

function M.sort(lines)
    local copy = {}
    for i, line in ipairs(lines) do copy[i] = line end
    table.sort(copy)
    return copy
end

function M.head(lines, args)
    local n = tonumber(args[1] or 10)
    if not n then return nil, "number expected" end
    local part = {}
    for i = 1, math.min(n, #lines) do part[i] = lines[i] end
    return part
end

function M.upper(lines)
    local changed = {}
    for i, line in ipairs(lines) do changed[i] = line:upper() end
    return changed
end

-- How often each word occurs.
function M.tally(lines)
    local counts, words = {}, {}
    for _, line in ipairs(lines) do
        for word in line:gmatch("[%w%-]+") do
            if not counts[word] then words[#words + 1] = word end
            counts[word] = (counts[word] or 0) + 1
        end
    end
    table.sort(words, function(a, b)
        if counts[a] ~= counts[b] then return counts[a] > counts[b] end
        return a < b
    end)
    for i, word in ipairs(words) do words[i] = string.format("%4d %s", counts[word], word) end
    return words
end

return M
