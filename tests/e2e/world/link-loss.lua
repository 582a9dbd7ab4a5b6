-- Connections while the device's Wi-Fi link is lost: they wait for it, or the device gives them up.
local home = {{ssid = "home"}}
world.wifi(home)
local broker
world.listen(1883, "broker.example.org", function(c)
    broker = c
    check(c:expect("\n") == "hello\n")
    while not c.closed do world.sleep(1000) end
end)
world.serial:expect("ready\n", 10000)
world.serial:expect("broker connected\n")

local function lose() world.wifi{} world.serial:expect("lost 200\n", 100) end
local function back() world.wifi(home) end

-- a short loss: nothing is lost, nothing comes too early, either way
local c = world.connect(23)
lose()
c:send("one\n")
c:send("two\n")
broker:send("welcome\n")
world.serial:send("tell while lost\n")
world.sleep(12000)
check(not world.serial:text():find("says", 1, true), "data arrives over a lost link: %s", world.serial:text())
check(broker.received_bytes == #"hello\n", "data leaves over a lost link: %d bytes", broker.received_bytes)
check(c.received_bytes == 0)
back()
world.serial:expect("broker says welcome\n", 10000)
check(c:expect("ONE\nTWO\n", 2000))
check(broker:expect("while lost\n", 2000))

-- an end that comes meanwhile
lose()
c:close()
world.sleep(3000)
check(not world.serial:text():find("gone", 1, true), "the end of a connection comes over a lost link")
back()
world.serial:expect("gone 0\n", 10000)

-- a long one: the device asks an accepted connection's peer after 30 s of silence, and gives up 10 s later
c = world.connect(23)
c:send("three\n")
check(c:expect("THREE\n"))
local before = world.now()
lose()
world.serial:expect("broken %-8\n", 60000)
local waited = world.now() - before
check(waited > 39000 and waited < 42000, "given up after %d ms", waited)
-- its own connection stays until what it sends is not acknowledged
world.sleep(100000)
check(not broker.closed, "a connection at rest is given up")
world.serial:send("tell again\n")
before = world.now()
world.serial:expect("broker fails %-8\n", 120000)
waited = world.now() - before
check(waited >= 90000 and waited < 92000, "given up after %d ms", waited)
back()
world.finish()
