require("average")
local n = 0
local function rotate()
    local l = file.list()
    if l[LOGFILE] and l[LOGFILE] > 400 then
        file.remove(LOGFILE .. ".1")
        file.rename(LOGFILE, LOGFILE .. ".1")
    end
end
tmr.alarm(2, INTERVAL, 1, function()
    local v = average.of(3)
    n = n + 1
    rotate()
    file.open(LOGFILE, "a+")
    file.writeline(string.format("%d,%d,%d", n, tmr.time(), v))
    file.close()
    if n % 5 == 0 then dofile("report.lua") end
end)
srv = net.createServer(net.TCP)
srv:listen(80, function(conn)
    conn:on("receive", function(c, payload)
        local buf = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
        if payload:find("GET /log ") then
            file.open(LOGFILE, "r")
            local line = file.readline()
            while line do buf = buf .. line line = file.readline() end
            file.close()
        else
            buf = buf .. "<a href=/log>log</a> " .. n
        end
        c:send(buf)
    end)
    conn:on("sent", function(c) c:close() end)
end)
