-- peers.lua: who talks with the device over the network: TCP peers that connect to it or that it
-- connects to.
--
-- A connection is modelled as the program's stack sees it: each way takes the latency, what the
-- device sends is acknowledged when it has come, segments are of at most 1,460 bytes, no more is
-- sent than the device's window has room for, a peer that is ignored comes again as its SYN would.
-- Datagrams and names are in names.lua.

local pipe, time, stream, net = ...

local SYN_US, SYN_TRIES = 1000000, 6 -- a SYN comes again after 1, 2, 4 ... s
local SPREAD_US, SPREAD_COUNT = 4000, 64 -- and a little later, each peer at another time
local ABORTED, RESET = -8, -9 -- lwIP's
local PORT_FIRST = 49152

local op = pipe.connection
local CONNECTION, SOCKET = pipe.kinds.connection, pipe.kinds.socket
local listeners = {} -- of the program: by object {port =, object =}
local by_object = {} -- connections that the device knows
local offers, offer_count = {}, 0 -- peers whose connection is not taken yet, by number
local services = {} -- "ip:port" -> function, what the program can connect to
local peer_count = 0

local peer = {}
peer.__index = peer

-- ---- messages ----

local u16, u32 = net.u16, net.u32

local function send_op(object, what, error, port, ip, count)
    pipe.arrive(CONNECTION, object,
        string.char(what, error % 256) .. net.bytes2(port or 0) .. net.bytes4(ip or 0) .. net.bytes4(count or 0))
end

-- ---- a connection ----

local function new_peer(object, ip, port)
    return setmetatable({
        object = object, ip = net.format_ip(ip), port = port, ip_number = ip,
        waiters = {}, came = stream.new(), -- from the device
        out = {}, out_first = 1, out_at = 1, window = pipe.window_bytes, -- to the device
        acks = 0, held = nil, sent_bytes = 0, received_bytes = 0,
    }, peer)
end

-- Is anything of it still the device's affair?
local function is_known(self)
    return self.object and by_object[self.object] == self
end

local function arrive(self, data)
    if is_known(self) then pipe.arrive(SOCKET, self.object, data) end
end

local function arrive_op(self, what, error)
    if is_known(self) then send_op(self.object, what, error or 0) end
end

local function break_off(self)
    arrive_op(self, op.broken, RESET)
end

-- Sends what the window has room for; the end after it.
local function pump(self)
    while is_known(self) and self.window > 0 and self.out_first <= #self.out do
        local piece = self.out[self.out_first]
        local bytes = math.min(#piece - self.out_at + 1, self.window, pipe.segment_bytes)
        time.later(net.latency_us, arrive, self, piece:sub(self.out_at, self.out_at + bytes - 1))
        self.window = self.window - bytes
        self.sent_bytes = self.sent_bytes + bytes
        self.out_at = self.out_at + bytes
        if self.out_at > #piece then
            self.out[self.out_first] = false
            self.out_first, self.out_at = self.out_first + 1, 1
        end
    end
    if self.is_shut and not self.has_fin and is_known(self) and self.out_first > #self.out then
        self.has_fin = true
        time.later(net.latency_us, arrive_op, self, op.ended)
    end
end

local function is_open(self)
    return not self.closed and not self.is_shut
end

function peer:send(data)
    if type(data) ~= "string" then time.misuse("what is sent is a text, not %s", tostring(data)) end
    if not is_open(self) then return false, self.closed or "closed" end
    if data ~= "" then
        if self.out_first > #self.out then self.out, self.out_first = {}, 1 end
        self.out[#self.out + 1] = data
        pump(self)
    end
    return true
end

-- No more is sent; what the device sends is still taken.
function peer:shut()
    if not is_open(self) then return end
    self.is_shut = true
    pump(self)
end

local function set_closed(self, why)
    self.closed = self.closed or why
    time.wake(self)
end

function peer:close()
    self:shut()
    set_closed(self, "closed")
end

function peer:reset()
    if self.closed then return end
    self.out, self.out_first = {}, 1
    time.later(net.latency_us, break_off, self)
    set_closed(self, "reset")
end

-- ---- what the device sends ----

local function acknowledge(self)
    local bytes = self.acks
    self.acks, self.ack_at = 0, nil
    if is_known(self) then send_op(self.object, op.acked, 0, 0, 0, bytes) end
end

local function take_in(self, data)
    self.came:add(data)
    self.received_bytes = self.received_bytes + #data
    self.acks = self.acks + #data
    if self.ack_at ~= time.now_us() then -- one for all that comes at one time
        self.ack_at = time.now_us()
        time.later(net.latency_us, acknowledge, self)
    end
    time.wake(self)
end

local function come(self, data)
    if self.held then
        table.insert(self.held, data)
    elseif self.closed ~= "reset" then
        take_in(self, data)
    end
end

-- A reader that is slow: nothing is read, so nothing is acknowledged.
function peer:hold()
    self.held = self.held or {}
end

function peer:unhold()
    local held = self.held or {}
    self.held = nil
    for _, data in ipairs(held) do take_in(self, data) end
end

-- The device's end has come: an ordinary peer closes then, too.
local function end_in(self)
    if self.held and #self.held > 0 then self:unhold() end
    self.has_ended = true
    if not self.is_half_open then self:shut() end
    set_closed(self, "closed")
end

-- ---- waiting ----

local function take(self, what)
    local text, a, b, c = self.came:take(what)
    if text then return text, a, b, c end
    if self.closed then return "", "closed" end
end

local function wait(self, what, within_ms, wanted)
    local text, a, b, c = time.wait(self, within_ms, wanted, take, what)
    if text == "" and a == "closed" and what ~= 0 then return nil, self.closed end
    if text then return text, a, b, c end
    return nil, "timeout"
end

-- See stream:take. nil and a reason: "timeout", "closed", "reset".
function peer:receive(what, within_ms)
    return wait(self, what, within_ms)
end

local function name_of(self)
    return self.name or ("peer " .. self.ip .. ":" .. self.port)
end

function peer:expect(what, within_ms)
    local wanted = name_of(self) .. ": wanted " .. stream.describe(what)
    local text, a, b, c = wait(self, what, within_ms, wanted)
    if text then return text, a, b, c end
    local how = a == "timeout" and ("within %g ms"):format(within_ms or time.limit_ms)
        or a == "reset" and "and the connection was reset" or "and the connection was closed"
    time.fail(wanted .. " " .. how .. "; " .. self.came:show())
    time.finish()
end

local function is_closed(self)
    return self.closed
end

-- Waits for the end of the connection: why it ended, and all that came; nil: it did not.
function peer:rest(within_ms)
    local why = time.wait(self, within_ms, nil, is_closed)
    if why then return self.came:take() or "", why end
end

function peer:expect_closed(within_ms)
    local wanted = name_of(self) .. ": wanted the end of the connection"
    local why = time.wait(self, within_ms, wanted, is_closed)
    if why then return self.came:take() or "", why end
    time.fail(("%s within %g ms; %s"):format(wanted, within_ms or time.limit_ms, self.came:show()))
    time.finish()
end

-- ---- peers that connect to the device ----

local function find_listener(port)
    for object, listener in pairs(listeners) do
        if listener.port == port then return object end
    end
end

local function refuse(self)
    offers[self.number] = nil
    set_closed(self, "refused")
end

local function offer(self)
    if not offers[self.number] then return end
    local object = find_listener(self.device_port)
    if object then
        send_op(object, op.offered, 0, self.port, self.ip_number, self.number)
    else
        time.later(net.latency_us, refuse, self)
    end
end

local function time_out(self)
    offers[self.number] = nil
    set_closed(self, "timeout")
end

-- Does the program listen at the port? Waits for it; false: not in time.
function world.listening(port, within_ms)
    return time.wait(net, within_ms, nil, function() return find_listener(port) end) and true or false
end

local function is_settled(self)
    return self.is_connected or self.closed
end

-- A connection to a port of the device, from an address; nil and a reason: "refused", "timeout".
function world.try_connect(port, ip, within_ms)
    time.check_number(port, "a port", 1, 65535)
    peer_count = peer_count + 1
    offer_count = offer_count + 1
    local address = ip and net.check_ip(ip) or net.parse_ip("192.168.1.100") + (peer_count - 1) % 150
    local self = new_peer(nil, address, PORT_FIRST + peer_count % 16384)
    self.device_port, self.number, self.tries = port, offer_count, 0
    offers[self.number] = self
    time.later(net.latency_us, offer, self)
    time.wait(self, within_ms or 120000, nil, is_settled)
    if self.is_connected then return self end
    offers[self.number] = nil
    return nil, self.closed or "timeout"
end

-- The same, when the program listens; that it cannot be made ends the run.
function world.connect(port, ip, within_ms)
    local self, why
    local place = time.where()
    if world.listening(port, within_ms) then
        self, why = world.try_connect(port, ip, within_ms)
    else
        why = ("nobody listens there within %g ms"):format(within_ms or time.limit_ms)
    end
    if self then return self end
    time.fail(("port %d: no connection: %s"):format(port, why), place)
    time.finish()
end

-- ---- peers that the device connects to ----

-- fn(peer) runs for each connection to a port of `host`, a name or an address.
function world.listen(port, host, fn)
    time.check_number(port, "a port", 1, 65535)
    time.check_function(fn, "what serves a connection")
    services[net.host_address(host) .. ":" .. port] = fn
end

local function serve(self, fn)
    time.go(function()
        fn(self)
        if not self.closed then self:close() end
    end)
end

local function connect(object, ip, port)
    local fn = services[ip .. ":" .. port]
    if not fn then
        if net.is_host(ip) then
            time.later(2 * net.latency_us, function()
                send_op(object, op.failed, RESET)
            end)
        end
        return -- an address that does not answer
    end
    local self = new_peer(object, ip, port)
    by_object[object] = self
    self.is_connected = true
    time.later(net.latency_us, serve, self, fn)
    time.later(2 * net.latency_us, arrive_op, self, op.connected)
end

-- ---- what the device tells ----

local tell_op = {}

tell_op[op.listen] = function(object, message)
    listeners[object] = {port = message.port}
    time.wake(net)
end

tell_op[op.connect] = function(object, message)
    connect(object, message.ip, message.port)
end

tell_op[op.accept] = function(object, message)
    local self = offers[message.count]
    if not self then return send_op(object, op.broken, RESET) end
    offers[message.count] = nil
    self.object = object
    by_object[object] = self
    time.later(net.latency_us, function()
        self.is_connected = true
        time.wake(self)
    end)
end

tell_op[op.ignore] = function(_, message)
    local self = offers[message.count]
    if not self then return end
    self.tries = self.tries + 1
    if self.tries > SYN_TRIES then return time_out(self) end
    local spread_us = SPREAD_US * (self.number * 13 % SPREAD_COUNT)
    time.later(SYN_US * 2 ^ (self.tries - 1) + spread_us, offer, self)
end

tell_op[op.shut] = function(object)
    if by_object[object] then time.later(net.latency_us, end_in, by_object[object]) end
end

tell_op[op.abort] = function(object)
    local self = by_object[object]
    if not self then return end
    by_object[object] = nil
    time.later(net.latency_us, set_closed, self, "reset")
end

tell_op[op.window] = function(object, message)
    local self = by_object[object]
    if not self then return end
    self.window = self.window + message.count
    pump(self)
end

tell_op[op.forget] = function(object)
    listeners[object] = nil
    by_object[object] = nil
    net.forget(object)
end

tell_op[op.bind] = function(object, message)
    net.bind(object, message.port)
end

local tell = {}

function tell.connection(object, data)
    local what = data:byte(1)
    local message = {port = u16(data, 3), ip = u32(data, 5), count = u32(data, 9)}
    if tell_op[what] then tell_op[what](object, message) end
end

function tell.socket(object, data)
    local self = by_object[object]
    if self then
        time.later(net.latency_us, come, self, data)
    else
        net.datagram(object, data, net.latency_us)
    end
end

function tell.dns(object, name)
    net.look_up(object, name, 2 * net.latency_us)
end

-- ---- a boot ----

local function boot()
    for _, self in pairs(by_object) do set_closed(self, "reset") end
    for _, self in pairs(offers) do set_closed(self, "timeout") end
    listeners, by_object, offers = {}, {}, {}
    net.boot()
end

return {tell = tell, boot = boot}
