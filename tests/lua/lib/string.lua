-- string: len sub byte char rep upper lower reverse, embedded zeros, positions out of range,
-- argument errors, methods on strings.
local function show(...)
    local t = {}
    for i = 1, select("#", ...) do
        local v = select(i, ...)
        t[i] = type(v) == "string" and string.format("%q", v) or tostring(v)
    end
    print(table.concat(t, " "))
end
local function try(f, ...) show(pcall(f, ...)) end

print("-- len")
show(#"", #"abc", #"a\0b", ("a\0b\0"):len(), string.len(12.5), string.len("\0\0\0"))
try(string.len)
try(string.len, nil)
try(string.len, {})
try(string.len, true)

print("-- sub")
local s = "abcdefgh"
for _, i in ipairs { 1, 0, -1, 3, 8, 9, -8, -9, 100, -100 } do
    show(i, s:sub(i))
    for _, j in ipairs { 1, 0, -1, 3, 8, 9, -8, -9, 100, -100 } do
        show(i, j, s:sub(i, j))
    end
end
show(s:sub("2", "3"), s:sub(2.9, 3.9), ("x"):sub(1, 1e15), s:sub(-2 ^ 31, 2 ^ 31))
show(("a\0b\0c"):sub(2, 4), ("\0"):sub(1, 1), (""):sub(1, 1), (""):sub(0), (""):sub(-1))
try(string.sub)
try(string.sub, "x")
try(string.sub, "x", "y")
try(string.sub, "x", 1, {})
try(string.sub, "x", 1, nil)

print("-- byte")
show(("A"):byte(), ("ABC"):byte(2), ("ABC"):byte(1, -1), ("ABC"):byte(-1), ("ABC"):byte(-2, -1))
show(("ABC"):byte(4), ("ABC"):byte(0), ("ABC"):byte(10, 20), (""):byte(), ("\0\255\128"):byte(1, 3))
show(("ABC"):byte(3, 2), ("ABC"):byte(-100, 100))
show(select("#", (""):byte()), select("#", ("abc"):byte(2, 1)))
try(string.byte)
try(string.byte, "x", "y")
show(#{ (("x"):rep(3000)):byte(1, -1) })
try(function() return ("x"):rep(100000):byte(1, -1) end)

print("-- char")
show(string.char(), string.char(65), string.char(65, 66, 0, 255), string.char("72", 105.0))
try(string.char, 256)
try(string.char, -1)
try(string.char, 65, 300)
try(string.char, "x")
try(string.char, 65, nil)
for i = 0, 255 do assert(string.char(i):byte() == i) end

print("-- rep")
show(("ab"):rep(3), ("ab"):rep(0), ("ab"):rep(-5), (""):rep(1000), ("\0"):rep(3), ("x"):rep(1))
show(#("abc"):rep(1000), ("abc"):rep(1000):sub(-4), ("ab"):rep(2.9))
for _, n in ipairs { 255, 256, 257, 511, 512, 513, 2559, 2560, 2561, 5000, 70000 } do
    local r = ("y"):rep(n)
    assert(#r == n and not r:find("[^y]"))
end
try(string.rep)
try(string.rep, "x")
try(string.rep, "x", "y")
try(string.rep, {}, 2)

print("-- upper lower reverse")
show(("abcXYZ019_-\0z\228"):upper(), ("abcXYZ019_-\0z\196"):lower(), ("a\0bc"):reverse(), (""):reverse())
show((""):upper(), (""):lower(), string.upper(12), string.reverse(123.5))
local all = {}
for i = 0, 255 do all[#all + 1] = string.char(i) end
all = table.concat(all)
show(all:upper(), all:lower())
assert(all:reverse():reverse() == all)
try(string.upper)
try(string.lower, {})
try(string.reverse, nil)
show(#("x"):rep(1000):upper(), ("ab"):rep(300):reverse():sub(1, 3))

print("-- dump")
local dumped = string.dump(function(...) local a = ... return a, "k\0k", 1.5 end)
show(type(dumped), dumped:sub(1, 5) == "\27LuaQ", loadstring(dumped)(7))
try(string.dump, print)
try(string.dump)
try(string.dump, 5)
local up = 5
local copy = loadstring(string.dump(function() return up end))
try(copy)

print("-- methods")
show(("x"):len(), ("%d"):format(5), ("abc").len == string.len, #("abc"):upper())
show(pcall(function() return ("x"):nothing() end))
show(pcall(function() local t = "x" return t.y.z end))
show(pcall(function() return ("x"):rep() end))
show(pcall(function() return ("x"):rep({}) end))
show(pcall(function() return string.rep() end))
show(getmetatable("").__index == string, string.gmatch == string.gfind)
local function bad() ("x").y = 1 end
show(pcall(bad))

print("-- numbers as strings")
show(string.rep(5, 3), string.sub(12345, 2, -2), string.byte(7), ("10" + 5), 10 .. 20)
