local M = {}
local sent = 0
local function read() return {t = 20 + adc.read(0) / 100, n = sent} end
local commands = {
    led = function(v) gpio.write(4, v == "on" and gpio.LOW or gpio.HIGH) return "led " .. v end,
    rate = function(v) M.timer:interval(tonumber(v)) return "rate " .. v end,
    conf = function() return require("config").id end,
}
function M.run(cfg)
    gpio.mode(4, gpio.OUTPUT)
    local client = require("mqttlite").new(cfg.id, cfg.user, cfg.pass, 60)
    client.on.connect = function(c)
        print("connected")
        c:subscribe("cmd/" .. cfg.id .. "/#")
        M.timer = tmr.create()
        M.timer:alarm(2000, tmr.ALARM_AUTO, function()
            sent = sent + 1
            c:publish("data/" .. cfg.id, sjson.encode(read()))
        end)
    end
    client.on.message = function(c, topic, payload)
        local name = topic:match("([^/]+)$")
        local f = commands[name]
        c:publish("reply/" .. cfg.id, f and f(payload) or "unknown " .. name)
    end
    client.on.offline = function(code)
        print("offline", code)
        if M.timer then M.timer:unregister() end
        tmr.create():alarm(1000, tmr.ALARM_SINGLE, function() client:connect(cfg.broker, cfg.port) end)
    end
    client:connect(cfg.broker, cfg.port)
end
return M
