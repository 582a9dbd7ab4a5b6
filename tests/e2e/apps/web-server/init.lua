-- compiles the server's files once, then starts
local function compile(name)
    if file.exists(name) then
        print("compiling " .. name)
        node.compile(name)
        file.remove(name)
        collectgarbage()
    end
end
for _, f in ipairs({"server.lua", "server-b64.lua", "server-request.lua", "server-static.lua",
    "server-header.lua", "server-error.lua", "server-conf.lua"}) do compile(f) end
compile = nil

wifi.setmode(wifi.STATION)
wifi.sta.config({ssid = "ssid", pwd = "password1"})
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function(T)
    print("got IP " .. T.IP)
    if not started then
        started = true
        if mdns then mdns.register("web", {service = "http", port = 80}) end
        dofile("server.lc")(80)
    end
end)
tmr.create():alarm(5000, tmr.ALARM_AUTO, function()
    if wifi.sta.getip() == nil then print("waiting for IP") end
end)
