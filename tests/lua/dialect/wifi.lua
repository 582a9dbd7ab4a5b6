-- The module wifi: every constant, arguments and results of every function, before anything joins.
-- Facts on the firmware's modules, section 4.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local function nothing() end
local function names(t)
    local list = {}
    for name in pairs(t) do list[#list + 1] = name end
    table.sort(list)
    return table.concat(list, " ")
end
local function fields(t)
    local list = {}
    for name, value in pairs(t) do list[#list + 1] = name .. "=" .. tostring(value) end
    table.sort(list)
    return table.concat(list, " ")
end

print("-- constants")
print(wifi.NULLMODE, wifi.STATION, wifi.SOFTAP, wifi.STATIONAP)
print(wifi.STA_IDLE, wifi.STA_CONNECTING, wifi.STA_WRONGPWD, wifi.STA_APNOTFOUND, wifi.STA_FAIL, wifi.STA_GOTIP)
print(wifi.OPEN, wifi.WEP, wifi.WPA_PSK, wifi.WPA2_PSK, wifi.WPA_WPA2_PSK)
print(wifi.PHYMODE_B, wifi.PHYMODE_G, wifi.PHYMODE_N)
print(wifi.NONE_SLEEP, wifi.LIGHT_SLEEP, wifi.MODEM_SLEEP, wifi.COUNTRY_AUTO, wifi.COUNTRY_MANUAL)
local function numbers(t)
    local list = {}
    for name, value in pairs(t) do
        if type(value) == "number" then list[#list + 1] = ("%3d %s"):format(value, name) end
    end
    table.sort(list)
    for _, line in ipairs(list) do print(line) end
end
numbers(wifi.eventmon)
numbers(wifi.eventmon.reason)
print(names(wifi))
print(names(wifi.sta))
print(names(wifi.ap))
print(names(wifi.ap.dhcp), "|", names(wifi.eventmon):match("%l.*"))
print(wifi.startsmart, wifi.stopsmart, pcall(function() wifi.STATION = 7 end))

print("-- module")
print(wifi.getmode(), wifi.getdefaultmode(), wifi.getchannel(), wifi.getphymode())
why(wifi.setmode)
why(function() wifi.setmode(9) end)
why(function() wifi.sta.config("name", "password") end)
why(function() wifi.ap.config{} end)
why(wifi.setmode, 4)
why(wifi.setmode, -1)
why(wifi.setmode, 1, 1)
print(wifi.setmode(wifi.NULLMODE, false), wifi.getmode(), wifi.getdefaultmode(), wifi.getchannel())
print(wifi.setmode("1"), wifi.getdefaultmode())
why(wifi.setphymode, 0)
why(wifi.setphymode, 4)
print(wifi.setphymode(wifi.PHYMODE_B), wifi.setphymode(wifi.PHYMODE_G), wifi.getphymode())
why(wifi.setmaxtxpower, 0)
why(wifi.setmaxtxpower, 83)
print(wifi.setmaxtxpower(82))
print(fields(wifi.getcountry()))
why(wifi.setcountry)
for _, t in ipairs{{country = "C"}, {country = "C1"}, {country = {}}, {start_ch = 0}, {start_ch = 15}, {start_ch = "x"},
    {end_ch = 15}, {start_ch = 5, end_ch = 4}, {end_ch = nothing}, {policy = 2}, {policy = {}}, {start_ch = 14}} do
    why(wifi.setcountry, t)
end
print(wifi.setcountry{country = "us", start_ch = 2, end_ch = 11, policy = wifi.COUNTRY_MANUAL}, fields(wifi.getcountry()))
print(wifi.setcountry{}, fields(wifi.getcountry()))
print(wifi.nullmodesleep(), wifi.nullmodesleep(false), wifi.nullmodesleep(), wifi.nullmodesleep(true))
why(wifi.sleeptype, 3)
print(wifi.sleeptype(), wifi.sleeptype(wifi.NONE_SLEEP), wifi.sta.sleeptype(), wifi.sta.sleeptype(1), wifi.sleeptype(2))
why(wifi.suspend)
why(wifi.resume, nothing)

print("-- station: configurations")
print(wifi.sta.getconfig())
print(fields(wifi.sta.getconfig(true)))
why(wifi.sta.config)
why(wifi.sta.config, "name", "password")
for _, t in ipairs{{}, {ssid = {}}, {ssid = ("x"):rep(33)}, {pwd = {}, ssid = "a"}, {ssid = "a", pwd = ("x"):rep(65)},
    {ssid = "a", bssid = {}}, {ssid = "a", bssid = "5C:CF:7F"}, {ssid = "a", auto = 1}, {ssid = "a", save = 1},
    {ssid = "a", connect_cb = 1}, {ssid = "a", disconnect_cb = 1}, {ssid = "a", authmode_change_cb = 1},
    {ssid = "a", got_ip_cb = 1}, {ssid = "a", dhcp_timeout_cb = 1}} do
    why(wifi.sta.config, t)
end
print(wifi.sta.config{ssid = "home", pwd = "secret", bssid = "AA:BB:CC:0d:0E:0F", auto = false})
print(wifi.sta.getconfig())
print(fields(wifi.sta.getconfig(true)))
print(wifi.sta.getdefaultconfig())
print(wifi.sta.config{ssid = "other", auto = false, save = false}, wifi.sta.getconfig())
print(wifi.sta.getdefaultconfig())
print(fields(wifi.sta.getdefaultconfig(true)), wifi.sta.status(), wifi.sta.getip())
print(wifi.sta.config{ssid = ("s"):rep(32), pwd = ("p"):rep(64), auto = false, connected_cb = 1}, wifi.sta.getconfig())
print("-- station: the list that is kept")
why(wifi.sta.setaplimit, 0)
why(wifi.sta.setaplimit, 6)
why(wifi.sta.changeap, 0)
local function list()
    local t = wifi.sta.getapinfo()
    print(t.qty, wifi.sta.getapindex())
    for _, each in ipairs(t) do print(fields(each)) end
end
list()
print(wifi.sta.setaplimit(3), wifi.sta.config{ssid = "one", auto = false}, wifi.sta.config{ssid = "two", pwd = "2", auto = false})
list()
print(wifi.sta.config{ssid = "one", pwd = "1", bssid = "01:02:03:04:05:06", auto = false})
list()
print(wifi.sta.config{ssid = "three", auto = false}, wifi.sta.changeap(5), wifi.sta.changeap(2))
list()
print(wifi.sta.getconfig())
print(wifi.sta.setaplimit(1), wifi.sta.clearconfig(), wifi.sta.getconfig())
list()

print("-- station: the rest")
why(wifi.sta.autoconnect, true)
why(wifi.sta.autoconnect, 2)
print(wifi.sta.autoconnect(0), wifi.sta.autoconnect(1))
print(wifi.sta.connect(), wifi.sta.disconnect(), wifi.sta.status(), wifi.sta.getrssi(), wifi.sta.getbroadcast())
print(wifi.sta.getmac(), wifi.sta.gethostname())
why(wifi.sta.setmac, "5c:cf:7f")
print(wifi.sta.setmac("12-34-56-78-9A-bc"), wifi.sta.getmac(), wifi.sta.gethostname(), wifi.sta.setmac("01:00:00:00:00:00"))
for _, name in ipairs{"", "-a", "a-", "a_b", ("a"):rep(33)} do why(wifi.sta.sethostname, name) end
print(wifi.sta.sethostname("a"), wifi.sta.gethostname(), wifi.sta.sethostname("Node-7"), wifi.sta.gethostname())
why(wifi.sta.setip)
why(wifi.sta.setip, "10.0.0.1")
print(wifi.sta.getip(), select("#", wifi.sta.getip()))
print(wifi.sta.setip{netmask = "255.255.0.0"}, wifi.sta.getip())
print(wifi.sta.setip{ip = "10.1.2.3", gateway = "10.1.0.1"}, wifi.sta.getip())
print(wifi.sta.getbroadcast(), wifi.sta.setip{ip = "10.1.2.300"}, wifi.sta.getip())

print("-- scans")
why(wifi.sta.getap)
print(wifi.sta.getap(nil), wifi.sta.getap({}), wifi.sta.getap(1))
why(wifi.sta.getap, "text", nothing)
why(wifi.sta.getap, 2, nothing)
for _, t in ipairs{{ssid = ("x"):rep(33)}, {ssid = {}}, {bssid = "1"}, {bssid = {}}, {channel = 14}, {channel = "x"},
    {show_hidden = 2}, {show_hidden = true}} do
    why(wifi.sta.getap, t, nothing)
end
wifi.setmode(wifi.SOFTAP)
why(wifi.sta.getap, nothing)

print("-- access point")
print(wifi.sta.config{ssid = "home"}, wifi.sta.clearconfig(), wifi.sta.setmac("12:34:56:78:9a:bc"), wifi.sta.changeap(1))
print(wifi.ap.getconfig())
print(fields(wifi.ap.getconfig(true)))
why(wifi.ap.config)
for _, t in ipairs{{}, {ssid = {}}, {ssid = ""}, {ssid = ("x"):rep(33)}, {ssid = "a", pwd = {}}, {ssid = "a", pwd = "1234567"},
    {ssid = "a", pwd = ("x"):rep(65)}, {ssid = "a", auth = "x"}, {ssid = "a", auth = 5}, {ssid = "a", channel = "x"},
    {ssid = "a", channel = 14}, {ssid = "a", hidden = "x"}, {ssid = "a", hidden = 2}, {ssid = "a", max = "x"}, {ssid = "a", max = 5},
    {ssid = "a", beacon = "x"}, {ssid = "a", beacon = 99}, {ssid = "a", save = 1}, {ssid = "a", staconnected_cb = 1},
    {ssid = "a", stadisconnected_cb = 1}, {ssid = "a", probereq_cb = 1}} do
    why(wifi.ap.config, t)
end
print(wifi.ap.config{ssid = "mine", pwd = "12345678"}, wifi.ap.getconfig())
print(fields(wifi.ap.getconfig(true)))
print(wifi.ap.config{ssid = "open", hidden = true, max = 2, channel = 11, beacon = 200, save = false}, wifi.ap.getconfig())
print(fields(wifi.ap.getconfig(true)), wifi.getchannel())
print(wifi.ap.getdefaultconfig())
print(wifi.ap.config{ssid = "third", pwd = "12345678", auth = wifi.WPA_PSK, hidden = 1}, fields(wifi.ap.getdefaultconfig(true)))
print(wifi.ap.getip())
print(wifi.ap.getbroadcast(), wifi.ap.getmac(), wifi.ap.setmac("0a:00:00:00:00:01"), wifi.ap.getmac())
why(wifi.ap.setip, 1)
print(wifi.ap.setip{ip = "192.168.5.1", netmask = "255.255.255.0"}, wifi.ap.getip())
print(next(wifi.ap.getclient()), wifi.ap.deauth(), wifi.ap.deauth("0a:00:00:00:00:02"))
why(wifi.ap.deauth, "0a:00")
why(wifi.ap.dhcp.config)
why(wifi.ap.dhcp.config, {})
print(wifi.ap.dhcp.config{start = "192.168.5.100"})
print(wifi.ap.dhcp.stop(), wifi.ap.dhcp.start())
wifi.setmode(wifi.STATION)
why(wifi.ap.getclient)
print(wifi.ap.getip(), wifi.ap.getbroadcast(), wifi.ap.config{ssid = "mine"}, wifi.ap.dhcp.start(), wifi.ap.deauth())

print("-- events")
why(wifi.eventmon.register)
why(wifi.eventmon.register, 11, nothing)
why(wifi.eventmon.unregister, -1)
print(wifi.eventmon.register(10, nothing), wifi.eventmon.register(10), wifi.eventmon.unregister(0))
print("-- node.restore: what is in flash, not what is in force")
print(wifi.sta.config{ssid = "kept", auto = false}, wifi.sta.autoconnect(1), wifi.setphymode(1), wifi.getdefaultmode())
print(select("#", node.restore()), wifi.getdefaultmode(), wifi.getphymode(), wifi.sta.getdefaultconfig())
print(wifi.getmode(), wifi.sta.getconfig())
print("-- what is in flash is as it was at the first boot")
print(wifi.sta.clearconfig(), wifi.sta.autoconnect(1), wifi.setphymode(3), wifi.setmode(wifi.SOFTAP))
