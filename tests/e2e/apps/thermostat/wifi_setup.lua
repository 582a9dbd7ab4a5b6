local cfg = require("config").load()
wifi.setmode(wifi.STATION)
wifi.sta.sethostname(cfg.name)
wifi.sta.config{ssid = cfg.wifi.ssid, pwd = cfg.wifi.password, auto = true}
local tries = 0
tmr.create():alarm(500, tmr.ALARM_AUTO, function(t)
    tries = tries + 1
    if wifi.sta.getip() then
        t:unregister()
        print("online as " .. wifi.sta.gethostname())
        require("main")
    elseif tries > 60 then
        node.restart()
    end
end)
