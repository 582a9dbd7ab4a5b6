-- mathx.lua: functions of math that a device lacks. MessagePack asks for this module by name where
-- math has no frexp and ldexp; init.lua takes fmod.

local M = {}

-- The remainder of a / b, rounded towards zero.
function M.fmod(a, b)
    local r = math.abs(a) % math.abs(b)
    return a < 0 and -r or r
end

-- x = m * 2^e with 0.5 <= |m| < 1; exact.
function M.frexp(x)
    if x == 0 or x ~= x or x == math.huge or x == -math.huge then return x, 0 end
    local m, e = math.abs(x), 0
    while m >= 1 do m, e = m / 2, e + 1 end
    while m < 0.5 do m, e = m * 2, e - 1 end
    return x < 0 and -m or m, e
end

function M.ldexp(m, e)
    return m * 2 ^ e
end

return M
