-- init.lua: a notice board put together from libraries of Debian, as an application for a device.

local start = node and node.LFS.get("_init")
if start then
    start()
elseif not node then
    package.path = (arg[0]:match("^(.*/)") or "./") .. "?.lua"
end

-- A device's math is small and cannot be written, but it can be covered.
if not math.fmod then
    math = setmetatable({fmod = require("mathx").fmod}, {__index = math})
end
require("board").run()
