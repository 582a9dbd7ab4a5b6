-- The module wifi over restarts: what the SDK keeps in flash, and what it does before the program
-- begins. Each boot runs this script anew. Facts on the firmware's modules, sections 1.5, 4.3.
local _, reason = node.bootreason()
local name = wifi.sta.getdefaultconfig()
local function say(...) print(math.floor((tmr.now() + 500) / 1000) .. " ms", ...) end
local function mode() return wifi.getmode(), wifi.getdefaultmode(), wifi.getphymode(), wifi.ap.getdefaultconfig() end
print("-- boot", reason, name, wifi.sta.status(), mode())
print(wifi.sta.getip(), wifi.sta.gethostname(), wifi.sta.getmac(), wifi.sta.sleeptype(), wifi.getcountry().country)
for _, kind in ipairs{wifi.eventmon.STA_CONNECTED, wifi.eventmon.STA_DISCONNECTED, wifi.eventmon.STA_GOT_IP} do
    wifi.eventmon.register(kind, function(t)
        say(kind, t.SSID or t.IP)
        if not t.IP then return end
        if name == "" then
            wifi.sta.config{ssid = "unsaved", save = false}
        else
            wifi.sta.clearconfig()
        end
        node.task.post(node.restart)
    end)
end
if name == "" and reason == 0 then
    wifi.setmode(wifi.STATIONAP)
    wifi.setphymode(wifi.PHYMODE_G)
    wifi.ap.config{ssid = "saved"}
    wifi.ap.config{ssid = "not saved", save = false}
    wifi.sta.config{ssid = "home"}
    wifi.sta.setmac("12:34:56:78:9a:bc")
    wifi.sta.sethostname("mine")
    wifi.sta.sleeptype(wifi.NONE_SLEEP)
    wifi.setcountry{country = "us"}
    wifi.sta.autoconnect(1)
    wifi.setmode(wifi.STATION, false)
elseif name == "" then
    tmr.create():alarm(3000, tmr.ALARM_SINGLE, function() say("nothing configured", wifi.sta.status()) end)
end
