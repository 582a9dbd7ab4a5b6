-- package, require, module: preloaded modules, loaders of one's own, loops, errors, module options.
local function show(...)
    local t = {}
    for i = 1, select("#", ...) do
        local v = select(i, ...)
        t[i] = (type(v) == "table" or type(v) == "function") and type(v) or tostring(v)
    end
    print(table.concat(t, " "))
end
local function try(f, ...) show(pcall(f, ...)) end
-- Without what depends on where modules are looked for.
local function short(...)
    local ok, message = ...
    show(ok, (tostring(message):gsub("\n\tno file [^\n]*", "")))
end

print("-- fields")
show(type(package.path), type(package.cpath), type(package.loaded), type(package.preload), type(package.loaders), #package.loaders)
show((package.config:gsub("\n", "|")), type(package.seeall), type(package.loadlib))
show(package.loaded.package == package)

print("-- preload")
package.preload.pre = function(...) show("loading", ...) return { value = 1 } end
show(require("pre").value, require("pre") == package.loaded.pre)
package.preload.silent = function() end
show(require("silent"), package.loaded.silent, require("silent"))
package.preload.falsy = function() return false end
show(require("falsy"), package.loaded.falsy, require("falsy"))
package.preload.own = function(name) package.loaded[name] = "set by itself" end
show(require("own"))
package.preload["dotted.name"] = function(name) return name end
show(require("dotted.name"))
package.loaded.already = "there"
show(require("already"))

print("-- errors")
short(pcall(require, "no.such.module"))
package.preload.loop = function() return require("loop") end
short(pcall(require, "loop"))
short(pcall(require, "loop"))
package.preload.broken = function() error("broken inside", 0) end
short(pcall(require, "broken"))
short(pcall(require, "broken"))
package.loaded.broken = nil
short(pcall(require, "broken"))
try(require)
try(require, {})
local saved = package.preload
package.preload = nil
short(pcall(require, "other"))
package.preload = saved

print("-- loaders")
table.insert(package.loaders, 2, function(name)
    if name == "mine" then return function(...) return { "mine", ... } end end
    return "\n\tmy loader does not know '" .. name .. "'"
end)
show(unpack(require("mine")))
short(pcall(require, "unknown"))
package.loaders[2] = function(name) if name == "quiet" then return nil end end
short(pcall(require, "quiet"))
package.loaders[2] = function() error("loader fails", 0) end
short(pcall(require, "fails"))
table.remove(package.loaders, 2)
local all = package.loaders
package.loaders = 5
try(require, "anything")
package.loaders = {}
try(require, "anything")
package.loaders = all

print("-- files")
local path = package.path
package.path = "./no-such-directory/?.x;;/no-such/?/init.x"
local ok, message = pcall(require, "a.b")
show(ok, message:match("^(.-\n.-\n.-\n[^\n]*)"))
package.path = nil
short(pcall(require, "a.b"))
package.path = 5
show(pcall(require, "a.b") == false)
package.path = path

print("-- module")
local G = _G
do
    local f = loadstring [[
        module(..., package.seeall)
        value = 5
        function get() return value, _NAME, _PACKAGE, _M == package.loaded[_NAME] end
    ]]
    f("outer.inner.mod")
    show(outer.inner.mod.get())
    show(package.loaded["outer.inner.mod"] == outer.inner.mod, rawget(_G, "value"))
    f("plain")
    show(plain.get())
    plain.extra = 1
    f("plain")
    show(plain.extra)
end
loadstring [[
    local show, G = ...
    module("options", function(m) show("option", m._NAME) m.flag = true end, package.seeall)
    show(flag, print == G.print)
]](show, G)
loadstring [[ local p = ... module("closed") seen = p == nil ]](nil)
show(closed.seen, closed.print)
loadstring [[ local show, select = ... show(select("#", module("counted"))) ]](show, select)
conflict = 5
short(pcall(loadstring 'module("conflict")'))
short(pcall(loadstring 'module("conflict.sub")'))
short(pcall(loadstring 'module()'))
short(pcall(module, "direct"))
package.loaded.given = { marker = "kept" }
loadstring 'module("given", ...) found = marker' (package.seeall)
show(given == nil, package.loaded.given.found, package.loaded.given._NAME)
try(package.seeall)
try(package.seeall, 5)
local s = {}
package.seeall(s)
show(s.print == print, getmetatable(s).__index == _G)
local has_meta = setmetatable({}, { __len = 1 })
package.seeall(has_meta)
show(has_meta.type == type, getmetatable(has_meta).__len)
