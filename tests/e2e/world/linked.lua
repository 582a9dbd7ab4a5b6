-- A server of lines, a client, and what the serial line tells the client to send.
local on = wifi.eventmon.register
local sock = net.createConnection(net.TCP, 0)
sock:on("connection", function(s) print("broker connected") s:send("hello\n") end)
sock:on("receive", function(_, data) print("broker says " .. data:sub(1, -2)) end)
sock:on("reconnection", function(_, code) print("broker fails " .. code) end)
local is_first = true
on(wifi.eventmon.STA_GOT_IP, function()
    print("ip")
    if not is_first then return end
    is_first = false
    net.createServer(30):listen(23, function(s)
        s:on("receive", function(t, data) print("it says " .. data) t:send(data:upper()) end)
        s:on("disconnection", function(_, code) print("gone " .. code) end)
        s:on("reconnection", function(_, code) print("broken " .. code) end)
    end)
    sock:connect(1883, "broker.example.org")
    print("ready")
end)
on(wifi.eventmon.STA_DISCONNECTED, function(t) if t.reason == 200 then print("lost 200") end end)
uart.on("data", "\n", function(line) sock:send(line:match("tell (.*)")) end, 0)
wifi.setmode(wifi.STATION, false)
wifi.sta.config{ssid = "home", pwd = "password", save = false}
