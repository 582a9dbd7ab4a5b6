-- A device that tells what happens to its Wi-Fi.
local on = wifi.eventmon.register
on(wifi.eventmon.STA_GOT_IP, function(t)
    print("ip " .. t.IP .. " " .. t.gateway)
    tmr.create():alarm(100, tmr.ALARM_SINGLE, function() print("rssi " .. tostring(wifi.sta.getrssi())) end)
end)
on(wifi.eventmon.STA_DISCONNECTED, function(t) print("lost " .. t.reason) end)
on(wifi.eventmon.AP_STACONNECTED, function(t) print("joined " .. t.MAC:lower() .. " " .. t.AID) end)
on(wifi.eventmon.AP_STADISCONNECTED, function(t) print("left " .. t.MAC:lower() .. " " .. t.AID) end)
wifi.setmode(wifi.STATIONAP, false)
wifi.sta.config{ssid = "home", pwd = "password", save = false}
