-- Servers in NodeMCU style: HTTP that closes, lines that are answered, datagrams that are echoed.
-- Line commands: `big N` (so many bytes), `bye`, `hold`, `go`, `count` (of lines
-- that begin with y), `restart`, `fail`; others come back in capitals.
local requests = 0

local function http(sock)
    local request = ""
    sock:on("receive", function(s, data)
        request = request .. data
        if not request:find("\r\n\r\n", 1, true) then return end
        requests = requests + 1
        local body = (request:match("^%u+ (%S+)") or "?") .. " " .. requests .. "\n"
        s:send("HTTP/1.1 200 OK\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body)
    end)
    sock:on("sent", function(s) s:close() end)
end

local function send_big(sock, left)
    local function more(s)
        local bytes = math.min(left, 1000)
        left = left - bytes
        if bytes > 0 then s:send(("x"):rep(bytes)) else s:on("sent", nil) end
    end
    sock:on("sent", more)
    more(sock)
end

local held, count_y = nil, 0
local function lines(sock)
    local line = ""
    sock:on("receive", function(s, data)
        line = line .. data
        while true do
            local one, rest = line:match("^(.-)\n(.*)$")
            if not one then return end
            line = rest
            local count = one:match("^big (%d+)")
            if count then
                send_big(s, tonumber(count))
            elseif one == "bye" then
                s:send("bye\n", function(t) t:close() end)
            elseif one == "hold" then
                s:hold()
                held = s
            elseif one == "go" then
                held:unhold()
            elseif one == "restart" then
                node.restart()
            elseif one == "fail" then
                error("as told")
            elseif one == "count" then
                s:send(count_y .. "\n")
            elseif one:find("^y") then
                count_y = count_y + 1
            else
                s:send(one:upper() .. "\n")
            end
        end
    end)
    sock:on("disconnection", function(_, code) print("gone " .. code) end)
    sock:on("reconnection", function(_, code) print("broken " .. code) end)
end

local function client(host, port)
    local sock = net.createConnection(net.TCP, 0)
    sock:on("connection", function(s) s:send("hello from the device\n") end)
    sock:on("receive", function(_, data) print(host .. " says " .. data) end)
    sock:on("disconnection", function(_, code) print(host .. " ends " .. code) end)
    sock:on("reconnection", function(_, code) print(host .. " fails " .. code) end)
    sock:connect(port, host)
end

wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function()
    net.createServer(net.TCP, 30):listen(80, http)
    net.createServer(net.TCP, 30):listen(23, lines)
    local udp = net.createUDPSocket()
    udp:listen(5683)
    udp:on("receive", function(s, data, port, ip) s:send(port, ip, data:reverse()) end)
    client("broker.example.org", 1883)
    client("broker.example.org", 1884)
    net.dns.resolve("nobody.example.org", function(_, ip) print("nobody is " .. tostring(ip)) end)
    print("ready")
end)
wifi.setmode(wifi.STATION, false)
wifi.sta.config{ssid = "home", pwd = "password", save = false}
