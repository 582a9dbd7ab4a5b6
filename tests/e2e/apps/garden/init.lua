-- garden sensor: DHT22, DS18B20, BMP085; sends to a web service every minute
require("settings")
local function start()
    if not file.exists("sender.lua") and not file.exists("sender.lc") then
        print("no sender")
        return
    end
    dofile(file.exists("sender.lc") and "sender.lc" or "sender.lua")
end
print(node.info("hw").chip_id)
wifi.setmode(wifi.STATION)
wifi.sta.config(STATION_CFG)
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function(t) print("ip " .. t.IP) tmr.create():alarm(100, tmr.ALARM_SINGLE, start) end)
wifi.eventmon.register(wifi.eventmon.STA_DISCONNECTED, function(t) print("lost " .. t.SSID) end)
