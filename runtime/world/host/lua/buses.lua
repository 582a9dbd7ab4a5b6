-- buses.lua: sensors that answer by a protocol: what they send when the device's modules ask. The
-- questions stand where the modules are (runtime/nodemcu/io).

local time = ...

local PIN_MAX = 12

local function word_low(number) -- 2 bytes, low first
    return string.char(number % 256, math.floor(number / 256))
end

local function check_table(value, what)
    if type(value) ~= "table" then time.misuse("%s is a table, not %s", what, tostring(value)) end
    return value
end

-- Is there such a thing? `value` as it was given: nil, false, a table, or a function that gives one.
local function now_of(value)
    if type(value) == "function" then return value() end
    return value
end

-- ---- dht ----

local DHT11, DHT22 = 11, 22

local function word(number)
    return string.char(math.floor(number / 256), number % 256)
end

local function round(number)
    return math.floor(number + 0.5)
end

local function dht_data(reading)
    local kind = reading.type or DHT22
    if kind == DHT11 then
        return string.char(round(time.check_number(reading.humi, "the humidity of a DHT11", 0, 100)), 0,
            round(time.check_number(reading.temp, "the temperature of a DHT11", 0, 127)), 0)
    elseif kind ~= DHT22 then
        time.misuse("the type of a DHT is 11 or 22, not %s", tostring(kind))
    end
    local tenths = round(10 * time.check_number(reading.temp, "the temperature of a DHT22", -100, 150))
    return word(round(10 * time.check_number(reading.humi, "the humidity of a DHT22", 0, 100)))
        .. word(math.abs(tenths) + (tenths < 0 and 0x8000 or 0))
end

local function dht_frame(reading)
    local data = dht_data(check_table(reading, "the reading of a DHT"))
    local sum = reading.damaged and 1 or 0
    for i = 1, #data do sum = sum + data:byte(i) end
    return data .. string.char(sum % 256)
end

-- What a sensor at the pin sends: {temp = degrees, humi = percent, type = 22 or 11, damaged =}, or a
-- function that gives one; nil: there is none.
function world.dht(pin, reading)
    time.check_number(pin, "a pin of a DHT", 1, PIN_MAX)
    if type(reading) ~= "function" and reading then dht_frame(reading) end -- wrong at once, if it is
    world.sensor(("dht %d"):format(pin), function()
        local now = now_of(reading)
        return now and dht_frame(now) or nil
    end)
end

-- ---- i2c ----

local ADDRESS_MAX, REGISTERS = 127, 256

local i2c_devices = {}

-- A device that is a table of registers, which it changes: the first byte written says which, further
-- ones go there and to the next ones; reading goes on from there.
local function registers_device(registers)
    local at = 0
    local function next_register()
        local this = at
        at = (at + 1) % REGISTERS
        return this
    end
    return function(op, what)
        if op == "write" then
            at = what:byte() or at
            for i = 2, #what do registers[next_register()] = what:byte(i) end
        elseif op == "read" then
            local bytes = {}
            for i = 1, what do bytes[i] = string.char(now_of(registers[next_register()]) or 0xFF) end
            return table.concat(bytes)
        end
    end
end

-- What is at the address: a table of registers (numbers, or functions that give them), or
-- fn("write", bytes), which gives the number of those that it acknowledges (nil: all), and
-- fn("read", count), which gives the bytes; nil: nothing.
function world.i2c(address, device)
    time.check_number(address, "an address", 0, ADDRESS_MAX)
    if type(device) ~= "function" and device then
        device = registers_device(check_table(device, "an i2c device that is no function"))
    end
    i2c_devices[address] = device or nil
end

local function acknowledged(device, bytes)
    local count = device("write", bytes)
    return word_low(count == nil and #bytes or
        time.check_number(count, "what an i2c device has acknowledged", 0, #bytes))
end

world.sensor("i2c", function(question)
    local op, address, rest = question:match("^(%a+) (%d+) (.*)$")
    local device = i2c_devices[tonumber(address)]
    if not device then return nil end
    if op == "address" then return "\1" end
    if op == "write" then return acknowledged(device, rest) end
    local bytes = device("read", tonumber(rest))
    if bytes ~= nil and type(bytes) ~= "string" then
        time.misuse("an i2c device sends a text, not %s", tostring(bytes))
    end
    return bytes and bytes:sub(1, tonumber(rest))
end)

-- ---- 1-Wire ----

local CODE_BYTES, DEVICES_MAX, NOTHING = 8, 32, "\255"
local SKIP, MATCH, READ_CODE = 0xCC, 0x55, 0x33
local CONVERT, READ_SCRATCHPAD, WRITE_SCRATCHPAD = 0x44, 0xBE, 0x4E
local SEARCH_ALARM = 0xEC

local lines = {} -- by pin: {devices, selected = those that listen, command, came = bytes behind it, out}

local function xor(a, b)
    local result, bit = 0, 1
    while a > 0 or b > 0 do
        if a % 2 ~= b % 2 then result = result + bit end
        a, b, bit = math.floor(a / 2), math.floor(b / 2), bit * 2
    end
    return result
end

local function crc8(data)
    local sum = 0
    for i = 1, #data do
        sum = xor(sum, data:byte(i))
        for _ = 1, 8 do
            local low = sum % 2
            sum = math.floor(sum / 2)
            if low == 1 then sum = xor(sum, 0x8C) end
        end
    end
    return string.char(sum)
end

-- "28 FF 12 ..." or "28ff12...", with 7 bytes or with their sum too.
local function code_of(text)
    local digits = type(text) == "string" and text:gsub("[%s:]", "") or ""
    if digits:find("%X") or (#digits ~= 14 and #digits ~= 16) then
        time.misuse("a code is 7 or 8 bytes in hexadecimal digits, not %s", tostring(text))
    end
    local code = digits:gsub("%x%x", function(two) return string.char(tonumber(two, 16)) end)
    return #code == CODE_BYTES and code or code .. crc8(code)
end

-- The scratchpad of a DS18B20, of 12 bits.
local function temperature_bytes(degrees)
    local sixteenths = math.floor(16 * time.check_number(degrees, "a temperature", -55, 125) + 0.5)
    local data = word_low(sixteenths % 0x10000) .. "\75\70\127\255\12\16"
    return data .. crc8(data)
end

local function one_wire_device(device)
    check_table(device, "a 1-Wire device")
    local self = {code = code_of(device.code), alarm = device.alarm, command = device.command}
    if device.command then
        time.check_function(device.command, "what answers commands of a 1-Wire device")
    else
        self.scratchpad = temperature_bytes(85) -- until it has measured
        self.measure = function() return temperature_bytes(now_of(device.temp or 85)) end
        if device.temp and type(device.temp) ~= "function" then self.measure() end -- wrong at once, if it is
    end
    return self
end

-- What is at the line of a pin: a list of {code = "28...", temp = degrees}, which is a DS18B20, or
-- {code =, command = fn}: fn(command, bytes that came behind it) gives the bytes to be read; temp may
-- be a function; alarm = true: it answers searches for alarms; nil: nothing.
function world.onewire(pin, devices)
    time.check_number(pin, "a pin of a 1-Wire line", 1, PIN_MAX)
    local list = {}
    for i, device in ipairs(check_table(devices or {}, "the list of 1-Wire devices")) do
        list[i] = one_wire_device(device)
    end
    if #list > DEVICES_MAX then time.misuse("at most %d devices on a 1-Wire line", DEVICES_MAX) end
    lines[pin] = {devices = list, out = ""}
end

-- What a device sends after a command and the bytes that came behind it.
local function answer(device, command, came)
    if device.command then return device.command(command, came) or "" end
    if command == CONVERT then
        device.scratchpad = device.measure()
    elseif command == READ_SCRATCHPAD then
        return device.scratchpad
    elseif command == WRITE_SCRATCHPAD and #came == 3 then
        local data = device.scratchpad:sub(1, 2) .. came .. device.scratchpad:sub(6, 8)
        device.scratchpad = data .. crc8(data)
    end
    return ""
end

local function select_code(line, command, code)
    line.selected = {}
    for _, device in ipairs(line.devices) do
        if command == SKIP or code == device.code then line.selected[#line.selected + 1] = device end
    end
end

-- A byte after a reset: which devices are meant, then a command, then what belongs to it.
local function come(line, byte)
    line.came = line.came .. string.char(byte)
    if line.selected then
        line.out = ""
        for _, device in ipairs(line.selected) do
            local out = answer(device, line.came:byte(), line.came:sub(2))
            if #out > #line.out then line.out = out end
        end
        return
    end
    local first = line.came:byte()
    if first == READ_CODE then
        line.out = line.devices[1] and line.devices[1].code or ""
    elseif first == SKIP or (first == MATCH and #line.came == 1 + CODE_BYTES) then
        select_code(line, first, line.came:sub(2))
        line.came = ""
    end
end

local questions = {}

function questions.reset(line)
    line.selected, line.came, line.out = nil, "", ""
    return #line.devices > 0 and "\1" or "\0"
end

function questions.write(line, data)
    for i = 1, #data do come(line, data:byte(i)) end
end

function questions.read(line, count)
    local out = line.out:sub(1, tonumber(count))
    line.out = line.out:sub(#out + 1)
    return out .. NOTHING:rep(tonumber(count) - #out)
end

function questions.search(line, command)
    local codes = {}
    for _, device in ipairs(line.devices) do
        if tonumber(command) ~= SEARCH_ALARM or device.alarm then codes[#codes + 1] = device.code end
    end
    return #codes > 0 and table.concat(codes) or nil
end

world.sensor("ow", function(question)
    local op, pin, rest = question:match("^(%a+) (%d+) ?(.*)$")
    local line = lines[tonumber(pin)]
    if not line then return nil end
    if not line.came then questions.reset(line) end
    return questions[op](line, rest)
end)

return {}
