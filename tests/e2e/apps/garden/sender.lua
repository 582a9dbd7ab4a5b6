local count = 0
local function measure()
    local status, temp, humi = dht.read(PIN_DHT)
    if status ~= dht.OK then temp, humi = -99, -99 end
    require("bmp")
    bmp.init(SDA, SCL)
    local bt = bmp.temperature()
    bmp = nil
    package.loaded["bmp"] = nil
    local ds = require("ds18b20")
    ds.setup(PIN_OW)
    local values = {}
    for _, a in ipairs(ds.addrs()) do values[#values + 1] = ds.readNumber(a) end
    ds = nil
    ds18b20 = nil
    package.loaded["ds18b20"] = nil
    collectgarbage()
    return temp, humi, bt, values
end
local function send(temp, humi, bt, values)
    local conn = net.createConnection(net.TCP, 0)
    conn:on("receive", function(c, pl)
        print("reply " .. (pl:match("^HTTP/%S+ (%d+)") or "?"))
    end)
    conn:on("disconnection", function(c) print("done " .. count) c = nil collectgarbage() end)
    conn:on("connection", function(c)
        local q = ("/update?api_key=%s&field1=%.1f&field2=%.1f&field3=%.1f"):format(API_KEY, temp, humi, bt / 10)
        for i, v in ipairs(values) do q = q .. "&field" .. (i + 3) .. "=" .. v / 10000 end
        c:send("GET " .. q .. " HTTP/1.1\r\nHost: " .. HOST .. "\r\nConnection: close\r\nAccept: */*\r\nUser-Agent: Mozilla/4.0 (compatible; esp8266 Lua; Windows NT 5.1)\r\n\r\n")
    end)
    conn:connect(80, HOST)
end
local function tick()
    count = count + 1
    local ok, err = pcall(function() send(measure()) end)
    if not ok then print("error " .. tostring(err)) end
end
tick()
tmr.create():alarm(PERIOD, tmr.ALARM_AUTO, tick)
