-- Deep stacks: overflow and its message, coroutines inside coroutines, C calls, handlers.
local function shorten(message)
    message = tostring(message)
    return #message, message:match("^[^\n]*"), select(2, message:gsub("\n", ""))
end
local depth = 0
local function endless() depth = depth + 1 return 1 + endless() end
local ok, message = pcall(endless)
print(ok, depth > 1000, shorten(message))
depth = 0
print(shorten(select(2, xpcall(endless, debug.traceback))))
print(pcall(function() local function f() return f() end local n = 0
    debug.sethook(function() n = n + 1 if n > 1000 then debug.sethook() error("enough") end end, "c") f() end))
local t = setmetatable({}, {})
getmetatable(t).__index = function(s, k) return s[k] end
print(shorten(select(2, pcall(function() return t.x end))))
getmetatable(t).__index = t
print(pcall(function() return t.x end))
getmetatable(t).__newindex = t
print(pcall(function() t.x = 1 end))
local s = setmetatable({}, {__tostring = function(self) return tostring(self) end})
print(shorten(select(2, pcall(tostring, s))))
print(shorten(select(2, pcall(string.gsub, "a", "a", function() return (string.rep("x", 2)) end))))
local function again(n) return n == 0 and 0 or 1 + again(n - 1) end
print(again(15000), pcall(again, 15000))
local function sum(n, ...) if n == 0 then return select("#", ...) end return sum(n - 1, n, ...) end
print(sum(200))
print(pcall(unpack, {}, 1, 7900) , pcall(unpack, {}, 1, 1e6))
print(pcall(unpack, {}, 1, 1e8))
print(select("#", unpack({}, 1, 5000)), #{unpack({}, 1, 5000)})
print(pcall(string.char, unpack({}, 1, 100)))
local level = 0
local function nest() level = level + 1 local co = coroutine.create(nest) return coroutine.resume(co) end
local results = {nest()}
print(level, #results, results[#results])
local wraps = 0
local function wrap() wraps = wraps + 1 return coroutine.wrap(wrap)() end
print(pcall(wrap))
print(wraps)
local co = coroutine.wrap(function() return pcall(endless) end)
print(shorten(select(2, co())))
print(shorten(select(2, pcall(coroutine.wrap(endless)))))
-- the handler itself fails
print(xpcall(error, error, 1), xpcall(function() error("a") end, function(m) error("b") end))
print(xpcall(function() error() end, function(m) return type(m), 2 end))
print(xpcall(function() return 1, 2, 3 end, print), pcall(xpcall), pcall(xpcall, print))
print(xpcall(endless, function(m) return (m:match("stack overflow")) end))
print(pcall(loadstring(("("):rep(150) .. "1" .. (")"):rep(150))))
print(loadstring("return " .. ("("):rep(300) .. "1" .. (")"):rep(300)))
print(loadstring(("do "):rep(250) .. ("end "):rep(250)))
print(loadstring("x = " .. ("{"):rep(250) .. ("}"):rep(250)))
print(loadstring("return " .. ("-"):rep(250) .. " 1") ~= nil, loadstring("return " .. ("a.."):rep(300) .. "a"))
print(loadstring("return " .. ("not "):rep(250) .. "1"))
local names = {}
for i = 1, 201 do names[i] = "v" .. i end
print(loadstring("local " .. table.concat(names, ",")))
print(loadstring("local a " .. ("local function f() "):rep(10) .. "return a" .. (" end"):rep(10)) ~= nil)
for i = 1, 61 do names[i] = "local u" .. i .. " = 1 " end
local uses = {}
for i = 1, 61 do uses[i] = "u" .. i end
print(loadstring(table.concat(names, "", 1, 61) .. "return function() return " .. table.concat(uses, "+") .. " end"))
print(loadstring("f(" .. ("1,"):rep(260) .. "1)"))
print(loadstring("local a = {" .. ("1,"):rep(30000) .. "}") ~= nil)
