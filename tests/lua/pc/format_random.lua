-- string.format and tonumber with random directives and numbers: the texts of the C library, to the
-- byte.
local seed = 1
local function rnd(n)
    seed = (seed * 16807) % 2147483647
    return seed % n
end
local flags = {"", "-", "+", " ", "0", "-0", "+0", " 0", "#", "-+", "+ ", "00"}
local letters = {"d", "i", "u", "x", "X", "o", "f", "e", "g", "s", "c"}
local specials = {
    0, -0.0, 0.5, 1.5, 2.5, -0.5, 0.125, 0.375, 1e15, 1e16, -1e17, 2^53, 2^53 + 2, 1 / 0, -1 / 0,
    0 / 0, 1e-5, 1e-30, 1e-300, 5e-324, 0.1, 0.05, 0.005, 1.005, 99.995, 999.9995,
    123456789.987654321, 4294967295, -1, 2^63, 1e22, 1e23,
}

local function number()
    if rnd(3) == 0 then return specials[rnd(#specials) + 1] end
    if rnd(2) == 0 then return rnd(1000000) - 500000 end
    return (rnd(2000000) - 1000000) / (rnd(100000) + 1) * 10 ^ (rnd(30) - 15)
end

for i = 1, 6000 do
    local letter = letters[rnd(#letters) + 1]
    local width = rnd(3) == 0 and "" or tostring(rnd(rnd(2) == 0 and 12 or 99))
    local precision = ""
    if rnd(2) == 0 then
        precision = "." .. (rnd(4) == 0 and "" or tostring(rnd(rnd(3) == 0 and 99 or 17)))
    end
    local directive = "%" .. flags[rnd(#flags) + 1] .. width .. precision .. letter
    local v
    if letter == "s" then
        v = string.rep("ab\1z", rnd(30))
    elseif letter == "c" then
        v = rnd(255) + 1
    else
        v = number()
    end
    -- What C leaves open is left out.
    if ("diuxXo"):find(letter, 1, true) and
        (v ~= v or v >= 2^63 or v <= -2^63 or (v < 0 and letter ~= "d" and letter ~= "i")) then
        v = 77
    end
    print(directive, v, pcall(string.format, directive, v))
end

for i = 1, 3000 do
    local digits = ""
    for k = 1, rnd(20) do digits = digits .. rnd(10) end
    if rnd(3) == 0 then digits = digits .. "." .. rnd(1000) end
    if rnd(5) == 0 then digits = " " .. digits end
    if rnd(5) == 0 then digits = "-" .. digits end
    if rnd(9) == 0 then digits = digits .. "x" end
    print(digits, tonumber(digits))
end
