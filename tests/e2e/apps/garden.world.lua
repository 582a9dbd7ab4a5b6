world.wifi{{ssid = "garden", password = "tomatoes2019", rssi = -60}}
world.dht(1, function() return {temp = 19 + world.number + world.now() / 60000, humi = 54 + world.number} end)
world.onewire(3, {{code = "28 FF 64 1E 80 16 04", temp = 21.5}, {code = "28 FF 64 1E 80 16 05", temp = -3.25}})
local cal = {408, -72, -14383, 32741, 32757, 23153, 6190, 4, -32768, -8711, 2868}
local regs = {[0xF6] = 0x6C, [0xF7] = 0xFA}
for i, v in ipairs(cal) do v = v % 65536 regs[0xAA + 2 * i - 2] = math.floor(v / 256) regs[0xAA + 2 * i - 1] = v % 256 end
world.i2c(0x77, regs)
local n = 0
world.listen(80, "api.example.org", function(c)
    local head = c:expect("\r\n\r\n")
    check(head:find("api_key=Q9ZX3M1N5PLAPIKEY", 1, true), head)
    n = n + 1
    c:send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" .. n .. "\n")
    if n == 4 then world.finish() end
end)
