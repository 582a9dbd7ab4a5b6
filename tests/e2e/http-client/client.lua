-- Requests of the module http to a server that says what it got (server.py); its port is in the file
-- `port`. Each answer is printed, with the headers that tell something.
wifi.setmode(wifi.STATION)
wifi.sta.config{ssid = "a", pwd = "12345678"}

local web = "http://web.local:" .. file.getcontents("port")
local long = ("0123456789"):rep(400) .. "end"
local STEPS = {
    function(f) http.get(web .. "/a?b=c", nil, f) end,
    function(f) http.get(web, "User-Agent: me\r\nX-Y: z\r\n", f) end,
    function(f) http.post(web .. "/post", "Content-Type: text/plain\r\n", "hello", f) end,
    function(f) http.put(web .. "/put", nil, long, f) end,
    function(f) http.delete(web .. "/delete", nil, "", f) end,
    function(f) http.request(web .. "/request", "PATCH", nil, "ab\0cd", f) end,
    function(f) http.get(web .. "/chunked", nil, f) end,
    function(f) http.get(web .. "/go/there", nil, f) end,
    function(f) http.get(web .. "/gohttp://other.local:" .. file.getcontents("port") .. "/x", nil, f) end,
    function(f) http.get(web .. "/loop", nil, f) end,
    function(f) http.get(web .. "/large", nil, f) end,
    function(f) -- the second request takes the callback, which the first answer calls
        http.get(web .. "/first", nil, function() print("never") end)
        http.get(web .. "/second", nil, f)
    end,
}
local at = 0
local function go()
    at = at + 1
    if not STEPS[at] then return print("done") end
    STEPS[at](function(status, body, headers)
        print(at, status, body and (#body < 200 and body or #body .. " bytes: " .. body:sub(1, 12)))
        for _, name in ipairs{"x-two", "location", "transfer-encoding"} do
            if headers and headers[name] then print(name, headers[name]) end
        end
        tmr.create():alarm(10, tmr.ALARM_SINGLE, go)
    end)
end
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, go)
