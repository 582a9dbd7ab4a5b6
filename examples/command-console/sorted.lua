-- sorted.lua: keys of a table in order, so that nothing printed depends on pairs().

local M = {}

function M.keys(t)
    local list = {}
    for k in pairs(t) do list[#list + 1] = k end
    table.sort(list)
    return list
end

-- Iterates over key and value in that order.
function M.pairs(t)
    local list, i = M.keys(t), 0
    return function()
        i = i + 1
        local k = list[i]
        if k ~= nil then return k, t[k] end
    end
end

return M
