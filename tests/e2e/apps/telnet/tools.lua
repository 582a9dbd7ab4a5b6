local M = {}
function M.ls()
    local names = {}
    for name, size in pairs(file.list()) do names[#names + 1] = name .. " " .. size end
    table.sort(names)
    for _, line in ipairs(names) do print(line) end
end
function M.mem() return collectgarbage("count") > 1 and "some" or "none" end
function M.primes(n)
    local found = {}
    for i = 2, n do
        local ok = true
        for _, p in ipairs(found) do if i % p == 0 then ok = false break end end
        if ok then found[#found + 1] = i end
    end
    return table.concat(found, " ")
end
return M
