-- row.lua lfs|lc PROGRAM MODE: measures one row of the ledger, see golden/ledger/README.md.
local from, name, mode = ...
local held = "list" -- one text of lib.lua was in RAM already where the golden figures were taken

local function loader(module)
    if from == "lfs" then return node.LFS.get(module) end
    return assert(loadfile(module .. ".lc"))
end

loader("ledger")(name, tonumber(mode), loader, node.egc.peak)
