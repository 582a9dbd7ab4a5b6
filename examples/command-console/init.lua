-- init.lua: start of the command console.
--
-- On a device the modules come out of the Lua Flash Store, with `_init` as the way to them.
-- Elsewhere (any Lua 5.1) they are ordinary files beside this one.

local start = node and node.LFS.get("_init")
if start then
    start()
elseif not node then
    package.path = (arg[0]:match("^(.*/)") or "./") .. "?.lua"
end
require("console").run()
