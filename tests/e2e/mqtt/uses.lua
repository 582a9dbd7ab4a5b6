-- What an MQTT client's functions say without a connection and with one, what an object takes of Lua's
-- heap, how many places of the registry are in use for it, and that all of it comes back.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local function nothing() end
local function live()
    local count = 0
    for key, value in pairs(debug.getregistry()) do
        if type(key) == "number" and key > 0 and type(value) ~= "number" then count = count + 1 end
    end
    return count
end

local names = {"CONN_FAIL_SERVER_NOT_FOUND", "CONN_FAIL_NOT_A_CONNACK_MSG", "CONN_FAIL_DNS",
    "CONN_FAIL_TIMEOUT_RECEIVING", "CONN_FAIL_TIMEOUT_SENDING", "CONNACK_ACCEPTED", "CONNACK_REFUSED_PROTOCOL_VER",
    "CONNACK_REFUSED_ID_REJECTED", "CONNACK_REFUSED_SERVER_UNAVAILABLE", "CONNACK_REFUSED_BAD_USER_OR_PASS",
    "CONNACK_REFUSED_NOT_AUTHORIZED"}
for i, name in ipairs(names) do names[i] = tostring(mqtt[name]) end -- one has 34 characters, too many for a ROM table
print(table.concat(names, " "))
local m = mqtt.Client()
names = {}
for name in pairs(getmetatable(m).__index) do
    if not name:find("^__") then names[#names + 1] = name end
end
table.sort(names)
print(table.concat(names, " "))
why(m.publish, m, "a", "b", 0, 0)
why(m.subscribe, m, "a", 0)
why(m.unsubscribe, m, "a")
print(select("#", m:close()))
why(m.on, m, "nope", nothing)
why(m.on, m, "connect")
why(m.lwt, m)
why(m.lwt, m, "a")
why(m.connect, m, "10.0.0.1", 1883, true)
why(m.connect, m, "10.0.0.1", 1883, 1)
why(m.connect, m)
why(m.connect, m, "")
m, names = nil, nil

local function cost(make)
    collectgarbage()
    local bytes, slots = node.egc.meminfo(), live()
    local object = make()
    collectgarbage()
    bytes, slots = node.egc.meminfo() - bytes, live() - slots
    object = nil
    collectgarbage()
    return bytes, slots
end
local function small() return mqtt.Client("i") end
local function usual() return mqtt.Client("i", 1, "u", "p") end
local function full()
    local client = usual()
    client:lwt("t", "m")
    client:on("offline", nothing)
    return client
end
local costs = {{}, {}, {}}
for round = 1, 2 do -- then stack and registry have their sizes
    for i, make in ipairs{small, usual, full} do costs[i][1], costs[i][2] = cost(make) end
end
for _, pair in ipairs(costs) do print(table.concat(pair, " ")) end

-- ---- with a connection ----

wifi.setmode(wifi.STATION)
wifi.sta.config{ssid = "a", pwd = "12345678"}
local heaps = {0, 0, 0}
local function session(n)
    local client = mqtt.Client("frost", 20)
    client:on("offline", function()
        tmr.create():alarm(11000, tmr.ALARM_SINGLE, function() -- no connection waits out its time then
            client = nil
            collectgarbage()
            heaps[n] = node.heap()
            if n < 3 then return session(n + 1) end
            print(math.abs(heaps[2] - heaps[3]) < 16) -- but for the rests of blocks
        end)
    end)
    client:connect("broker.local", 4, false, function(c)
        if n == 1 then
            why(c.connect, c, "broker.local", 4)
            print("in it: " .. tostring(c:publish("a", ("x"):rep(1000), 0, 0)))
            why(c.subscribe, c, {})
            why(c.subscribe, c, {[("t"):rep(800)] = 0, [("u"):rep(800)] = 1})
            print(tostring(c:publish("a", ("x"):rep(1455), 0, 0)) .. " " .. tostring(c:publish("a", ("x"):rep(1454), 0, 0)))
        end
        c:close()
    end)
end
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function()
    local gone = mqtt.Client("gone")
    gone:connect("broker.local", 4) -- nobody is there any more when the name is found
    getmetatable(gone).__gc(gone)
    session(1)
end)
