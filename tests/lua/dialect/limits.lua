-- Limits and numerals of the firmware's float build, and what stock Lua does otherwise. Facts (h).
local function refused(text, name) print((select(2, loadstring(text, name or "=t")))) end
local function list(n, item) -- "a1,a2,..." or any text made from a number
    local t = {}
    for i = 1, n do t[i] = item:gsub("#", i) end
    return table.concat(t, ",")
end

print("-- numerals: hexadecimal saturates at 32 bits")
print(0xffffffff, 0x1ffffffff, 0x100000000, 0xfffffffe, 0xABC, 0x7fffffff + 1)
print(1e15, 1e14, 123456789012345, 2 ^ 53, -0, 1e308 * 10, 5 % 0 ~= 5 % 0, 0 / 0 ~= 0 / 0, 2 ^ -1)
print(0.1, 1 / 3, 100 / 3, 1e-5, 123456.789)
print(tonumber("0x1ffffffff"), tonumber("0xffffffff"), tonumber("-0x1ffffffff"), "0x200000000" + 0)
print(tonumber("0x"), tonumber("1e400"), tonumber("0x10"))
refused("return 0x")
refused("return 1e")

print("-- no escapes of later Lua, no goto, no integer division")
print("\x41", "\z", "\065", "a\
b")
refused("goto out")
refused("return 7 // 2")
refused("return 1 & 2")
refused("x = '\\300'")

print("-- 50 locals, 60 upvalues, 250 registers")
print(loadstring("local " .. list(50, "v#")) ~= nil)
refused("local " .. list(51, "v#"))
refused("local function f(" .. list(51, "v#") .. ") end")
refused("return function() local " .. list(51, "v#") .. " end")
refused("for a = 1, 2 do local " .. list(47, "v#") .. " end")
local uses = {}
for i = 1, 2 do uses[i] = "local " .. list(i == 1 and 30 or 31, (i == 1 and "a" or "b") .. "#") end
local function nested(second)
    return "local " .. list(30, "a#") .. " return function() local " .. list(second, "b#")
        .. " return function() return " .. list(30, "a#") .. "," .. list(second, "b#") .. " end end"
end
print(loadstring(nested(30)) ~= nil)
refused(nested(31))
print(loadstring("local x = " .. list(249, "'s#'")) ~= nil)
refused("local x = " .. list(250, "'s#'"))
print(#loadstring("return {" .. list(800, "#") .. "}")())

print("-- depth")
refused(("("):rep(300) .. "1" .. (")"):rep(300))
local depth = 0
local function down() depth = depth + 1 return 1 + down() end
print(pcall(down))
print(depth > 1000 and depth < 20000)
local message = select(2, pcall(function()
    local function nest(n) return select(2, pcall(nest, n + 1)) or n end
    return nest(1)
end))
print(type(message))
local function inside(n)
    return coroutine.wrap(function() return n == 0 and "end" or inside(n - 1) end)()
end
print(pcall(inside, 40)) -- the chip's stack has room for some more
-- 200 deep, or where the heap ends: both are near.
local reason = select(2, pcall(inside, 300)):gsub("^.*: ", "")
print(reason == "C stack overflow" or reason == "not enough memory" or reason)

print("-- old varargs and library names")
local function old(...) return arg.n, arg[1] end
print(pcall(loadstring("local function f(...) return arg.n, arg[1] end return f('x', nil)")))
print(table.getn({1, 2}), table.maxn({[5] = 1}), type(table.foreach), type(unpack), type(newproxy))
print(type(setfenv), type(getfenv), type(module), type(loadstring), type(gcinfo), type(xpcall))

print("-- collector: stop is a flag, which compiling and errors clear")
local function is_collecting()
    local seen = setmetatable({{}}, {__mode = "v"})
    for i = 1, 300 do local t = {i} end
    return seen[1] == nil
end
collectgarbage("stop")
print(is_collecting())
loadstring("return 1")
print(is_collecting())
collectgarbage("stop")
pcall(error, "x")
print(is_collecting())
collectgarbage("stop")
collectgarbage("restart")
print(is_collecting())
