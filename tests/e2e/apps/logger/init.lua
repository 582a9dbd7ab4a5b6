-- logs readings into files, a server hands them out
dofile("settings.lua")
pin = 2
function startup()
    if file.open("init.lua") == nil then print("init.lua deleted") return end
    file.close("init.lua")
    dofile("logger.lua")
end
wifi.setmode(wifi.STATION)
wifi.sta.config(SSID, PASSWORD)
wifi.sta.connect()
tmr.alarm(1, 1000, 1, function()
    if wifi.sta.getip() == nil then
        print("Connecting...")
    else
        tmr.stop(1)
        print("Connected, IP is " .. wifi.sta.getip())
        tmr.alarm(0, 2000, 0, startup)
    end
end)
