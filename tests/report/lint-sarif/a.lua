local M = {}
function M.count(text)
    total = 0
    for word in text:gmatch("%a+") do total = total + #word end
    return total, gpoi.read(1)
end
return M
