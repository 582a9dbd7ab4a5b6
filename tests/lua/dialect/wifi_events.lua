-- The module wifi in time: what is called when, what is known between two events, what is left in
-- the registry, what an event takes of the heap. Facts on the firmware's modules, sections 2.1, 4.5.
local events, sta = wifi.eventmon, wifi.sta
local function live()
    local count = 0
    for key, value in pairs(debug.getregistry()) do
        if type(key) == "number" and key > 0 and type(value) ~= "number" then count = count + 1 end
    end
    return count
end
local base = live()
local start = tmr.now()
local function say(name, ...) print(math.floor((tmr.now() - start + 500) / 1000) .. " ms", name, ...) end
local function state() return sta.status(), sta.getip() or "no address", sta.getrssi() end
local function fields(t)
    local list = {}
    for name, value in pairs(t) do list[#list + 1] = name .. "=" .. tostring(value) end
    table.sort(list)
    return table.concat(list, " ")
end
local kinds = {}
for name, kind in pairs(events) do if type(kind) == "number" then kinds[kind] = name end end
local function watch(...)
    for _, kind in ipairs{...} do
        events.register(kind, function(t) say(kinds[kind], fields(t)) print("", state()) end)
    end
end
local function bytes()
    collectgarbage() collectgarbage()
    return collectgarbage("count") * 1024
end

local steps, at = {}, 0
local function next_step()
    at = at + 1
    if not steps[at] then say("the end", live() - base) return end
    node.task.post(steps[at])
end
local function later(ms, f) tmr.create():alarm(ms, tmr.ALARM_SINGLE, f or next_step) end

steps[1] = function()
    print("-- mode, join, address: events in this order")
    watch(0, 1, 2, 3, 4, 8)
    say("mode", wifi.setmode(wifi.STATION), state())
    say("config", sta.config{ssid = "home", pwd = "password"}, state())
    later(1400, function() say("joining", state()) end)
    later(1700, function() say("associated", state()) print(wifi.getchannel()) end)
    later(2500)
end
steps[2] = function()
    print("-- DHCP has told of a server of names")
    print(net.dns.getdnsserver(0), net.dns.getdnsserver(1))
    print("-- what disconnects, and what does not")
    say("connected already", sta.connect(), sta.config{ssid = "home", auto = false}, state())
    later(1, function() say("disconnected already", sta.disconnect(), state()) next_step() end)
end
steps[3] = function()
    say("connect with a function", sta.connect(function(t) say("function", fields(t)) end), state())
    say("leave before it has joined", sta.disconnect(), state())
    say("again", sta.connect(), state())
    later(3000)
end
steps[4] = function()
    print("-- one callback per event, whoever registers it")
    sta.disconnect(function(t) say("first", t.reason) end)
    sta.config{ssid = "other", disconnect_cb = function(t) say("second", t.reason) end,
        connect_cb = function(t) say("connect_cb", t.SSID) end, got_ip_cb = function(t) say("got_ip_cb", t.IP) end,
        connected_cb = function() say("never") end}
    later(2100, function()
        events.unregister(events.STA_GOT_IP)
        events.register(events.STA_CONNECTED)
        say("lost events", sta.disconnect())
        sta.connect()
        later(2500, function() say("without callbacks", state()) next_step() end)
    end)
end
steps[5] = function()
    print("-- an address of the program's: at once, and it stays")
    watch(0, 1, 3)
    sta.disconnect()
    net.dns.setdnsserver("10.0.0.53")
    say("set", sta.setip{ip = "10.0.0.7", netmask = "255.255.255.0", gateway = "10.0.0.1"}, state())
    sta.connect()
    later(2000, function() sta.disconnect() say("down", state()) print(net.dns.getdnsserver()) end)
    later(2100)
end
steps[6] = function()
    print("-- modes: leaving the station drops link and address; coming back connects")
    say("connect", sta.connect())
    later(2500, function()
        say("both", wifi.setmode(wifi.STATIONAP), state())
        say("alone", wifi.setmode(wifi.SOFTAP), state())
        say("same", wifi.setmode(wifi.SOFTAP), sta.connect(), sta.disconnect())
        later(10, function()
            say("back", wifi.setmode(wifi.STATION), state())
            later(2500)
        end)
    end)
end
steps[7] = function()
    print("-- scans")
    sta.getap(function(t)
        say("scan", live() - base) print(fields(t))
        sta.getap(1, function(t) say("by address") print(fields(t)) end)
        sta.getap(nil, 1, function(t) say("the second asked alone is called") print(fields(t)) end)
    end)
    say("asked", live() - base)
    later(4300)
end
steps[8] = function()
    local asked = {{ssid = "neighbour"}, {channel = 6}, {bssid = "02:1A:11:00:00:02", show_hidden = 1}, {channel = 1},
        {ssid = "x"}}
    local function ask(i)
        if not asked[i] then return next_step() end
        sta.getap(asked[i], i % 2, function(t) say("asked for " .. fields(asked[i])) print(fields(t)) ask(i + 1) end)
    end
    ask(1)
end
steps[9] = function()
    sta.getap(function() say("never") end)
    sta.getap(nil)
    later(2200, function()
        sta.getap(function(t) say("cut off by the mode", next(t)) end)
        later(100, function() wifi.setmode(wifi.SOFTAP) later(10) end)
    end)
end
steps[10] = function()
    print("-- errors of callbacks are protected; what follows comes through")
    node.setonerror(function(message) say("error", message:match("^[^\n]*")) end)
    wifi.setmode(wifi.STATION)
    events.register(events.STA_CONNECTED, function() error("in an event") end)
    sta.getap(function() error("in a scan") end)
    later(2600, function() say("after", state()) next_step() end)
end
steps[11] = function()
    print("-- the order of events of one moment; one that nobody waits for any more")
    local order = {}
    events.register(events.WIFI_MODE_CHANGED, function(t)
        order[#order + 1] = t.old_mode .. t.new_mode
        if #order == 2 then node.task.post(0, function() order[#order + 1] = "task" end) end
    end)
    for _, mode in ipairs{3, 2, 0, 1, 3} do wifi.setmode(mode, false) end
    later(1, function()
        say(table.concat(order, " "))
        wifi.setmode(2)
        events.unregister(events.WIFI_MODE_CHANGED)
        later(1)
    end)
end
steps[12] = function()
    print("-- heap: 68 bytes for an event that waits, and one place in the registry")
    for kind = 0, 10 do events.unregister(kind) end
    say("callbacks", live() - base)
    events.register(events.WIFI_MODE_CHANGED, function(t) t = nil end)
    wifi.setmode(0) wifi.setmode(2)
    for _ = 1, 4 do wifi.setmode(0) wifi.setmode(2) end
    later(1, function()
        local before, slots = bytes(), live()
        wifi.setmode(0)
        local one = bytes()
        wifi.setmode(2) wifi.setmode(0)
        say("one, three", one - before, bytes() - before, live() - slots)
        later(1, function() say("none", live() - slots) next_step() end)
    end)
end
steps[13] = function()
    print("-- heap: the table of each event, with the texts that are its alone")
    for _, kind in ipairs{0, 1, 3, 8} do
        events.register(kind, function(t)
            local name = kinds[kind]
            local before = bytes()
            t = nil
            say(name, before - bytes())
        end)
    end
    wifi.setmode(1)
    later(2600, function() wifi.setmode(2) later(1) end)
end
steps[14] = function()
    for kind = 0, 10 do events.unregister(kind) end
    node.setonerror()
    next_step()
end
next_step()
say("main ends")
