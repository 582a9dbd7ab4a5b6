-- The module wifi in the integer build: joining, events, scans, numbers as arguments.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local function say(...) print((tmr.now() + 500) / 1000 .. " ms", ...) end
local function bytes()
    collectgarbage() collectgarbage()
    return (select(2, node.egc.meminfo()))
end
why(wifi.setmode, 4)
why(wifi.eventmon.register, 0x7fffffff, print)
why(wifi.setmaxtxpower, -1)
print(wifi.setmode("1"), wifi.sta.getmac(), wifi.ap.getmac())
print(wifi.sta.setip{ip = "255.255.255.254"}, wifi.sta.getip())
wifi.eventmon.register(wifi.eventmon.WIFI_MODE_CHANGED, function() end)
wifi.eventmon.register(wifi.eventmon.STA_CONNECTED, function(t) say(t.SSID, t.BSSID, t.channel) end)
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function(t)
    say(t.IP, t.netmask, t.gateway)
    print(wifi.sta.getrssi(), wifi.sta.status(), wifi.sta.getbroadcast())
    wifi.sta.getap({channel = 11}, function(t) say(next(t)) wifi.sta.disconnect() end)
end)
wifi.eventmon.register(wifi.eventmon.STA_DISCONNECTED, function(t) say(t.SSID, t.reason) end)
print(wifi.sta.config{ssid = 12345, pwd = 1234567890})
for _ = 1, 4 do wifi.setmode(3) wifi.setmode(1) end
tmr.create():alarm(1, tmr.ALARM_SINGLE, function()
    local before = bytes()
    wifi.setmode(3)
    say("an event that waits", bytes() - before)
end)
