-- random.lua: numbers that look random and are the same in every run.
--
-- new(seed)        generator
-- g:whole(n)       1..n
-- g:around(swing)  -swing..swing

local Generator = {}
Generator.__index = Generator

-- Products stay below 2^53, so the sequence is exact in doubles.
local MODULUS, FACTOR = 2147483647, 16807

function Generator.new(seed)
    return setmetatable({state = seed % (MODULUS - 1) + 1}, Generator)
end

function Generator:next()
    self.state = self.state * FACTOR % MODULUS
    return self.state
end

function Generator:whole(n)
    return self:next() % n + 1
end

function Generator:around(swing)
    return (self:next() % 2001 - 1000) / 1000 * swing
end

return Generator
