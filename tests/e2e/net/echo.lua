-- Gives back what it gets: TCP port 7, UDP port 17. What a peer does not take stays queued, and the
-- peer is held meanwhile. TCP port 9 answers each line with what is alive (census.lua).
node.LFS.census() -- defines census()

local QUEUE_MAX = 4

local function echo(socket)
    local queue, is_busy, is_held = {}, false, false
    local function send_next(socket)
        is_busy = #queue > 0
        if is_busy then socket:send(table.remove(queue, 1)) end
        if is_held and #queue == 0 then
            is_held = false
            socket:unhold()
        end
    end
    socket:on("sent", send_next)
    socket:on("receive", function(socket, text)
        queue[#queue + 1] = text
        if #queue >= QUEUE_MAX and not is_held then
            is_held = true
            socket:hold()
        end
        if not is_busy then send_next(socket) end
    end)
    socket:on("disconnection", function(socket, code) print("closed " .. code) end)
end

net.createServer(30):listen(7, echo)

net.createServer(30):listen(9, function(socket)
    socket:on("receive", function(socket, line)
        socket:send(census() .. "\n")
    end)
end)

local udp = net.createUDPSocket()
udp:listen(17)
udp:on("receive", function(socket, text, port, ip) socket:send(port, ip, text) end)
print("ready")
