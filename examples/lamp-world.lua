-- lamp-world.lua: the world of lamp.lua: a network that comes and goes, a button, and who asks for the page.

local function get(path)
    local c = world.connect(80)
    c:send("GET " .. path .. " HTTP/1.1\r\nHost: lamp\r\n\r\n")
    local status = tonumber((select(2, c:expect("^HTTP/1.1 (%d+)"))))
    c:expect("\r\n\r\n")
    return status, (c:expect_closed())
end

local function expect(path, want_status, want_body)
    local status, body = get(path)
    check(status == want_status and body == want_body, "GET %s: %d %q", path, status, body)
end

local networks = {{ssid = "greenhouse", password = "tomatoes", rssi = -67, ip = "192.168.1.20"}}
local button, lamp = world.pin(3), world.pin(4)
button:set(1)
world.adc(400)
world.wifi(networks)
lamp:expect(0)
world.serial:expect("address 192%.168%.1%.20\n")

expect("/", 200, "lamp off, light 400\n")
button:pulse(80) -- pressed for 80 ms
lamp:expect(1, 20)
world.adc(812)
expect("/", 200, "lamp on, light 812\n")
expect("/off", 200, "lamp off, light 812\n")
lamp:expect(0, 0)
expect("/nothing", 404, "no such page\n")

world.wifi{} -- out of reach for ten seconds
world.serial:expect("no network\n", 1000)
world.sleep(10000)
world.wifi(networks)
world.serial:expect("address ")
expect("/on", 200, "lamp on, light 812\n")
print(("the lamp was switched %d times in %.1f s"):format(lamp:count() - 1, world.now() / 1000))
