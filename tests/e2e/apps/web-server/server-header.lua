return function(connection, code, extension, isGzipped, extra)
    local function code2text(c)
        local m = {[200] = "OK", [400] = "Bad Request", [401] = "Unauthorized", [404] = "Not Found", [500] = "Internal Server Error", [501] = "Not Implemented"}
        return m[c] or m[501]
    end
    local mt = {css = "text/css", gif = "image/gif", html = "text/html", ico = "image/x-icon", jpeg = "image/jpeg", jpg = "image/jpeg", js = "application/javascript", json = "application/json", png = "image/png", xml = "text/xml"}
    local header = "HTTP/1.0 " .. code .. " " .. code2text(code) .. "\r\nServer: nodemcu-server\r\nContent-Type: " .. (mt[extension] or "text/plain") .. "\r\n"
    if isGzipped then header = header .. "Cache-Control: private, max-age=2592000\r\nContent-Encoding: gzip\r\n" end
    if extra then for _, h in ipairs(extra) do header = header .. h .. "\r\n" end end
    connection:send(header .. "Connection: close\r\n\r\n")
end
