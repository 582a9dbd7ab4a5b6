-- Peers that the device connects to, and all that peers of its servers do.
world.listen(1883, "broker.example.org", function(c)
    check(c:expect("\n") == "hello from the device\n")
    c:send("welcome")
    world.sleep(20)
end)
local why
why = select(2, world.try_connect(23, nil, 100))
check(why == "timeout" or why == "refused", "before the device listens: %s", why)
world.serial:expect("ready\n")
world.serial:expect("nobody is nil\n")
world.serial:expect("broker.example.org fails %-9\n")
world.serial:expect("broker.example.org says welcome\n")
world.serial:expect("broker.example.org ends 0\n")

-- nobody listens
local none
none, why = world.try_connect(8080)
check(none == nil and why == "refused", "port 8080: %s", why)

-- lines, also in pieces and several at once
local c = world.connect(23, "192.168.1.77")
check(c.ip == "192.168.1.77")
c:send("one\ntwo\nth")
check(c:expect("ONE\nTWO\n"))
check(c:receive(nil, 50) == nil)
c:send("ree\n")
check(c:expect(6) == "THREE\n")

-- many bytes from the device
c:send("big 20000\n")
check(c:expect(20000, 20000) == ("x"):rep(20000))
-- a reader that does not read: the device's queue stays full
c:hold()
c:send("big 20000\n")
check(c:receive(1, 3000) == nil)
c:unhold()
check(#c:expect(20000, 20000) == 20000)
-- many bytes to the device; its window closes while it holds
c:send("hold\n")
world.sleep(10)
local before = c.sent_bytes
c:send((("y"):rep(99) .. "\n"):rep(300))
world.sleep(1000)
check(c.sent_bytes - before < 6000, "%d bytes went into a closed window", c.sent_bytes - before)
local other = world.connect(23)
other:send("go\n")
world.sleep(2000)
check(c.sent_bytes - before == 30000, "%d bytes", c.sent_bytes - before)
c:send("count\n")
check(c:expect("\n") == "300\n")

-- ends: by the device, by the peer, by a reset; half an end
c:send("bye\n")
check(c:expect("bye\n") == "bye\n")
local rest, how = c:expect_closed()
check(rest == "" and how == "closed", "%s", how)
check(c.closed == "closed" and select(2, c:send("x")) == "closed")
check(select(2, c:receive()) == "closed")
other:close()
world.serial:expect("gone 0\n")
c = world.connect(23)
c:reset()
check(c.closed == "reset")
world.serial:expect("broken %-9\n")
c = world.connect(80)
c:send("GET /half HTTP/1.1\r\n\r\n")
c:shut()
check(c:expect("/half (%d+)\n"))

-- datagrams
local udp = world.udp(9999, "192.168.1.3")
udp:send("abc", 5683)
local data, port = udp:expect("^c")
check(data == "cba" and port == 5683, "%s from %s", data, port)
check(udp:receive(nil, 100) == nil)
udp:send("nobody is there", 5684)
check(udp:receive(nil, 100) == nil)

-- a hundred peers at once, of which the device takes five: the others come again
world.sleep(15000) -- connections that have ended are gone by then
local served = 0
for i = 1, 100 do
    world.go(function()
        local one, reason = world.try_connect(80)
        if not check(one, reason) then return end
        one:send("GET /" .. i .. " HTTP/1.1\r\n\r\n")
        one:expect("/" .. i .. " %d+\n")
        served = served + 1
    end)
end
world.sleep(60000)
check(served == 100, "%d served", served)
