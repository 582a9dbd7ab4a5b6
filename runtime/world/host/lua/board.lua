-- board.lua: what is on the device's board: pins, the analog input, sensors, the serial line, and the
-- chip's identity.

local pipe, time, stream, net = ...

local SERIAL_PIECE = 256      -- bytes that arrive at once
local SERIAL_KEPT = 256 * 1024 -- of console output that nobody has asked for
local PINS, HIGH_MAX = 16, 65535

local tell, ask = {}, {}

local function bytes_of(number, count) -- little-endian
    local bytes = {}
    for i = 1, count do
        bytes[i] = string.char(number % 256)
        number = math.floor(number / 256)
    end
    return table.concat(bytes)
end

-- ---- pins ----

local pins = {}
local pin = {}
pin.__index = pin

local MODE, WRITE, PWM, EDGE = pipe.pin.mode, pipe.pin.write, pipe.pin.pwm, pipe.pin.edge

function world.pin(number)
    time.check_number(number, "a pin", 0, PINS)
    pins[number] = pins[number] or setmetatable({number = number, waiters = {}, write_count = 0}, pin)
    return pins[number]
end

local function check_level(level)
    if level == true then return 1 end
    if level == false then return 0 end
    if level ~= 0 and level ~= 1 then time.misuse("a level is 0 or 1, not %s", tostring(level)) end
    return level
end

local function drive(self, level)
    if self.input == level then return end
    self.input = level
    pipe.arrive(pipe.kinds.pin, self.number,
        string.char(EDGE, level, 0, 0) .. bytes_of(time.device_us() % 2 ^ 31, 4))
end

-- From outside, from now on.
function pin:set(level)
    drive(self, check_level(level))
end

-- Nothing drives it from outside any more.
function pin:release()
    self.input = nil
end

-- The other level for that long.
function pin:pulse(ms)
    time.check_number(ms, "the length of a pulse", 0, 1e9)
    local before = self.input or 0
    drive(self, 1 - before)
    time.later(time.us(ms), drive, self, before)
end

-- What the program has written last; nil: nothing. Duty and frequency of its PWM.
function pin:level()
    return self.written
end
function pin:pwm()
    return self.duty, self.frequency
end
-- How often the program has changed the level.
function pin:count()
    return self.write_count
end

-- Calls fn(level) when the program changes the level.
function pin:on(fn)
    self.listener = fn
end

local function has_level(self, level)
    return self.written == level
end

-- Does the program's level become that in time?
function pin:wait(level, within_ms)
    return time.wait(self, within_ms, nil, has_level, check_level(level)) or false
end

function pin:expect(level, within_ms)
    level = check_level(level)
    local what = ("pin %d: wanted level %d"):format(self.number, level)
    if time.wait(self, within_ms, what, has_level, level) then return end
    time.fail(("%s within %g ms; %s"):format(what, within_ms or time.limit_ms,
        self.written and "it is " .. self.written or "the program has written nothing"))
    time.finish()
end

function tell.pin(number, data)
    local self = world.pin(number)
    local op, level = data:byte(1, 2)
    if op == MODE then
        self.mode = level
    elseif op == PWM then
        self.duty, self.frequency = net.u16(data, 3), net.u32(data, 5)
    elseif op == WRITE then
        if self.written ~= level then self.write_count = self.write_count + 1 end
        local is_new = self.written ~= level
        self.written = level
        if is_new and self.listener then time.later(0, time.go, self.listener, level) end
    end
    time.wake(self)
end

function ask.pin(number)
    local self = pins[number]
    return self and self.input and string.char(self.input)
end

-- ---- what is measured ----

local sensors = {}

-- `value`: a text, a number (of 16 bits) or a function that gives one of them for the question's
-- words after the name; nil: nothing answers.
function world.sensor(name, value)
    if type(name) ~= "string" then time.misuse("a sensor has a name, not %s", tostring(name)) end
    sensors[name] = value
end

function world.adc(value)
    world.sensor("adc", value)
end

function ask.sensor(_, question)
    local name, rest = question:match("^(%S+)%s*(.*)$")
    local value = sensors[question]
    if value == nil then value = sensors[name] end
    if type(value) == "function" then value = value(rest) end
    if type(value) == "number" then
        value = bytes_of(math.max(0, math.min(HIGH_MAX, math.floor(value))), 2)
    elseif value ~= nil and type(value) ~= "string" then
        time.misuse("sensor %s: neither a number nor a text: %s", name, tostring(value))
    end
    return value
end

-- ---- the serial line ----

local serial = {}
serial.__index = serial
local lines = {}

-- A line of the device: 0 is its console, 1 sends alone.
function world.uart(number)
    time.check_number(number, "a UART", 0, 1)
    lines[number] = lines[number] or
        setmetatable({number = number, waiters = {}, came = stream.new()}, serial)
    return lines[number]
end
world.serial = world.uart(0)

function serial:send(text)
    for at = 1, #text, SERIAL_PIECE do
        pipe.arrive(pipe.kinds.serial, self.number, text:sub(at, at + SERIAL_PIECE - 1))
    end
end

local function take(self, what)
    return self.came:take(what)
end

-- What the program has written and nobody has taken: see stream:take.
function serial:receive(what, within_ms)
    return time.wait(self, within_ms, nil, take, what)
end

function serial:expect(what, within_ms)
    local wanted = (self.number == 0 and "serial" or "UART 1") .. ": wanted " .. stream.describe(what)
    local text, a, b, c = time.wait(self, within_ms, wanted, take, what)
    if text then return text, a, b, c end
    time.fail(("%s within %g ms; %s"):format(wanted, within_ms or time.limit_ms, self.came:show()))
    time.finish()
end

-- All of it, without taking it.
function serial:text()
    return self.came:text()
end

local function come(self, text)
    self.came:add(text)
    if self.came.bytes > 2 * SERIAL_KEPT then self.came:keep(SERIAL_KEPT) end
    time.wake(self)
end

function tell.console(_, text)
    come(world.serial, text)
end

function tell.serial(number, text)
    come(world.uart(number), text)
end

-- ---- the chip ----

local identity = {}

-- Of {chip = N, flash = N, mac = "5C:CF:7F:00:00:01", ap_mac = ..., time = seconds since 1970} what
-- is there.
function world.identity(what)
    local forms = {
        chip = function(n) return bytes_of(n, 4) end,
        flash = function(n) return bytes_of(n, 4) end,
        mac = net.mac,
        ap_mac = net.mac,
        time = function(s) return bytes_of(s * 1e6, 8) end,
    }
    for name, value in pairs(what) do
        if not forms[name] then time.misuse("world.identity has no %s", tostring(name)) end
        identity[pipe.identity[name]] = forms[name](value)
    end
end

function ask.identity(what)
    return identity[what]
end

-- ---- a boot ----

local function boot()
    for _, self in pairs(pins) do self.written, self.mode, self.duty, self.frequency = nil end
end

return {tell = tell, ask = ask, boot = boot}
