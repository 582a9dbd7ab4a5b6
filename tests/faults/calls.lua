-- Calls functions and methods of the firmware's modules with arguments drawn at random, from callbacks,
-- too. Whatever they say, the runtime must survive. usage: SEED=N before dofile("calls.lua")
local LEFT_OUT = {["node.restart"] = true, ["node.dsleep"] = true, ["node.sleep"] = true, ["node.flashreload"] = true,
    ["node.setpartitiontable"] = true, ["node.startup"] = true, ["node.startupcommand"] = true, ["node.input"] = true,
    ["node.output"] = true, ["node.setonerror"] = true, ["node.egc.setmode"] = true, ["node.LFS.reload"] = true,
    ["node.LFS.reload_devs"] = true, ["rtctime.dsleep"] = true, ["rtctime.dsleep_aligned"] = true, ["tmr.delay"] = true,
    ["tmr.softwd"] = true, ["gpio.serout"] = true, ["wifi.setmode"] = true, ["uart.write"] = true}
local MODULES = {"node", "file", "tmr", "bit", "uart", "gpio", "adc", "pwm", "dht", "i2c", "ow", "rtctime", "rtcmem",
    "crypto", "encoder", "pipe", "sjson", "struct", "wifi", "net", "sntp", "mqtt", "http", "cron", "ws2812", "apa102", "bme280", "bme280_math"}
local OBJECTS_MAX, DEPTH_MAX, ROUNDS, CALLS = 25, 3, 40, 25

local function draw(n)
    SEED = (SEED * 1103515245 + 12345) % 2147483648
    return (SEED - SEED % 65536) / 65536 % n + 1
end

-- ---- what is called ----

local functions = {}
local function collect(t, path, depth)
    for key, value in pairs(t) do
        local kind, name = type(value), path .. key
        if (kind == "function" or kind == "lightfunction") and not LEFT_OUT[name] then
            functions[#functions + 1] = {name = name, call = value}
        elseif (kind == "table" or kind == "romtable") and depth < 3 and not tostring(key):find("^_") then
            collect(value, name .. ".", depth + 1)
        end
    end
end
for _, name in ipairs(MODULES) do collect(_G[name], name .. ".", 1) end
table.sort(functions, function(a, b) return a.name < b.name end)

-- ---- what it is called with ----

local objects = {}
local function keep(value)
    if type(value) ~= "userdata" and type(value) ~= "table" then return end
    if #objects == OBJECTS_MAX then table.remove(objects, draw(10)) end
    objects[#objects + 1] = value
end
local call
local function callback(...)
    for i = 1, select("#", ...) do keep((select(i, ...))) end
    if draw(3) == 1 then call() end
end
local VALUES = {0, 1, -1, 2, 7, 13, 80, 255, 1000, 65536, 2147483647, "", "a", "file1", "file2", "10.0.0.1", "host.local",
    "http://host.local/", "\0\1\2", "[1,2", '{"a":[1,{"b":null}]}', "r", "w", "r+", "receive", "sent", "data", "message",
    "connection", "disconnection", "set", "end", "both", "MD5", "AES-CBC", "0123456789abcdef", "* * * * *", true, false}
local function argument()
    local which = draw(#VALUES + 20)
    if which <= #VALUES then return VALUES[which] end
    which = which - #VALUES
    if which <= 6 then return callback end
    if which <= 12 then return objects[draw(math.max(1, #objects))] end
    if which <= 14 then return ({{}, {1, 2, 3}, {ssid = "a", pwd = "12345678"}, {["t"] = 1}})[draw(4)] end
    if which == 15 then return ("x"):rep(draw(1500)) end
    return nil
end

-- A method of an object, or nothing. Also what the collector calls.
local function method_of(object)
    local meta = getmetatable(object)
    local index = type(meta) ~= "string" and meta and meta.__index
    if not index or type(index) == "function" then return nil end
    local names = {}
    for name in pairs(index) do
        if type(name) == "string" and (name == "__gc" or not name:find("^__")) then names[#names + 1] = name end
    end
    table.sort(names)
    return index[names[draw(#names)]]
end

local depth = 0
function call()
    if depth == DEPTH_MAX then return end
    depth = depth + 1
    local object = draw(2) == 1 and objects[draw(math.max(1, #objects))]
    local f = object and method_of(object)
    local arguments, count = {}, draw(6) - 1
    for i = 1, count do arguments[i] = argument() end
    if not f then
        f = functions[draw(#functions)].call
    elseif draw(10) > 1 then
        table.insert(arguments, 1, object)
        count = count + 1
    end
    local results = {pcall(f, unpack(arguments, 1, count))}
    for i = 2, #results do keep(results[i]) end
    depth = depth - 1
end

-- ---- the run ----

wifi.setmode(wifi.STATION)
wifi.sta.config{ssid = "a", pwd = "12345678"}
node.setonerror(function() end)
local round = 0
local timer = tmr.create()
local next_round
function next_round()
    round = round + 1
    if round > ROUNDS then
        print("survived")
        return node.dsleep(0)
    end
    for _ = 1, CALLS do call() end
    local again = tmr.create() -- a timer that the calls do not have
    again:alarm(300, tmr.ALARM_SINGLE, next_round)
end
timer:alarm(300, tmr.ALARM_SINGLE, next_round)
