world.serial:expect("ready\n")
local c = world.connect(80)
c:send("GET /x HTTP/1.1\r\n\r\n")
c:expect("404", 300)
