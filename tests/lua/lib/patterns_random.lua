-- Seeded random patterns, subjects, replacements and formats: one line for each with all results.
local state = 20240225
local function random(n)
    state = (state * 16807) % 2147483647
    return state % n + 1
end
local atoms = { "a", "b", "c", "%a", "%d", "%w", "%s", "%z", "%p", "%x", "%A", "%D", "%S", "%u", "%l", "%c", ".",
    "[a-c]", "[^a]", "[%a_]", "[]]", "[^]]", "[a-]", "[%d-z]", "[", "]", "(", ")", "()", "%1", "%2", "%0", "%b()",
    "%bab", "%b", "%f[%a]", "%f[^%z]", "%f", "%", "^", "$", "-", "*", "+", "?", "\0", "[a", "%%", "%.", "\255",
    "[\128-\255]", "1", "_", " ", "[^%s]+", "(a*(.)%w(%s*))", "[b-a]", "[%]]", "[%" }
local letters = { "a", "b", "c", "(", ")", "1", "2", " ", "_", ".", "\0", "%", "^", "$", "]", "-", "\255", "A", "z", "aa", "ab", "\n" }
local templates = { "x", "%1", "%0", "%2", "%%", "%", "a", "", "%9", "\0", "%z" }
local flags = { "-", "+", " ", "#", "0", "", "", "", "5", "12", "3.", "10.3", ".0", ".14", "99", ".99", "100", " +-#0", "--" }
local conversions = { "d", "i", "u", "o", "x", "X", "e", "E", "f", "g", "G", "c", "s", "q", "%", "z", "", "p" }
local values = { 0, 1, -1, 1.5, -2.25, 1e15, 1e16, 2 ^ 31, 2 ^ 32, 2 ^ 53, -2 ^ 31, 1e100, -1e300, 1 / 0, -1 / 0, "abc", "", "12",
    "0x10", "a\0b", "\r\n\"\\", ("x"):rep(99), ("y"):rep(100), ("z\0"):rep(60), true, 65, 256 }

local function made_of(list, most)
    local t = {}
    for i = 1, random(most + 1) - 1 do t[i] = list[random(#list)] end
    return table.concat(t)
end
-- Printable, and short enough to read.
local function quote(v)
    if type(v) ~= "string" then return tostring(v) end
    v = v:gsub("[%c\127-\255]", function(c) return ("<%02x>"):format(c:byte()) end)
    return "'" .. (#v > 120 and v:sub(1, 100) .. "..." .. #v or v) .. "'"
end
local function line(what, ...)
    local t = { what }
    for i = 1, select("#", ...) do t[#t + 1] = quote((select(i, ...))) end
    print(table.concat(t, " "))
end
local function gmatches(s, p)
    local t = {}
    for a, b, c in s:gmatch(p) do
        t[#t + 1] = quote(a) .. quote(b) .. quote(c)
        if #t > 30 then break end
    end
    return table.concat(t, ";")
end
local replacers = {
    function(x) return tostring(x):upper() end,
    function() return nil end,
    function() return false end,
    function(...) return select("#", ...) end,
    function() return {} end,
    { a = "X", b = false, ab = 5, aa = print == nil },
}

for i = 1, 1500 do
    local s, p = made_of(letters, 12), made_of(atoms, 6)
    local init = random(4) == 1 and random(31) - 16 or nil
    line("pattern", s, p, init)
    line("  find", pcall(string.find, s, p, init))
    line("  plain", pcall(string.find, s, p, init, true))
    line("  match", pcall(string.match, s, p, init))
    line("  gmatch", pcall(gmatches, s, p))
    local r = made_of(templates, 4)
    if random(4) == 1 then r = replacers[random(#replacers)] end
    line("  gsub", pcall(string.gsub, s, p, r, random(5) == 1 and random(5) - 2 or nil))
end
for i = 1, 1500 do
    local f = {}
    for j = 1, random(4) - 1 do
        f[#f + 1] = made_of({ "a", "%%", "\0", " " }, 2) .. "%" .. made_of(flags, 2) .. conversions[random(#conversions)]
    end
    f = table.concat(f)
    local v = { values[random(#values)], values[random(#values)], values[random(#values)] }
    line("format", f, pcall(string.format, f, unpack(v, 1, random(4) - 1)))
end
