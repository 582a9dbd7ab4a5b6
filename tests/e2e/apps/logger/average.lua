module(..., package.seeall)
local history = {}
function of(count)
    local v = adc.read(0)
    history[#history + 1] = v
    if #history > count then table.remove(history, 1) end
    local sum = 0
    for _, x in ipairs(history) do sum = sum + x end
    return math.floor(sum / #history)
end
