-- names.lua: addresses and names of the world's network, and its datagrams.

local pipe, time, stream = ...

local net = {waiters = {}, latency_us = 1000} -- who waits for what the program listens at; one way
local SOCKET, DNS = pipe.kinds.socket, pipe.kinds.dns
local NAMED_FIRST = "10.1.0.1" -- addresses of hosts that are known by name alone
local DATA_BYTES_MAX = 1472

function world.latency(ms)
    net.latency_us = time.us(time.check_number(ms, "a latency", 0, 1e6))
end

-- ---- numbers ----

function net.u16(text, at)
    local a, b = text:byte(at, at + 1)
    return a + 256 * b
end

function net.u32(text, at)
    return net.u16(text, at) + 65536 * net.u16(text, at + 2)
end

function net.bytes2(number)
    return string.char(number % 256, math.floor(number / 256) % 256)
end

function net.bytes4(number)
    return net.bytes2(number % 65536) .. net.bytes2(math.floor(number / 65536))
end

-- ---- addresses ----

function net.parse_ip(text)
    local a, b, c, d = tostring(text):match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
    if not a then return end
    a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
    if math.max(a, b, c, d) > 255 then return end
    return ((a * 256 + b) * 256 + c) * 256 + d
end

function net.format_ip(ip)
    local low = ip % 65536
    local high = (ip - low) / 65536
    return ("%d.%d.%d.%d"):format(high / 256, high % 256, low / 256, low % 256)
end

function net.check_ip(text)
    return net.parse_ip(text) or time.misuse("no address: %s", tostring(text))
end

-- "5C:CF:7F:00:00:01" as six bytes.
function net.mac(text)
    local bytes = tostring(text):gsub("%x%x:?", function(pair)
        return string.char(tonumber(pair:sub(1, 2), 16))
    end)
    return #bytes == 6 and bytes or time.misuse("no MAC address: %s", tostring(text))
end

-- ---- names ----

local names, hosts, named_count = {}, {}, 0

-- The address of that name from now on; nil: nobody knows the name any more.
function world.dns(name, ip)
    names[name:lower()] = ip and net.check_ip(ip)
    if ip then hosts[net.check_ip(ip)] = true end
end

-- The address of a name or address; a name that is not known gets one.
function net.host_address(host)
    local ip = net.parse_ip(host) or names[tostring(host):lower()]
    if not ip then
        if type(host) ~= "string" then time.misuse("a host is a name or an address, not %s", tostring(host)) end
        ip = net.parse_ip(NAMED_FIRST) + named_count
        named_count = named_count + 1
        names[host:lower()] = ip
    end
    hosts[ip] = true
    return ip
end

-- Is there somebody who would refuse a connection?
function net.is_host(ip)
    return hosts[ip]
end

function net.look_up(object, name, us)
    local ip = names[name:lower()] or 0
    time.later(us, function() pipe.arrive(DNS, object, net.bytes4(ip)) end)
end

-- ---- datagrams ----

local bound = {} -- the program's sockets: object -> port
local endpoints = {} -- ours: "ip:port"
local udp = {}
udp.__index = udp

function net.bind(object, port)
    bound[object] = port
    time.wake(net)
end

function net.forget(object)
    bound[object] = nil
end

function net.boot()
    bound = {}
end

-- A socket of the world at a port of `host`.
function world.udp(port, host)
    time.check_number(port, "a port", 1, 65535)
    local ip = net.host_address(host or "192.168.1.2")
    local key = ip .. ":" .. port
    endpoints[key] = endpoints[key] or
        setmetatable({ip = ip, port = port, waiters = {}, queue = {}, first = 1}, udp)
    return endpoints[key]
end

local function deliver(message)
    for object, port in pairs(bound) do
        if port == message.to then
            pipe.arrive(SOCKET, object, net.bytes4(message.ip) .. net.bytes2(message.port) .. message.data)
        end
    end
end

-- To a port of the device, one at which nobody listens included.
function udp:send(data, port)
    time.check_number(port, "a port", 1, 65535)
    if #data > DATA_BYTES_MAX then time.misuse("a datagram has at most %d bytes", DATA_BYTES_MAX) end
    time.later(net.latency_us, deliver, {ip = self.ip, port = self.port, to = port, data = data})
end

local function take(self, pattern)
    while self.first <= #self.queue do
        local message = self.queue[self.first]
        self.queue[self.first] = false
        self.first = self.first + 1
        if self.first > #self.queue then self.queue, self.first = {}, 1 end
        if not pattern or message.data:find(pattern) then return message.data, message.port end
    end
end

-- The next datagram that has the pattern (others are dropped), and the device's port; nil: none in
-- time.
function udp:receive(pattern, within_ms)
    return time.wait(self, within_ms, nil, take, pattern)
end

function udp:expect(pattern, within_ms)
    local wanted = ("UDP port %d: wanted %s"):format(self.port, stream.describe(pattern))
    local data, port = time.wait(self, within_ms, wanted, take, pattern)
    if data then return data, port end
    time.fail(("%s within %g ms"):format(wanted, within_ms or time.limit_ms))
    time.finish()
end

local function come(message)
    for _, self in pairs(endpoints) do
        local is_to = self.ip == message.ip or message.ip % 256 == 255
        if is_to and self.port == message.port then
            table.insert(self.queue, {data = message.data, port = message.from})
            time.wake(self)
        end
    end
end

function net.datagram(object, data, us)
    time.later(us, come, {
        ip = net.u32(data, 1), port = net.u16(data, 5), data = data:sub(7), from = bound[object] or 0,
    })
end

return net
