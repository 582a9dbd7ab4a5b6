-- Base functions where the firmware differs: missing libraries, names of files required, numbers of
-- 32 bits, options of collectgarbage, names of types.
print(io, os, package.loadlib ~= nil, math.sin, math.fmod, math.log, debug.getinfo, debug.sethook)
print(_VERSION, type(node), type(file), type(tmr))
print(pcall(loadfile))
print(pcall(dofile))
print(loadfile("no such file.lua"))
print(pcall(dofile, "no such file.lua"))
print(pcall(function() dofile("no such file.lua") end))
print(tonumber("ffffffff", 16), tonumber("100000000", 16), tonumber("-1", 16), tonumber("zzzzzzzzzz", 36), tonumber("-zzzzzzzzzz", 36))
print(tonumber("0xffffffff"), tonumber("4294967295"), tonumber("1e10"))

print(collectgarbage("getmemlimit"))
local before = collectgarbage("setmemlimit", 100)
print(before, collectgarbage("getmemlimit"), collectgarbage("setmemlimit", before))
print(pcall(collectgarbage, "nothing"))
print(collectgarbage("setpause", 110), collectgarbage("setstepmul", 200))
print(type(collectgarbage("count")), collectgarbage("count") == gcinfo() or collectgarbage("count") > gcinfo())

print(type(newproxy()), type(coroutine.create(function() end)))
-- Names of locals are dropped at compile time.
print(pcall(function() local x = nil; return x.y end))
print(pcall(function() local x = nil; return x() end))
print(pcall(function() return no_such_global.y end))
print(pcall(function() return no_such_global() end))
print(pcall(function() local t = {} return t.field.y end))
print(pcall(function() local t = {} return t:method() end))
print(pcall(function() local x = {} return x + 1 end))
print(pcall(function() local x = {} return x .. "a" end))
local f = "local a1"
for i = 2, 50 do f = f .. ",a" .. i end
print(loadstring(f) ~= nil, loadstring(f .. ",a51"))
print(pcall(assert, false), pcall(assert, nil, "text"))
print("cut\0off")
