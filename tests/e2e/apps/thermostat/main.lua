local config, relay, sensor = require("config"), require("drivers/relay"), require("drivers.sensor")
local web = require("web")
state = {temp = nil, on = false, log = {}}
local function wanted(cfg, minutes)
    for _, s in ipairs(cfg.schedule) do
        local h1, m1 = s.from:match("(%d+):(%d+)")
        local h2, m2 = s.to:match("(%d+):(%d+)")
        if minutes >= h1 * 60 + m1 and minutes < h2 * 60 + m2 then return s.target end
    end
    return cfg.target
end
local function control()
    local cfg = config.current
    local t = sensor.read()
    local cal = rtctime.epoch2cal(rtctime.get())
    state.temp = t
    state.target = wanted(cfg, cal.hour * 60 + cal.min)
    if t < state.target - cfg.hysteresis then state.on = true
    elseif t > state.target + cfg.hysteresis then state.on = false end
    relay.set(state.on)
    table.insert(state.log, ("%02d:%02d %.1f %s"):format(cal.hour, cal.min, t, state.on and "on" or "off"))
    if #state.log > 20 then table.remove(state.log, 1) end
end
rtctime.set(1700000000, 0)
relay.init(2)
control()
tmr.create():alarm(1000, tmr.ALARM_AUTO, control)
web.start(8080)
