local M = {}
local defaults = {name = "thermostat", target = 20, hysteresis = 0.5, schedule = {}}
function M.load()
    local f = file.open("config.json", "r")
    if not f then return defaults end
    local text = f:read(2048)
    f:close()
    local ok, t = pcall(sjson.decode, text)
    if not ok then print("bad config: " .. t) return defaults end
    for k, v in pairs(defaults) do if t[k] == nil then t[k] = v end end
    M.current = t
    return t
end
function M.save(t)
    M.current = t
    local f = file.open("config.json", "w")
    f:write(sjson.encode(t))
    f:close()
end
return M
