-- Manual 2.9 and 5.1, 5.3: environments, setfenv, getfenv, module, require with preload.

print(getfenv() == _G, getfenv(1) == _G, getfenv(0) == _G, getfenv(print) == _G)

-- A chunk's own environment.
local env = {print = print, tostring = tostring}
local chunk = loadstring("x = 1 y = 'two' print(x, y, z) return function() return x, y end")
setfenv(chunk, env)
local reader = chunk()
print(env.x, env.y, x, y, reader())
env.x = 5
print(reader())

-- A function takes the environment of its maker.
local function maker() return function() return where end end
where = "global"
local f1 = maker()
setfenv(maker, {where = "given"})
local f2 = maker()
print(f1(), f2())
setfenv(f1, {where = "own"})
print(f1(), f2(), where)
where = nil

-- setfenv with levels, and its result.
local function level()
    local r = setfenv(1, {setfenv = setfenv, getfenv = getfenv, mark = "level 1"})
    return mark, getfenv(1).mark, r ~= nil
end
print(level())
local function caller()
    local function inner() setfenv(2, setmetatable({mark = "level 2"}, {__index = _G})) end
    inner()
    return mark
end
print(caller(), mark)
print(setfenv(f1, _G) == f1, getfenv(f1) == _G)
print(getfenv(caller).mark)

-- What cannot be.
print(pcall(setfenv, print, {}))
print(pcall(setfenv, 1))
print(pcall(setfenv, 50, {}))
print(pcall(setfenv, -1, {}))
print(pcall(getfenv, 50))
print(pcall(getfenv, -1))
print(pcall(setfenv, "x", {}))
print(pcall(getfenv, {}))

-- Environments with metatables: a sandbox.
local sandbox = setmetatable({}, {__index = _G})
local inside = loadstring("counter = (counter or 0) + 1 return counter, print ~= nil")
setfenv(inside, sandbox)
inside() inside()
print(counter, sandbox.counter, inside())
local strict = setmetatable({}, {__index = function(_, k) error("no global " .. k, 2) end})
local bad = setfenv(loadstring("return unknown_thing", "=strict"), strict)
print(pcall(bad))
local written = {}
local spy = setmetatable({}, {__newindex = function(t, k, v) written[#written + 1] = k rawset(t, k,
    v) end})
setfenv(loadstring("a = 1 b = 2 a = 3"), spy)()
print(table.concat(written, ","), spy.a, spy.b)

-- The environment of a thread.
local co = coroutine.create(function()
    setfenv(0, setmetatable({thread_value = "in thread"}, {__index = _G}))
    local made = loadstring("return thread_value")
    return made(), thread_value
end)
print(coroutine.resume(co))
print(loadstring("return thread_value")())

-- Coroutines and pcall keep functions' environments.
local g = setfenv(function() return value end, {value = "kept"})
print(pcall(g), coroutine.wrap(g)(), select(2, pcall(g)))

-- module: a table in package.loaded and in a global.
local function define()
    module("mod_one", package.seeall)
    value = 42
    function get() return value, type(print) end
end
define()
print(mod_one.value, mod_one.get())
print(package.loaded.mod_one == mod_one, mod_one._NAME, mod_one._M == mod_one,
    mod_one._PACKAGE == "")
local function define_nested()
    module("outer_mod.inner_mod")
    field = "nested"
end
define_nested()
print(outer_mod.inner_mod.field, outer_mod.inner_mod._NAME, outer_mod.inner_mod._PACKAGE)
print(package.loaded["outer_mod.inner_mod"] == outer_mod.inner_mod, outer_mod.inner_mod.print)
local function again()
    module("mod_one")
    return value
end
print(again())
plain_value = 5
print(pcall(function() module("plain_value") end))
plain_value = nil
local options = {}
local function with_options()
    module("mod_two", function(m) options[#options + 1] = m._NAME end,
        function(m) m.extra = "e" end)
end
with_options()
print(options[1], mod_two.extra)

-- require with package.preload and package.loaded.
package.preload["pre.one"] = function(name, ...)
    return {name = name, more = select("#", ...)}
end
local one = require("pre.one")
print(one.name, one.more, require("pre.one") == one, package.loaded["pre.one"] == one)
package.preload["pre.two"] = function() end
print(require("pre.two"), package.loaded["pre.two"])
package.preload["pre.three"] = function(name) package.loaded[name] = "set by itself" end
print(require("pre.three"))
package.preload["pre.four"] = function() return false end
print(require("pre.four"), package.loaded["pre.four"])
package.loaded["pre.five"] = "five"
print(require("pre.five"))
package.preload["pre.six"] = function() error("broken", 0) end
print(pcall(require, "pre.six"))
package.preload["pre.seven"] = function(name) return require(name) end
print(pcall(require, "pre.seven"))
package.loaded["pre.one"] = nil
print(require("pre.one") ~= one)

-- Own loaders.
local asked = {}
table.insert(package.loaders, 2, function(name)
    asked[#asked + 1] = name
    if name == "from.loader" then return function(n) return n .. " loaded" end end
    return "\n\tnot from here: " .. name
end)
print(require("from.loader"), require("from.loader"), table.concat(asked, " "))
print((select(2, pcall(require, "from.nowhere")):find("\n\tnot from here: from.nowhere", 1,
    true)) ~= nil)
table.remove(package.loaders, 2)
