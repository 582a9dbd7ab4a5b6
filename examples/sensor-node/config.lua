-- config.lua: what this node is and which sensors it has.
--
-- Settings come from three places, later ones win: the defaults (JSON), the site's own file
-- (lines `path = value`), and `set` messages while the node runs. Paths are names and numbers
-- joined by dots, such as `sensors.3.period`.
--
-- load(unjson)                reads both texts, checks them, returns the settings, how many of
--                             the site's were taken, and a list of complaints
-- get(settings, path)         one value, or nil
-- set(settings, path, value)  true, or nil and the reason
-- lines(part, prefix, out)    settings as sorted lines
-- Nothing is kept here: the module is needed for moments only, see app.overlay.

local sorted = require("sorted")

local M = {}

local DEFAULTS = [[
{
  "node": {"name": "greenhouse", "site": "north-field", "firmware": "3.0.0-release"},
  "network": {"ssid": "orchard-mesh", "broker": "mqtt.orchard.example", "port": 1883,
              "keepalive": 60, "retries": 2},
  "report": {"period": 24, "lines": 40, "title": "Greenhouse report"},
  "limits": {"log": 16, "history": 8},
  "sensors": [
    {"kind": "dht22",   "place": "bench-left",    "period": 3},
    {"kind": "bmp280",  "place": "ridge-vent",    "period": 6},
    {"kind": "bh1750",  "place": "south-window",  "period": 2},
    {"kind": "soil",    "place": "tomato-bed",    "period": 5}
  ],
  "alarms": [
    {"on": "bench-left/temperature",  "above": 27.5, "text": "shade the left bench"},
    {"on": "bench-left/humidity",     "below": 46,   "text": "mist the left bench"},
    {"on": "tomato-bed/moisture",     "below": 30,   "text": "water the tomatoes"}
  ]
}
]]

-- What the owner of this node wrote. Lines with '#' are remarks.
local SITE = [[
# greenhouse behind the packing shed
node.name        = greenhouse-7
network.ssid     = shed-office
network.password = tomato soup & bread
network.retries  = 3
sensors.4.period = 4
sensors.5.kind   = dht22
sensors.5.place  = seed-chamber
sensors.5.period = 4
alarms.4.on      = seed-chamber/temperature
alarms.4.above   = 26
alarms.4.text    = open the seed chamber
report.footer    = end of report
sensors.x.period = 1
]]

-- Smallest and largest value of numbers, by the last name of the path.
local RANGES = {
    port = {1, 65535}, keepalive = {5, 3600}, retries = {0, 9},
    period = {1, 96}, lines = {8, 60}, log = {8, 64}, history = {4, 32},
}

-- A name, or a number where the path names an item of a list.
local function key_of(part)
    return tonumber(part) or part
end

local function walk(settings, path, create)
    local place, parent, last = settings
    for part in path:gmatch("[^.]+") do
        if last ~= nil then
            parent = place[last]
            if parent == nil and create then
                parent = {}
                place[last] = parent
            end
            if type(parent) ~= "table" then return nil end
            place = parent
        end
        last = key_of(part)
    end
    return place, last
end

local function value_of(text)
    if text == "true" or text == "false" then return text == "true" end
    return tonumber(text) or text
end

function M.get(settings, path)
    local place, last = walk(settings, path)
    return place and place[last]
end

function M.set(settings, path, value)
    local list, item = path:match("^(%a+)%.(%w+)%.")
    if list and settings[list] and #settings[list] > 0 then
        local n = tonumber(item)
        if not n or n < 1 or n > #settings[list] + 1 then
            return nil, "no item " .. item .. " in " .. list
        end
    end
    local range = RANGES[path:match("[^.]+$")]
    if range and (type(value) ~= "number" or value < range[1] or value > range[2]) then
        return nil, string.format("%s must be %d to %d", path, range[1], range[2])
    end
    local place, last = walk(settings, path, true)
    if not place then return nil, path .. " is not a place for settings" end
    place[last] = value
    return true
end

-- Reads lines `path = value`; returns how many were taken and a list of complaints.
local function read_lines(settings, text)
    local taken, complaints, number = 0, {}, 0
    for line in text:gmatch("([^\n]*)\n") do
        number = number + 1
        if line:find("%S") and not line:find("^%s*#") then
            local path, value = line:match("^%s*([%w.]+)%s*=%s*(.-)%s*$")
            local ok, why = nil, "no setting"
            if path then ok, why = M.set(settings, path, value_of(value)) end
            if ok then
                taken = taken + 1
            else
                complaints[#complaints + 1] = string.format("line %d: %s", number, why)
            end
        end
    end
    return taken, complaints
end

function M.load(unjson)
    local settings, why = unjson(DEFAULTS)
    if not settings then error("defaults: " .. why, 0) end
    local taken, complaints = read_lines(settings, SITE)
    return settings, taken, complaints
end

-- Settings as sorted lines, secrets covered.
function M.lines(part, prefix, out)
    out = out or {}
    for k, v in sorted.pairs(part) do
        local path = prefix .. k
        if type(v) == "table" then
            M.lines(v, path .. ".", out)
        elseif path:find("password") then
            out[#out + 1] = path .. " = " .. ("*"):rep(#v)
        else
            out[#out + 1] = path .. " = " .. tostring(v)
        end
    end
    return out
end

return M
