-- A client of an MQTT broker, whose port is in the file `port`: subscribes, publishes in the three
-- qualities, says what comes, and ends after a while, when all that it expects has come.
wifi.setmode(wifi.STATION)
wifi.sta.config{ssid = "a", pwd = "12345678"}

local client = mqtt.Client("frost", 2, "user", "secret", 1)
client:lwt("/will", "gone", 1, 1)
client:on("offline", function(c) print("offline", c == client) end)
local expected = 7 -- six messages, one of them too long, and that all are acknowledged
client:on("message", function(_, topic, data)
    expected = expected - 1
    print("message", topic, data and #data > 20 and #data or data)
end)
client:on("overflow", function(_, topic, data)
    expected = expected - 1
    print("overflow", topic, data and #data > 0)
end)

local function publish()
    print("subscribed")
    local left = 3
    for quality = 0, 2 do
        print(client:publish("/a", "quality " .. quality, quality, 0, function()
            left = left - 1
            if left > 0 then return end
            expected = expected - 1
            print("all are acknowledged")
        end))
    end
end

wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function()
    client:connect("broker.local", tonumber(file.getcontents("port")), false, function(c)
        print("connected")
        print(c:subscribe({["/a"] = 2, ["/b"] = 0}, publish))
    end, function(_, why) print("failed", why) end)
end)
tmr.create():alarm(9000, tmr.ALARM_AUTO, function(timer)
    if expected > 0 then return timer:interval(500) end
    timer:unregister()
    client:unsubscribe("/b", function() print("unsubscribed") end)
    client:close()
    print("closing")
end)
