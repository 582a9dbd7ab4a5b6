-- start.lua MODULE ARGS...: runs a module of the mounted image.
local module, why = node.LFS.get((...))
if not module then error("no module '" .. (...) .. "' in LFS", 0) end
module(select(2, ...))
