-- Chunks: dump and load of binaries, readers, names, module, setfenv, tostring of odd numbers, patterns.
io.stdout:setvbuf("no")
local function f(a, ...) local t = {a, ...} return #t, "x", 1.5, nil, true, ... end
local copy = loadstring(string.dump(f))
print(copy(1, 2, 3))
print(debug.getinfo(copy, "S").short_src == debug.getinfo(f, "S").short_src, debug.getinfo(copy, "S").linedefined)
local up = 5
local closure = loadstring(string.dump(function() return up end))
print(pcall(closure), debug.getinfo(closure, "u").nups, debug.getupvalue(closure, 1))
print(pcall(string.dump, print), pcall(string.dump))
local bytes = string.dump(f)
for _, bad in ipairs {bytes:sub(1, 5), bytes:sub(1, 11), bytes:sub(1, 40), bytes:sub(1, -2), "\27Lua\82" .. bytes:sub(6), "\27", "\27Lux"} do
    print(loadstring(bad, "=binary"))
end
print(loadstring(bytes .. "tail", "=binary") ~= nil)
local pieces = {"return ", "1", " + ", "2", "", "ignored"}
local i = 0
print(load(function() i = i + 1 return pieces[i] end)(), i)
print(load(function() return nil end) ~= nil)
print(pcall(load, function() error("reader") end), load(function() error("reader", 0) end))
print(load(function() return {} end))
print(pcall(load, "text"), pcall(load), load(coroutine.wrap(function() coroutine.yield("return 'co'") end))())
i = 0
print(load(function() i = i + 1 return bytes:sub(i, i) end, "=piece")(7))
print(load(function() i = i + 1 if i > 3 then return end return "x = = " end, "@name"))
for _, name in ipairs {"=n", "@n", "n", "a\nb"} do print(loadstring("x x", name)) end
print(pcall(loadfile, "/nonexistent/file"), loadfile("/nonexistent/file"), pcall(dofile, "/nonexistent"))
-- module and environments
module("pc_mod", package.seeall)
function hello() return _NAME, _PACKAGE, _M == pc_mod end
x = 1
_G.print(hello())
_G.setfenv(1, _G)
print(pc_mod.x, x, package.loaded.pc_mod == pc_mod)
local _G = _G
module("a.b.c")
_G.print(_NAME, _PACKAGE, _G.a.b.c == _M, _G.type(print))
_G.setfenv(1, _G)
print(pcall(module, "string.len"), pcall(module), pcall(setfenv, 1), pcall(setfenv, 0), pcall(setfenv, print, {}))
print(pcall(getfenv, 50), pcall(setfenv, 50, {}), getfenv(print) == _G, pcall(getfenv, -1))
local function g() return y end
setfenv(g, {y = "own"})
print(g(), getfenv(g).y, setfenv(g, {y = 2})(), getfenv(0) == _G)
local co = coroutine.create(function() setfenv(0, {z = 3}) return loadstring("return z")(), getfenv(0).z end)
print(pcall(coroutine.resume, co))
-- numbers as text
local nan, inf = 0 / 0, 1 / 0
print((tostring(nan):gsub("-", "")), tostring(inf), tostring(-inf), tostring(-0), 0 == -0, tostring(1e15), tostring(1e100))
print(123456789012345, 1e14, 12345678901234567890, 0.1, 1 / 3, -1e-7, 2 ^ 63, 5e-324, 1.7976931348623157e308)
print(tonumber("0x"), tonumber("0x10"), tonumber(" 10 "), tonumber("1e"), tonumber("1e1"), tonumber(""), tonumber("inf"), tonumber("nan"), tonumber("0x1p4"))
print(tonumber("10", 36), tonumber("zz", 36), tonumber("8", 8), tonumber("-ff", 16), tonumber("1e1", 16), pcall(tonumber, "1", 1), pcall(tonumber), tonumber("7fffffffffffffff", 16))
print(10 % 3, -10 % 3, 10 % -3, 5.5 % 2, (tostring(1 % 0):gsub("-", "")), 1 % inf, -1 % inf, 2 ^ -1, (-8) ^ (1 / 3) ~= (-8) ^ (1 / 3))
print("10" + 5, "0x10" * 2, 10 .. 20, pcall(function() return "a" + 1 end), pcall(function() return {} .. "x" end))
print(string.format("%5.2f|%-8d|%+d|%x|%X|%o|%e|%g|%c|%q|%s|%%|%10.3s|%i|%u", 3.14159, 42, 7, 255, 255, 8, 12345.678, 1e20, 65, 'q"\n\0', "s", "abcdef", 3, 4))
print(pcall(string.format, "%y", 1), pcall(string.format, "%d"), pcall(string.format, "%d", "x"), pcall(string.format, "%123d", 1), pcall(string.format, "%"), pcall(string.format, "%-+ #00d", 1))
-- patterns at their edges
for _, p in ipairs {"%", "[", "[a", "[%", "(", ")", "(()", "%1", "(%1)", "%b", "%bx", "%f", "%f[", "[]", "[]]", "[^]", "[^]]", "[a-]", "[]-a]", "a-", "-", "*", "^*", "$", "^", "^^", "a$b", "%z", ("(a)"):rep(33)} do
    print(p, pcall(string.find, "a-b]c*^$ (x)", p))
end
print(("hello world"):gsub("o", {o = "0"}), ("abc"):gsub("%w", "%0%0"), pcall(string.gsub, "abc", "%w", "%2"), pcall(string.gsub, "a", "a", "%"), ("abc"):gsub("", "-"), ("abc"):gsub("b*", "x"))
print(("THE (quick) fox"):find("%((%a+)%)"), ("key = value"):match("^(%w+)%s*=%s*(%w+)$"), ("f(a(b)c)d"):match("%b()"), ("THE (quick)"):gsub("%f[%a]%a+", string.lower))
print(pcall(string.gsub, "x", "x", function() return {} end), pcall(string.gsub, "x", "x", {x = true}), ("x"):gsub("x", function() return false end), pcall(string.gsub, "x", "x", true))
print(pcall(string.rep, "x", -1), pcall(string.rep), ("x"):rep(0), ("ab"):byte(-1), ("ab"):byte(10), ("abc"):sub(-2, -2), ("abc"):sub(0), ("abc"):sub(3, 1), pcall(string.char, 256), pcall(string.char, -1))
for k, v in string.gmatch("a=1, b=2", "(%w+)=(%w+)") do io.write(k, v, ";") end
for p in string.gmatch("abc", "()") do io.write(p, " ") end
print(pcall(string.gmatch, "a"), #string.gsub(("a"):rep(5000), "a", "bb"))
print(pcall(string.find, ("a"):rep(3000), ".-b"), pcall(string.find, ("a"):rep(300000), ("a?"):rep(20) .. "b", 299990))
print(pcall(table.concat, {1, {}, 3}), pcall(table.concat, {1, 2}, ",", 1, 3), table.concat({}, "x"), table.concat({1, 2, 3}, ", ", 2))
print(pcall(table.sort, {3, 1, "x"}), pcall(table.sort, {1, 2, 3, 4, 5}, function() return true end), pcall(table.insert, {}, 1, 2, 3), pcall(table.insert, {}), table.remove({}), table.maxn({[5] = 1, [2.5] = 2}))
