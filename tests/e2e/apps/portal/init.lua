-- WiFi setup portal in one file: an access point with a form; saves the network and restarts
local CFG = "wifi.cfg"
local function read_cfg()
    if not file.open(CFG, "r") then return nil end
    local ssid = file.readline()
    local pwd = file.readline()
    file.close()
    if not ssid then return nil end
    return ssid:gsub("%s+$", ""), (pwd or ""):gsub("%s+$", "")
end
local function save_cfg(ssid, pwd)
    file.open(CFG, "w+")
    file.writeline(ssid)
    file.writeline(pwd)
    file.close()
end
local function unescape(s)
    s = s:gsub("+", " ")
    s = s:gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)
    return s
end
local function page(title, body)
    return "<!DOCTYPE html><html><head><meta name='viewport' content='width=device-width, initial-scale=1'><title>" .. title ..
        "</title><style>body{font-family:sans-serif;margin:2em}input{display:block;margin:.5em 0;padding:.4em}</style></head><body><h1>" ..
        title .. "</h1>" .. body .. "</body></html>"
end
local function form(nets)
    local list = ""
    for ssid in pairs(nets or {}) do list = list .. "<option value='" .. ssid .. "'>" end
    return page("Device setup", "<form method='post' action='/save'><input name='ssid' list='n' placeholder='network'><datalist id='n'>" .. list ..
        "</datalist><input name='pwd' type='password' placeholder='password'><input type='submit' value='Save'></form>")
end
local function respond(sck, status, body, extra)
    sck:on("sent", function(s) s:close() end)
    sck:send("HTTP/1.1 " .. status .. "\r\nContent-Type: text/html\r\n" .. (extra or "") .. "Content-Length: " .. #body .. "\r\nConnection: close\r\n\r\n" .. body)
end
local function start_dns()
    local u = net.createUDPSocket()
    u:on("receive", function(s, data, port, ip)
        local id = data:sub(1, 2)
        local q = data:match("^............(.-%z....)")
        if q then
            s:send(port, ip, id .. "\129\128\0\1\0\1\0\0\0\0" .. q .. "\192\12\0\1\0\1\0\0\0\60\0\4\192\168\4\1")
        end
    end)
    u:listen(53)
    return u
end
local function start_portal()
    wifi.setmode(wifi.SOFTAP)
    wifi.ap.config({ssid = "Setup-" .. string.format("%06X", node.chipid()), auth = wifi.OPEN})
    print("portal at " .. (wifi.ap.getip() or "?"))
    dns = start_dns()
    srv = net.createServer(net.TCP, 10)
    srv:listen(80, function(c)
        local request = ""
        c:on("receive", function(sck, data)
            request = request .. data
            local head, body = request:match("^(.-)\r\n\r\n(.*)$")
            if not head then return end
            local len = tonumber(head:match("[Cc]ontent%-[Ll]ength: (%d+)") or "0")
            if #body < len then return end
            local method, path = head:match("^(%u+) (%S+)")
            if method == "POST" and path == "/save" then
                local ssid = unescape(body:match("ssid=([^&]*)") or "")
                local pwd = unescape(body:match("pwd=([^&]*)") or "")
                if #ssid == 0 or (#pwd > 0 and #pwd < 8) then
                    respond(sck, "200 OK", page("Not saved", "<p>The password has at least 8 characters.</p><a href='/'>Again</a>"))
                else
                    save_cfg(ssid, pwd)
                    respond(sck, "200 OK", page("Saved", "<p>The device joins " .. ssid .. " now.</p>"))
                    tmr.create():alarm(1500, tmr.ALARM_SINGLE, function() node.restart() end)
                end
            elseif path == "/" or path == "/index.html" then
                respond(sck, "200 OK", form({["Neighbours"] = 1}))
            else
                respond(sck, "302 Found", "", "Location: http://192.168.4.1/\r\n")
            end
            request = ""
        end)
    end)
end
local ssid, pwd = read_cfg()
if ssid then
    wifi.setmode(wifi.STATION)
    wifi.sta.config({ssid = ssid, pwd = pwd})
    print("joining " .. ssid)
    tmr.create():alarm(20000, tmr.ALARM_SINGLE, function()
        if wifi.sta.status() ~= wifi.STA_GOTIP then file.remove(CFG) node.restart() else print("joined") end
    end)
else
    start_portal()
end
