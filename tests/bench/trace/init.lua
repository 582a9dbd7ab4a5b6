-- init.lua: the work on a device, both modules in its flash: 12 million events in a heap of 44 KB.
local index = node.flashindex or node.LFS.get
table.insert(package.loaders, function(name) return (index(name)) end)
require("work")(require("dkjson"), 3000, 3)
