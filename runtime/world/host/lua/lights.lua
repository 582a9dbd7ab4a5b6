-- lights.lua: strips of lights: what the program has sent to them (runtime/nodemcu/io/lights.c).

local time = ...

local strips = {}
local strip = {}
strip.__index = strip

-- The strip of a line: 1 (D4) or 2 of ws2812, or "MODULE LINE", "apa102 3-5".
function world.lights(line)
    if line == nil or type(line) == "number" then line = "ws2812 " .. (line or 1) end
    if type(line) ~= "string" then time.misuse("a strip of lights has a name, not %s", tostring(line)) end
    strips[line] = strips[line] or setmetatable({name = line, shown = "", write_count = 0}, strip)
    return strips[line]
end

-- What it shows, as it was sent; lights behind the last transfer keep their colours.
function strip:data()
    return self.shown
end

-- The values of a light, from 1 on; nothing if it was never written.
function strip:get(number, channels)
    time.check_number(number, "the number of a light", 1, 2 ^ 20)
    channels = channels or self.name:find("^apa102") and 4 or 3
    return self.shown:byte((number - 1) * channels + 1, number * channels)
end

-- How many transfers there were.
function strip:count()
    return self.write_count
end

-- Calls fn(data) after each.
function strip:on(fn)
    self.listener = fn
end

local function shows(self, what)
    if type(what) == "function" then return what(self.shown, self) end
    return self.shown:sub(1, #what) == what
end

-- Does it show, in time, these bytes first of all, or what fn(data) is true for?
function strip:wait(what, within_ms)
    return time.wait(self, within_ms, nil, shows, what) and true or false
end

local function hex(data)
    return (data:sub(1, 24):gsub(".", function(c) return ("%02x "):format(c:byte()) end))
end

function strip:expect(what, within_ms)
    local wanted = self.name .. ": wanted " ..
        (type(what) == "function" and "what the function says" or hex(what))
    if time.wait(self, within_ms, wanted, shows, what) then return end
    time.fail(("%s within %g ms; it shows %s"):format(wanted, within_ms or time.limit_ms,
        self.shown == "" and "nothing" or hex(self.shown)))
    time.finish()
end

local tell = {}

function tell.sensor(_, message)
    local module, line, at, total, bytes = message:match("^(%S+) (%S+) (%d+) (%d+) (.*)$")
    if module ~= "ws2812" and module ~= "apa102" then return end
    local self = world.lights(module .. " " .. line)
    self.coming = (tonumber(at) == 0 and "" or self.coming or "") .. bytes
    if #self.coming < tonumber(total) then return end
    self.shown = self.coming .. self.shown:sub(#self.coming + 1)
    self.write_count = self.write_count + 1
    if self.listener then time.later(0, time.go, self.listener, self.shown) end
    time.wake(self)
end

-- They keep their colours over a restart of the chip.
local function boot()
    for _, self in pairs(strips) do self.coming = nil end
end

return {tell = tell, boot = boot}
