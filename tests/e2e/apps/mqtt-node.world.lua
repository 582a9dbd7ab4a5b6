-- a scripted broker
world.adc(function() return 300 + math.floor(world.now() / 1000) % 50 end)
world.wifi{{ssid = "home", password = "s3cret-wifi-pass", rssi = -60}}
local function packet(c)
    local head = c:expect(2, 70000)
    local n = head:byte(2)
    return head:byte(1), n > 0 and c:expect(n) or ""
end
local published = 0
world.listen(1883, "broker.local", function(c)
    local t, body = packet(c)
    check(t == 0x10 and body:find("mqtt-secret", 1, true), "CONNECT")
    c:send("\32\2\0\0")
    local commands = {{"led", "on"}, {"rate", "500"}, {"conf", ""}, {"foo", "bar"}, {"led", "off"}}
    while true do
        t, body = packet(c)
        if t == 0x82 then
            c:send("\144\3\0\1\0")
        elseif t == 0x30 then
            published = published + 1
            if published % 3 == 0 and #commands > 0 then
                local cmd = table.remove(commands, 1)
                local topic = "cmd/x/" .. cmd[1]
                c:send("\48" .. string.char(2 + #topic + #cmd[2]) .. "\0" .. string.char(#topic) .. topic .. cmd[2])
            end
            if published == 30 then c:close() return end
            if published == 60 then world.finish() end
        elseif t == 0xC0 then c:send("\208\0") end
    end
end)
