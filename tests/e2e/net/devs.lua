-- An HTTP server that stays while what it asks, the devs module `text`, is exchanged:
-- /text asks it, /reload/FILE exchanges the devs image, /release/FILE does so come what may.

local function answer(path)
    local verb, file = path:match "^/(%a+)/?(.*)$"
    if verb == "reload" or verb == "release" then
        local done, why = node.LFS.reload_devs(file, verb == "release")
        return tostring(done) .. " " .. tostring(why)
    end
    local text = package.loaded.text
    if not text and node.LFS.text then
        text = node.LFS.text()
        package.loaded.text = text
    end
    return text and text.get() or "no module"
end

local function respond(socket, data)
    local path = data:match "^GET (%S+)"
    if not path then return end
    local body = answer(path) .. "\n"
    socket:send("HTTP/1.1 200 OK\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body)
end

local server = net.createServer(net.TCP, 60)
server:listen(80, function(socket) socket:on("receive", respond) end)
print "ready"
