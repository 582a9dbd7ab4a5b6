-- init_current.lua: an `_init` in the manner of the present firmware: node.LFS.get instead of
-- flashindex, no module() and package.seeall, and loadfile and dofile that fall back on flash.

local get = node.LFS.get
local from_file = loadfile

local store = {}
store.__index = function(_, name)
    local first, mapped, physical, size, modules = get(name)
    if not mapped then return first end
    if name == "_time" then return first end
    if name == "_list" then return modules end
    if name ~= "_config" then return nil end
    local files_at, files_size
    if file then files_at, files_size = file.fscfg() end
    return {mapped, physical, files_at, size, files_size}
end
store.__newindex = function(_, name)
    error("LFS is readonly. Invalid write to LFS." .. name, 2)
end
local G = getfenv()
rawset(G, "LFS", setmetatable(store, store))

module = nil
package.seeall = nil
package.loaders[3] = function(name)
    return get(name) or "\n\tmodule '" .. name .. "' is not in LFS"
end

function G.loadfile(name)
    local chunk = from_file(name)
    if chunk then return chunk end
    local base = name:match("(.*)%.l[uc]a?$")
    chunk = base and get(base)
    if chunk then return chunk end
    return nil, "Cannot find '" .. name .. "' in FS or LFS"
end

function G.dofile(name)
    return assert(G.loadfile(name))()
end
