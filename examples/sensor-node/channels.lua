-- channels.lua: everything the node knows about each measured quantity.
--
-- open(sensor, settings)     makes the channels of a sensor
-- update(sensor, channel, value)
--                            takes a reading; returns the record {sheet, topic, history, series}
--                            and its name
-- fault(sensor, why)         counts a failed reading
-- find(name)                 record of `place/channel`
-- each()                     iterates over name and record in sorted order
-- alarm(name)                text of an active alarm of `place/channel`
-- alarms(name, value)        list of {alarm, "raised" | "cleared"} that the value caused

local ring = require("ring")
local sensors = require("sensors")
local sorted = require("sorted")
local stats = require("stats")
local templates = require("templates")

local M = {}

local records, watches = {}, {}
M.readings, M.faults = 0, {}

local function record_name(place, channel)
    return place .. "/" .. channel
end

-- Takes the alarms of the settings as they are and keeps their state in them.
function M.watch(list)
    watches = list
end

function M.open(sensor, settings)
    for _, channel in ipairs(sensor.channels) do
        local names = {
            site = settings.node.site, node = settings.node.name,
            place = sensor.place, channel = channel.name,
        }
        records[record_name(sensor.place, channel.name)] = {
            sheet = channel,
            topic = templates.fill("value", names),
            history = ring.new(settings.limits.history),
            series = stats.new(8),
        }
    end
end

function M.find(name)
    return records[name]
end

function M.each()
    return sorted.pairs(records)
end

function M.update(sensor, channel, value)
    local name = record_name(sensor.place, channel.name)
    local record = records[name]
    local mean, swing = sensors.curve(channel)
    record.history:put(value)
    record.series:add(value, mean - 1.3 * swing, mean + 1.3 * swing)
    M.readings = M.readings + 1
    return record, name
end

function M.fault(sensor, why)
    local by_kind = M.faults[sensor.kind]
    if not by_kind then
        by_kind = {}
        M.faults[sensor.kind] = by_kind
    end
    by_kind[why] = (by_kind[why] or 0) + 1
end

function M.fault_count()
    local n = 0
    for _, by_kind in pairs(M.faults) do
        for _, count in pairs(by_kind) do n = n + count end
    end
    return n
end

local function is_beyond(watch, value)
    if watch.above and value > watch.above then return true end
    return watch.below ~= nil and value < watch.below
end

function M.alarms(name, value)
    local events = {}
    for _, watch in ipairs(watches) do
        local beyond = watch.on == name and is_beyond(watch, value)
        if watch.on == name and beyond ~= (watch.active == true) then
            watch.active = beyond or nil
            events[#events + 1] = {watch, beyond and "raised" or "cleared"}
        end
    end
    return events
end

-- Text of an alarm that is active for `place/channel`, or nil.
function M.alarm(name)
    for _, watch in ipairs(watches) do
        if watch.on == name and watch.active then return watch.text end
    end
end

-- Difference between the newest and the oldest value of the history.
function M.trend(record)
    local first, last
    for value in record.history:items() do
        first = first or value
        last = value
    end
    return first and last - first or 0
end

return M
