-- string in the firmware's dialect: the operator %, 10 captures, strip levels, items of 128
-- characters, 32-bit numbers, the length limit of the default collector mode.
print("-- operator")
print("%d apples" % 5, "%s" % "x", "%s %s" % { "a", "b" }, "%5.1f|" % 2.25, "none" % {}, "%%" % {})
print(pcall(function() return "%s %s" % "one" end))
print(pcall(function() return "%d" % "x" end))
print(pcall(function() return "%d" % {} end))
print(pcall(function() return "%d" % nil end))
print(pcall(function() return 5 % "x" end))
print(5 % "3", "7" % 4, "%d" % 3 .. "!")

print("-- captures")
print(select("#", (("a"):rep(10)):match(("(a)"):rep(10))))
print(pcall(string.match, ("a"):rep(11), ("(a)"):rep(11)))

print("-- nesting of patterns")
print(pcall(string.find, ("a"):rep(300), ("a?"):rep(150)))
print(pcall(string.find, ("a"):rep(300), ("a?"):rep(250)))

print("-- dump")
local function sample(a)
    local b = a
    error("here")
end
print(pcall(loadstring(string.dump(sample, false))))
print(pcall(loadstring(string.dump(sample, true))))
print(pcall(loadstring(string.dump(sample, 0))))
print(pcall(loadstring(string.dump(sample, 2))))
print(#string.dump(sample, 1) == #string.dump(sample, 2), #string.dump(sample) == #string.dump(sample, 2))
print(pcall(string.dump, sample, 3))
print(pcall(string.dump, sample, -1))
print(pcall(string.dump, sample, "x"))
print(pcall(string.dump, print))

print("-- format")
print(("%d %d %d"):format(2 ^ 31, -2 ^ 31, -2 ^ 40), ("%x %u %o"):format(-1, -1, -1), ("%x"):format(2 ^ 32 + 5))
print(("%d %x"):format(0 / 0, -2 ^ 33) ~= nil, ("%5.1f %e %g"):format(1, 1, 1))
print(#("%99.99f"):format(1e60), #("%.99f"):format(1), #("%99d"):format(1))
print(#("%s"):format(("x"):rep(200)), #("%.99s"):format(("x"):rep(200)))

print("-- length limit")
print(#("q"):rep(4095), pcall(string.rep, "q", 4096))
print(pcall(function() local s = ("q"):rep(2048) return #(s .. s) end))
print(pcall(function() local s = ("q"):rep(2047) return #(s .. s .. "x") end))
print(pcall(table.concat, { ("x"):rep(4000), ("y"):rep(95) }) and "4095", pcall(table.concat, { ("x"):rep(4000), ("y"):rep(96) }))
node.egc.setmode(node.egc.ON_ALLOC_FAILURE)
print(#("q"):rep(4096), #("q"):rep(40000))

print("-- functions")
local names = {}
for name, f in pairs(string) do names[#names + 1] = name .. "=" .. type(f) end
table.sort(names)
print(table.concat(names, " "))
print(string.gfind == string.gmatch, getmetatable("").__index == string, getmetatable("").__mod ~= nil)
