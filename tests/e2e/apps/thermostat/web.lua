local W = {}
local config = require "config"
local routes = {}
local function template(name, values)
    local f = file.open("html/" .. name, "r")
    local out = {}
    while true do
        local line = f:readline()
        if not line then break end
        out[#out + 1] = line:gsub("{{(%w+)}}", function(k) return tostring(values[k]) end)
    end
    f:close()
    return table.concat(out)
end
routes["GET /"] = function()
    return 200, "text/html", template("index.html", {name = config.current.name, temp = state.temp, target = state.target, on = tostring(state.on), log = table.concat(state.log, "\n")})
end
routes["GET /api/config"] = function()
    local c = {}
    for k, v in pairs(config.current) do if k ~= "wifi" then c[k] = v end end
    return 200, "application/json", sjson.encode({target = c.target, name = c.name, n = #c.schedule})
end
routes["POST /target"] = function(body)
    local t = tonumber(body:match("t=([%d%.]+)"))
    if not t or t < 5 or t > 30 then return 400, "text/plain", "bad target\n" end
    config.current.target = t
    config.save(config.current)
    return 200, "text/plain", "target " .. t .. "\n"
end
local names = {[200] = "OK", [400] = "Bad Request", [404] = "Not Found"}
function W.start(port)
    W.srv = net.createServer(net.TCP, 30)
    W.srv:listen(port, function(conn)
        conn:on("receive", function(c, req)
            local m, p = req:match("^(%u+) ([^ ?]+)")
            local h = routes[(m or "") .. " " .. (p or "")]
            local status, kind, body = 404, "text/plain", "no such page\n"
            if h then status, kind, body = h(req:match("\r\n\r\n(.*)") or "") end
            c:send(("HTTP/1.0 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"):format(status, names[status], kind, #body) .. body, function(s) s:close() end)
        end)
    end)
    print("web on " .. port)
end
return W
