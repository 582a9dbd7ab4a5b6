local modname = ...
local M = {}
_G[modname] = M
local pin
function M.setup(dq) pin = dq ow.setup(pin) end
function M.addrs()
    local t = {}
    ow.reset_search(pin)
    repeat
        local addr = ow.search(pin)
        if addr ~= nil then table.insert(t, addr) end
        tmr.wdclr()
    until addr == nil
    ow.reset_search(pin)
    return t
end
function M.readNumber(addr)
    ow.reset(pin)
    ow.select(pin, addr)
    ow.write(pin, 0x44, 1)
    tmr.delay(750000)
    ow.reset(pin)
    ow.select(pin, addr)
    ow.write(pin, 0xBE, 1)
    local data = ""
    for i = 1, 9 do data = data .. string.char(ow.read(pin)) end
    local crc = ow.crc8(string.sub(data, 1, 8))
    if crc ~= data:byte(9) then return nil end
    local t = data:byte(1) + data:byte(2) * 256
    if t > 32767 then t = t - 65536 end
    return t * 625
end
return M
