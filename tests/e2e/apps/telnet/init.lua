-- Telnet console: connects to the network, then starts a shell on port 23
SSID, PASS = "MyNetwork", "letmein123"
dofile("config.lua")
print("Booting " .. node.chipid())

local function startup()
    if file.open("init.lua") == nil then
        print("init.lua deleted or renamed")
    else
        print("Running")
        file.close("init.lua")
        require("telnet"):open(TELNET_PORT)
        dofile("application.lua")
    end
end

wifi.setmode(wifi.STATION)
wifi.sta.config({ssid = SSID, pwd = PASS, save = false})
tmr.create():alarm(1000, tmr.ALARM_AUTO, function(t)
    if wifi.sta.getip() == nil then
        print("Waiting for IP address...")
    else
        t:unregister()
        print("WiFi connection established, IP address: " .. wifi.sta.getip())
        tmr.create():alarm(3000, tmr.ALARM_SINGLE, startup)
    end
end)
