-- Nobody of the station's network reaches the device before it has an address there.
local datagrams = world.udp(5000)
datagrams:send("early", 5000)
local own = world.try_connect(80, "192.168.4.2", 100) -- of the device's own access point
check(own and own:rest() == "nil", "the access point is there from the start")
local answer = world.connect(80):rest()
check(answer == "192.168.1.50", "the station had %s when it answered", answer)
check(world.now() > 2000, "it answered after %g ms", world.now())
datagrams:send("late", 5000)
local echo = datagrams:receive()
check(echo == "late", "the datagram %s was answered", echo)
world.finish()
