-- Servers with answers at the edges, each at a port of its own (edges.lua).
local function server(port, answer)
    world.listen(port, "web.local", function(c)
        c:expect("\r\n\r\n")
        if type(answer) == "string" then c:send(answer) else answer(c) end
    end)
end
server(1, "HTTP/1.0 200 OK\nServer: old\n\nall to the end")
server(2, "HTTP/1.1 204 No Content\r\n\r\n")
server(3, "HTTP/1.1 200 OK\r\nCut")
server(4, "NOT HTTP/1.1 200 OK\r\n\r\nx")
server(5, function(c) c:rest(100000) end)
server(6, function(c) c:reset() end)
server(7, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n9\r\ncut")
server(8, "HTTP/1.1 304 Not Modified\r\nETag:x\r\n\r\n")
server(9, "")
world.sleep(80000)
