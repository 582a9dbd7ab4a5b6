-- The module net as far as it needs no peer: constants, objects and what they cost, wrong uses,
-- states, names that nobody knows, peers that do not answer. Facts on the firmware's modules.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local function live()
    local count = 0
    for key, value in pairs(debug.getregistry()) do
        if type(key) == "number" and key > 0 and type(value) ~= "number" then count = count + 1 end
    end
    return count
end
local base = live()
local function now() return math.floor(tmr.now() / 100000) / 10 end
local function nothing() end

print("-- constants and functions")
print(net.TCP, net.UDP, net.cert)
for name in ("createServer createConnection createUDPSocket ifinfo multicastJoin multicastLeave ping"):gmatch("%S+") do
    print(name, type(net[name]))
end
print(type(net.dns.resolve), type(net.dns.setdnsserver), type(net.dns.getdnsserver))
print(pcall(function() net.x = 1 end))

print("-- objects")
local server, client, udp = net.createServer(), net.createConnection(), net.createUDPSocket()
print(type(server), type(client), type(udp))
local function methods(object)
    local names = {}
    for name in pairs(getmetatable(object).__index) do
        if not name:find("^__") then names[#names + 1] = name end
    end
    table.sort(names)
    print(table.concat(names, " "))
end
methods(server) methods(client) methods(udp)
print(client.send == getmetatable(client).__index.send)
why(net.createServer, "x")
print(type(net.createServer(net.TCP, 180)), type(net.createConnection(net.TCP, 0)), type(net.createServer("28800")))

print("-- what they cost")
local function cost(make)
    local a, b
    make()
    collectgarbage() collectgarbage()
    local before = collectgarbage("count")
    local object = make()
    return (collectgarbage("count") - before) * 1024
end
print(cost(net.createServer), cost(net.createConnection), cost(net.createUDPSocket))
local function heap_cost(object, open, close) -- beside Lua, with the header of a block
    open(object) close(object)
    collectgarbage() collectgarbage()
    local heap, lua = node.heap(), collectgarbage("count") * 1024
    open(object)
    local taken, of_lua = heap - node.heap(), collectgarbage("count") * 1024 - lua
    close(object)
    return taken, of_lua
end
print(heap_cost(server, function(s) s:listen(80, nothing) end, function(s) s:close() end))
print(heap_cost(udp, function(s) s:listen(80) end, function(s) s:close() end))
print(heap_cost(client, function(s) s:connect(80, "10.0.0.1") end, function(s) s:close() end))

print("-- what is open is held")
print(live() - base, "a function of the server, which stays")
server:listen(80, nothing)
print(live() - base)
why(server.listen, server, 81, nothing)
server:close()
print(live() - base)
why(server.close, server)
client:on("receive", nothing) client:on("sent", nothing) client:on("receive", print)
print(live() - base)
client:on("sent", nil)
print(live() - base)
client:connect(80, "10.0.0.1")
print(live() - base)
client:close()
print(live() - base)
client = nil
collectgarbage() collectgarbage()
print(live() - base)

print("-- later")
local c = net.createConnection()
c:on("disconnection", function(s, code) print(now(), "disconnection", s == c, code, s:getpeer()) end)
c:on("dns", function(s, ip) print(now(), "dns", s == c, ip) end)
c:connect(80, "10.0.0.1")
print(c:getpeer())
why(c.connect, c, 80, "10.0.0.1")
local d = net.createConnection()
d:on("reconnection", function(s, code) print(now(), "reconnection", s == d, code) end)
d:on("disconnection", function(s, code) print("never") end)
d:connect(80, "nowhere.example", nothing)
for i = 1, 3 do
    net.dns.resolve("nowhere.example", function(...) print(now(), "resolved", i, select("#", ...), ...) end)
end
why(net.dns.resolve, "one.too.many", nothing)
net.ping("10.0.0.1", 2, function(...) print(now(), "packet", ...) end, function(...) print(now(), "pinged", ...) end)
local timer = tmr.create()
timer:alarm(36000, tmr.ALARM_SINGLE, function()
    c:on("disconnection", nil) c:on("dns", nil) d:on("reconnection", nil) d:on("disconnection", nil)
    d:on("connection", nil) timer = nil
    print(live() - base)
    print("-- a long send while connecting")
    c:connect(80, "10.0.0.1")
    why(c.send, c, ("x"):rep(2921))
    c:send(("x"):rep(2900))
    why(c.send, c, ("x"):rep(21))
    c:send(("x"):rep(20))
    why(c.send, c, "x")
    c:close()
    why(c.send, c, "x")
end)
print("main ends")
