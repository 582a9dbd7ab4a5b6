-- lamp.lua: a lamp with a button, and a page that shows and switches it. lamp-world.lua is its world.
--
-- `frost run --world examples/lamp-world.lua examples/lamp.lua`, or on a device with these pins.

local BUTTON, LAMP = 3, 4
local is_on = false

local function switch(on)
    is_on = on
    gpio.write(LAMP, on and gpio.HIGH or gpio.LOW)
end

local function answer(request)
    local method, path = request:match("^(%u+) (%S+)")
    if method ~= "GET" then return "405 Method Not Allowed", "GET only\n" end
    if path == "/on" then switch(true) elseif path == "/off" then switch(false)
    elseif path ~= "/" then return "404 Not Found", "no such page\n" end
    return "200 OK", ("lamp %s, light %d\n"):format(is_on and "on" or "off", adc.read(0))
end

local function serve(socket)
    local request = ""
    socket:on("receive", function(s, data)
        request = request .. data
        if not request:find("\r\n\r\n", 1, true) then return end
        local status, body = answer(request)
        s:send(("HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"):format(status, #body, body))
    end)
    socket:on("sent", function(s) s:close() end)
end

gpio.mode(LAMP, gpio.OUTPUT)
switch(false)
gpio.mode(BUTTON, gpio.INT, gpio.PULLUP)
gpio.trig(BUTTON, "down", function() switch(not is_on) end)

local server
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function(info)
    print("address " .. info.IP)
    if not server then
        server = net.createServer(net.TCP, 30)
        server:listen(80, serve)
    end
end)
wifi.eventmon.register(wifi.eventmon.STA_DISCONNECTED, function() print("no network") end)
wifi.setmode(wifi.STATION, false)
wifi.sta.config{ssid = "greenhouse", pwd = "tomatoes", save = false}
