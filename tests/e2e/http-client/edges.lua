-- Requests that get an answer at the edge, or none; what a request takes of the heap comes back; a
-- callback that fails.
wifi.setmode(wifi.STATION)
wifi.sta.config{ssid = "a", pwd = "12345678"}
print(http.OK, http.ERROR)
print((select(2, pcall(http.get))))
print((select(2, pcall(http.request, "http://web.local/"))))

local URLS = {"http://nobody.local/", "http://web.local:99/", "http://10.9.9.9/", "https://web.local:1/"}
for port = 1, 9 do URLS[#URLS + 1] = "http://web.local:" .. port .. "/" end
local at = 0
local heaps = {0, 0}
local function measure(n)
    http.get("http://web.local:1/", nil, function()
        tmr.create():alarm(11000, tmr.ALARM_SINGLE, function() -- no connection waits out its time then
            collectgarbage()
            heaps[n] = node.heap()
            if n == 1 then return measure(2) end
            print("of the heap", heaps[1] - heaps[2])
            http.get("http://web.local:1/", nil, function() error("no such answer") end)
        end)
    end)
end
local function go()
    at = at + 1
    if not URLS[at] then return measure(1) end
    local start = tmr.now()
    http.get(URLS[at], nil, function(...)
        local status, body, headers = ...
        local names = {}
        for name, value in pairs(headers or {}) do names[#names + 1] = name .. "=" .. value end
        print(URLS[at], math.floor((tmr.now() - start + 500000) / 1000000), select("#", ...), status, body, names[1])
        node.task.post(go)
    end)
end
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function()
    http.get("ftp://web.local/", nil, function() print("never") end)
    http.get("http://" .. ("x"):rep(128) .. "/", nil, function() print("never") end)
    go()
end)
node.setonerror(function(message) print(message:match("^[^\n]*")) end)
