-- a small MQTT 3.1.1 client over net
local M = {}
local function len(n)
    local s = ""
    repeat
        local b = n % 128
        n = (n - b) / 128
        s = s .. string.char(n > 0 and b + 128 or b)
    until n == 0
    return s
end
local function str(s) return string.char(math.floor(#s / 256), #s % 256) .. s end
local Client = {}
Client.__index = Client
function M.new(id, user, pass, keepalive)
    return setmetatable({id = id, user = user, pass = pass, keepalive = keepalive or 60, buf = "", on = {}, mid = 0, q = {}}, Client)
end
function Client:packet(t, body)
    local p = string.char(t) .. len(#body) .. body
    if self.busy then self.q[#self.q + 1] = p return end
    self.busy = true
    self.sock:send(p)
end
function Client:connect(host, port)
    self.sock = net.createConnection(net.TCP, 0)
    self.sock:on("connection", function()
        self:packet(0x10, str("MQTT") .. string.char(4, 0xC2, 0, self.keepalive) .. str(self.id) .. str(self.user) .. str(self.pass))
    end)
    self.sock:on("sent", function()
        self.busy = false
        local p = table.remove(self.q, 1)
        if p then self.busy = true self.sock:send(p) end
    end)
    self.sock:on("receive", function(_, data) self:feed(data) end)
    self.sock:on("disconnection", function(_, code)
        if self.timer then self.timer:unregister() self.timer = nil end
        self.sock = nil
        if self.on.offline then self.on.offline(code) end
    end)
    self.sock:connect(port, host)
end
function Client:feed(data)
    self.buf = self.buf .. data
    while #self.buf >= 2 do
        local n = self.buf:byte(2)
        if #self.buf < 2 + n then return end
        local t, body = self.buf:byte(1), self.buf:sub(3, 2 + n)
        self.buf = self.buf:sub(3 + n)
        self:handle(bit.rshift(t, 4), body)
    end
end
function Client:handle(kind, body)
    if kind == 2 then
        self.timer = tmr.create()
        self.timer:alarm(self.keepalive * 500, tmr.ALARM_AUTO, function() self:packet(0xC0, "") end)
        if self.on.connect then self.on.connect(self) end
    elseif kind == 3 then
        local n = body:byte(1) * 256 + body:byte(2)
        if self.on.message then self.on.message(self, body:sub(3, 2 + n), body:sub(3 + n)) end
    elseif kind == 13 then
        self.alive = tmr.time()
    end
end
function Client:publish(topic, payload) self:packet(0x30, str(topic) .. payload) end
function Client:subscribe(topic)
    self.mid = self.mid + 1
    self:packet(0x82, string.char(0, self.mid) .. str(topic) .. "\0")
end
return M
