-- init_first.lua: an `_init` as the first edition of the flash store paper describes it: five
-- values from node.flashindex, and the third place of package.loaders.

local index = node.flashindex

local store = {}

function store.__index(_, name)
    local first, mapped, physical, size, modules = index(name)
    if not mapped then return first end
    if name == "_time" then return first end
    if name == "_list" then return modules end
    if name ~= "_config" then return nil end
    local files_at, files_size
    if file then files_at, files_size = file.fscfg() end
    return {mapped, physical, files_at, size, files_size}
end

function store.__newindex(_, name)
    error("LFS is readonly. Invalid write to LFS." .. name, 2)
end

rawset(getfenv(), "LFS", setmetatable(store, store))

package.loaders[3] = function(module)
    local found, mapped = index(module)
    return mapped and "Module not in LFS" or found
end
