-- package and require of the firmware: path, loaders, tables of modules in flash, globals.
print(package.path, "[" .. package.cpath .. "]", #package.loaders, (package.config:gsub("\n", "|")))
for i, loader in ipairs(package.loaders) do print(i, type(loader), i > 2 and loader("x")) end
local names = {}
for name in pairs(package) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
for name, value in pairs(package.loaded) do print(name, value == package) end

-- A global table of the name is the module, also one in flash.
print(require("string") == string, require("node") == node, package.loaded.string)
mine = { value = 1 }
print(require("mine") == mine, package.loaded.mine)
text = "no table"
print(pcall(require, "text"))
print(pcall(require, "no.such.module"))

-- Loaders 3 and 4 do nothing; the application's _init replaces them.
package.loaders[3] = function(name)
    if name == "from.flash" then return function(...) return "loaded as " .. ... end end
end
print(require("from.flash"), package.loaded["from.flash"])
package.preload.pre = function(name) return { name = name } end
print(require("pre").name, package.loaded.pre.name)
print(package.loadlib("x", "y"))

-- module and seeall.
loadstring([[module(..., package.seeall) value = type(print)]])("made.here")
print(made.here.value, made.here._NAME, made.here._PACKAGE, require("made.here") == made.here)
loadstring([[module(...) value = 5]])("closed")
print(closed.value, closed.print)

-- Tables of the C interface have a twin that is garbage at once: module makes the module and its metatable.
local garbage = 0
local function make_module() module("twins", package.seeall) end
node.egc.setmode(node.egc.NOT_ACTIVE)
collectgarbage()
make_module()
garbage = collectgarbage("count")
collectgarbage()
garbage = (garbage - collectgarbage("count")) * 1024
node.egc.setmode(node.egc.ALWAYS, 4096)
print(garbage)
