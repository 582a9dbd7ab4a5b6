local M = {}
local modname = ...
local function session(socket)
    local stdout
    local function output(opipe)
        stdout = opipe
        local rec = opipe:read(1400)
        if rec and #rec > 0 then socket:send(rec) end
        return false
    end
    local function onsent(skt)
        local rec = stdout:read(1400)
        if rec and #rec > 0 then skt:send(rec) end
    end
    local function disconnect(skt)
        node.output()
        socket, stdout = nil, nil
    end
    node.output(output, 0)
    socket:on("receive", function(_, rec) node.input(rec) end)
    socket:on("sent", onsent)
    socket:on("disconnection", disconnect)
    print(("Welcome to NodeMCU world (%s)"):format(wifi.sta.getip()))
end
function M.open(self, port)
    self.svr = net.createServer(net.TCP, 180)
    self.svr:listen(port or 23, session)
    print("Telnet server running, usage: telnet -rN ip")
end
function M.close(self)
    if self.svr then self.svr:close() self.svr = nil end
    package.loaded[modname] = nil
end
return M
