-- Servers that are there before the station has its address.
wifi.setmode(wifi.STATIONAP, false)
wifi.sta.config{ssid = "home", pwd = "password", save = false}
net.createServer(net.TCP):listen(80, function(sock)
    sock:send(tostring(wifi.sta.getip()), function(s) s:close() end)
end)
local udp = net.createUDPSocket()
udp:listen(5000)
udp:on("receive", function(s, data, port, ip) s:send(port, ip, data) end)
