-- main.lua EDITION: runs init_EDITION out of the image and prints what it offers.
local edition = ...
local init = (node.LFS and node.LFS.get or node.flashindex)("init_" .. edition)
init()

print("call", LFS.answer("x", 7))
print("absent", LFS.nothing)
print("time", LFS._time)

local list = {}
for i, name in ipairs(LFS._list) do list[i] = name end
table.sort(list)
print("list", table.concat(list, " "))

local mapped, physical, size = LFS._config[1], LFS._config[2], LFS._config[4]
print("config", mapped - physical == 0x40200000, size > 0, size % 4, mapped < 0x40300000)

print("unknown property", LFS._nothing)
print("write", pcall(function() LFS.answer = 1 end))
print("again", LFS.answer())

local sum = require("sum")
print("require", sum.name, sum.of(1, 2, 3), package.loaded.sum == sum, require("sum") == sum)
print("require absent", (pcall(require, "absent")))
print("flashindex", type(node.flashindex("answer")), node.LFS and node.flashindex("nothing"))

if edition == "current" then
    print("loadfile", type(loadfile("sum.lua")), type(loadfile("sum.lc")), loadfile("absent.lua"))
    print("dofile", dofile("answer.lua"))
    print("taken away", module, package.seeall)
end
