-- bosch.lua: a BME280 or BMP280 at the bus i2c: registers that give the readings which the script says.
-- Formulas and the trimming values of the example: Bosch's data sheet.

local time = ...

local T1, T2, T3 = 27504, 26435, -1000
local P = {36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000}
local H1, H2, H3, H4, H5, H6 = 75, 370, 0, 313, 50, 30
local CHIP, ADC_MAX = {bme280 = 0x60, bmp280 = 0x58}, 2 ^ 20 - 1

local function fine(adc)
    local off = adc / 131072 - T1 / 8192
    return (adc / 16384 - T1 / 1024) * T2 + off * off * T3
end

local function pascals(adc, t)
    local v = t / 2 - 64000
    local offset = (v * v * P[6] / 32768 + v * P[5] * 2) / 4 + P[4] * 65536
    local scale = (1 + (P[3] * v * v / 524288 + P[2] * v) / 524288 / 32768) * P[1]
    local p = (1048576 - adc - offset / 4096) * 6250 / scale
    return p + (P[9] * p * p / 2147483648 + p * P[8] / 32768 + P[7]) / 16
end

local function percent(adc, t)
    local v = t - 76800
    local h = (adc - (H4 * 64 + H5 / 16384 * v)) *
        (H2 / 65536 * (1 + H6 / 67108864 * v * (1 + H3 / 67108864 * v)))
    return h * (1 - H1 * h / 524288)
end

-- The reading of the converter for a value; fn rises with it, or falls.
local function find(most, wanted, fn, ...)
    local low, high = 0, most
    local is_rising = fn(most, ...) > fn(0, ...)
    while low < high do
        local middle = math.floor((low + high) / 2)
        if (fn(middle, ...) < wanted) == is_rising then low = middle + 1 else high = middle end
    end
    return low
end

local function set_words(registers, at, ...)
    for i, value in ipairs{...} do
        registers[at + 2 * i - 2] = value % 256
        registers[at + 2 * i - 1] = math.floor(value / 256) % 256
    end
end

local function set_adc(registers, at, adc)
    registers[at], registers[at + 1], registers[at + 2] =
        math.floor(adc / 4096), math.floor(adc / 16) % 256, adc % 16 * 16
end

local function measure(registers, now)
    local t = find(ADC_MAX, 5120 * time.check_number(now.temp, "the temperature of a BME280", -40, 85), fine)
    set_adc(registers, 0xFA, t)
    t = fine(t)
    set_adc(registers, 0xF7,
        find(ADC_MAX, 100 * time.check_number(now.press or 1013.25, "its pressure", 300, 1100), pascals, t))
    local h = find(65535, time.check_number(now.humi or 50, "its humidity", 0, 100), percent, t)
    registers[0xFD], registers[0xFE] = math.floor(h / 256), h % 256
end

-- A sensor at 0x76 or 0x77: {temp = degrees, press = hectopascals, humi = percent}, or a function that
-- gives one, asked when the program begins to read; without humi a BMP280. nil: none.
function world.bme280(address, reading)
    if reading == nil then return world.i2c(address, nil) end
    local function now()
        local value = type(reading) == "function" and reading() or reading
        if type(value) ~= "table" then time.misuse("the reading of a BME280 is a table, not %s", tostring(value)) end
        return value
    end
    local registers, at = {}, 0
    registers[0xD0] = now().humi and CHIP.bme280 or CHIP.bmp280
    set_words(registers, 0x88, T1, T2, T3, unpack(P))
    registers[0xA1] = H1
    set_words(registers, 0xE1, H2)
    registers[0xE3], registers[0xE4] = H3, math.floor(H4 / 16)
    registers[0xE5], registers[0xE6], registers[0xE7] = H4 % 16 + H5 % 16 * 16, math.floor(H5 / 16), H6
    world.i2c(address, function(op, what)
        if op == "write" then
            at = what:byte() or at
            for i = 2, #what, 2 do registers[at], at = what:byte(i), what:byte(i + 1) or at + 1 end
            return
        end
        measure(registers, now())
        local bytes = {}
        for i = 1, what do bytes[i] = string.char(registers[(at + i - 1) % 256] or 0) end
        return table.concat(bytes)
    end)
end

return {}
