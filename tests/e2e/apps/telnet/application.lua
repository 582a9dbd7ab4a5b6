gpio.mode(LED_PIN, gpio.OUTPUT)
local lit = false
blinker = tmr.create()
blinker:alarm(BLINK_MS, tmr.ALARM_AUTO, function()
    lit = not lit
    gpio.write(LED_PIN, lit and gpio.HIGH or gpio.LOW)
end)
function uptime()
    local s = tmr.time()
    return ("%d:%02d"):format(s / 60, s % 60)
end
function help()
    print("functions: uptime() help() dofile('tools.lua').ls()")
end
