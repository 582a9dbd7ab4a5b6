-- An HTTP server whose files go from the store to the network without a text of them: views.
-- /peak tells the largest number of Lua bytes since it was asked last.

local function send_file(socket, view)
    local place = 1
    local function send_more(socket)
        if place then
            place = socket:send(view, place)
        else
            view:close()
            socket:close()
        end
    end
    socket:on("sent", send_more)
    socket:send("HTTP/1.0 200 OK\r\nContent-Length: " .. view:len() .. "\r\n\r\n")
end

local function respond(socket, data)
    local name = data:match "^GET /(%S+)"
    if not name then return end
    if name == "peak" then
        socket:on("sent", function(socket) socket:close() end)
        return socket:send("HTTP/1.0 200 OK\r\n\r\n" .. node.egc.peak())
    elseif name == "closed" then
        local view = file.view "small"
        view:close()
        local _, message = pcall(socket.send, socket, view)
        socket:on("sent", function(socket) socket:close() end)
        return socket:send("HTTP/1.0 200 OK\r\n\r\n" .. message)
    end
    local view = file.view(name)
    if view then return send_file(socket, view) end
    socket:on("sent", function(socket) socket:close() end)
    socket:send "HTTP/1.0 404 Not Found\r\n\r\n"
end

net.createServer(net.TCP, 60):listen(80, function(socket) socket:on("receive", respond) end)
print "ready"
