-- sensors.lua: drivers of the sensors. Readings are simulated: a daily curve, a place's own
-- offset, and noise, all from a generator whose seed is the place's name.
--
-- fit(number, settings)      makes a sensor of its settings (kind and place), which become the
--                            sensor; or nil and the reason
-- sensor:read(tick)          list of {channel, value} pairs, or nil and the fault
-- sensor.channels            channels {name, unit, show, curve} in the order of the data sheet
-- curve(channel)             its mean, swing and noise

local random = require("random")

local Sensor = {}
Sensor.__index = Sensor

-- kind channel unit mean swing noise decimals
local SHEETS = [[
dht22   temperature celsius      21.5   6.5  0.4 1
dht22   humidity    percent      55    14    2   0
bmp280  pressure    hectopascal 1012.5  4    0.6 1
bh1750  light       lux        12000 11500 600   0
soil    moisture    percent      38     9    1.5 0
]]

-- Drivers that fail now and then: how, and once in how many readings.
local FAULTS = {
    dht22 = {"checksum error", 19},
    soil = {"probe not in contact", 13},
}

-- Channels by kind; sensors of a kind share them.
local sheets = {}

local function sheet_of(kind)
    if sheets[kind] then return sheets[kind] end
    local channels = {}
    for k, name, unit, mean, swing, noise, decimals in
        SHEETS:gmatch("(%S+)%s+(%S+)%s+(%S+)%s+(%S+)%s+(%S+)%s+(%S+)%s+(%S+)\n") do
        if k == kind then
            channels[#channels + 1] = {
                name = name, unit = unit, show = "%." .. decimals .. "f",
                curve = mean .. " " .. swing .. " " .. noise,
            }
        end
    end
    sheets[kind] = channels
    return channels
end

local function seed_of(text)
    local seed = #text
    for i = 1, #text do seed = (seed * 31 + text:byte(i)) % 1000003 end
    return seed
end

function Sensor.fit(number, settings)
    local channels = sheet_of(settings.kind)
    if #channels == 0 then return nil, "no driver for " .. settings.kind end
    local self = setmetatable(settings, Sensor)
    self.channels = channels
    self.random = random.new(seed_of(self.place .. "/" .. self.kind))
    self.name = "sensor/" .. number
    return self
end

-- Mean, swing and noise of a channel, which lie as text in its sheet.
function Sensor.curve(channel)
    local mean, swing, noise = channel.curve:match("(%S+) (%S+) (%S+)")
    return tonumber(mean), tonumber(swing), tonumber(noise)
end

-- -1 at midnight, 1 at noon; a parabola is near enough to a day.
local function daylight(tick)
    local x = (tick % 96 - 48) / 48
    return 1 - 2 * x * x
end

function Sensor:read(tick)
    local fault = FAULTS[self.kind]
    if fault and self.random:whole(fault[2]) == 1 then return nil, fault[1] end
    local readings = {}
    for i, channel in ipairs(self.channels) do
        local mean, swing, noise = Sensor.curve(channel)
        local value = mean + swing * daylight(tick) + self.random:around(noise)
        local text = channel.show:format(math.max(0, value))
        readings[i] = {channel, tonumber(text)}
    end
    return readings
end

return Sensor
