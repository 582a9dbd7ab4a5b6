local moduleName = ...
local M = {}
_G[moduleName] = M
local ADDR = 0x77
local id = 0
local function read_reg(reg, n)
    i2c.start(id)
    i2c.address(id, ADDR, i2c.TRANSMITTER)
    i2c.write(id, reg)
    i2c.stop(id)
    i2c.start(id)
    i2c.address(id, ADDR, i2c.RECEIVER)
    local c = i2c.read(id, n)
    i2c.stop(id)
    return c
end
local function write_reg(reg, val)
    i2c.start(id)
    i2c.address(id, ADDR, i2c.TRANSMITTER)
    i2c.write(id, reg)
    i2c.write(id, val)
    i2c.stop(id)
end
local function u16(s, i) return string.byte(s, i) * 256 + string.byte(s, i + 1) end
local function s16(v) if v > 32767 then return v - 65536 end return v end
local cal
function M.init(sda, scl)
    i2c.setup(id, sda, scl, i2c.SLOW)
    local c = read_reg(0xAA, 22)
    cal = {AC5 = u16(c, 9), AC6 = u16(c, 11), MC = s16(u16(c, 19)), MD = s16(u16(c, 21))}
end
function M.temperature()
    write_reg(0xF4, 0x2E)
    tmr.delay(5000)
    local d = read_reg(0xF6, 2)
    local ut = u16(d, 1)
    local x1 = (ut - cal.AC6) * cal.AC5 / 32768
    local x2 = cal.MC * 2048 / (x1 + cal.MD)
    return (x1 + x2 + 8) / 16
end
return M
