-- A console over TCP port 23: what a peer types is run as at the serial line, and what the program
-- prints goes to the peer. One peer at a time.
local peer, waiting, is_busy = nil, {}, false

local function send_next()
    is_busy = peer ~= nil and #waiting > 0
    if is_busy then peer:send(table.remove(waiting, 1)) end
end

local function print_to_peer(pipe)
    local text = pipe:read(1400)
    if text and #text > 0 and peer then
        waiting[#waiting + 1] = text
        if not is_busy then send_next() end
    end
end

local function leave()
    node.output(nil)
    peer, waiting, is_busy = nil, {}, false
    print("left")
end

net.createServer(180):listen(23, function(socket)
    if peer then
        socket:send("busy\n", function(socket) socket:close() end)
        return
    end
    peer = socket
    print("entered")
    node.output(print_to_peer, 0)
    socket:on("receive", function(_, text) node.input(text) end)
    socket:on("sent", send_next)
    socket:on("disconnection", leave)
    socket:send("hello\n", send_next)
    is_busy = true
end)
print("ready")
