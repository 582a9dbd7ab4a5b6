-- A thousand requests, each with a connection of its own.
world.serial:expect("ready\n")
for i = 1, 1000 do
    local c = world.connect(80)
    c:send("GET /" .. i .. " HTTP/1.1\r\nHost: device\r\n\r\n")
    check(c:expect("\r\n\r\n"):find("^HTTP/1.1 200 OK\r\n"))
    check(c:expect("\n") == ("/%d %d\n"):format(i, i))
    c:expect_closed()
    world.sleep(100) -- the device remembers closed connections for some seconds
end
