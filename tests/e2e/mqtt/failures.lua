-- Connects to one broker after another, each of which fails in a way of its own (failures-world.lua),
-- and says what was called and after how many seconds.
wifi.setmode(wifi.STATION)
wifi.sta.config{ssid = "a", pwd = "12345678"}

local CASES = {{"nobody.local", 1}, {"broker.local", 99}, {"10.9.9.9", 1}, {"broker.local", 1}, {"broker.local", 2},
    {"broker.local", 3}, {"broker.local", 4}, {"broker.local", 5}, {"broker.local", 6}}
local at = 0
local function try()
    at = at + 1
    local case = CASES[at]
    if not case then return end
    local client, start = mqtt.Client("frost", 2), tmr.now()
    local function say(...) print(case[1], case[2], math.floor((tmr.now() - start) / 1000000 + 0.5), ...) end
    client:on("connect", function() say("connected") end)
    client:on("connfail", function(_, why)
        say("failed", why)
        if why == mqtt.CONN_FAIL_DNS or why == mqtt.CONN_FAIL_SERVER_NOT_FOUND then node.task.post(try) end
    end)
    client:on("offline", function()
        say("offline")
        try()
    end)
    client:connect(case[1], case[2])
end
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, try)
