-- The devs image is exchanged while this runs: which.img has one version of the module `which`,
-- other.img another. Prints the same on every machine.

local function load()
    local which = node.LFS.which()
    package.loaded.which = which
    return which
end

local function show(...)
    print((tostring((...)):gsub("0x%x+", "ADDRESS")), select(2, ...))
end

local which = load()
print(which.get())
local texts = {[which.get()] = "by the old text"}
local kept = which.get()
which = nil
show(node.LFS.reload_devs "other.img")
which = load()
print(which.get(), kept, texts[kept], package.loaded.which == which)
holder = {deep = {which.get}}
which = nil
show(node.LFS.reload_devs "which.img")
holder = nil
show(node.LFS.reload_devs "which.img")
print(load().get() == kept, texts[load().get()], load().get())
show(node.LFS.reload_devs "none.img")
for i = 1, 5 do
    print(i, node.LFS.reload_devs(i % 2 == 0 and "which.img" or "other.img"))
    print(load().get())
end
print(node.LFS.reload_devs())
print(node.LFS.which, node.LFS.core())
