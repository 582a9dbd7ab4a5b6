-- The original's idiom: all that dofile loads is frozen, and the program has more RAM.
local function live()
    collectgarbage()
    return (node.egc.meminfo())
end
local before = live()
local plain = assert(loadfile "module.lua") "plain"
local in_ram = live() - before
local texts = plain.step(3) .. " " .. plain.describe()
plain = nil
before = live()
dofile = function (f)
   return freezer.freeze(loadfile(f))("plain")
   end
local frozen = dofile "module.lua"
local left = live() - before
print(frozen.step(3) .. " " .. frozen.describe() == texts, left < in_ram / 2)
