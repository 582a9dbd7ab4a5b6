-- sum.lua: a module for require, which passes its name.
local M = {name = ...}

function M.of(...)
    local sum = 0
    for i = 1, select("#", ...) do sum = sum + select(i, ...) end
    return sum
end

return M
