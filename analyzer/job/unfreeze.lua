-- unfreeze.lua: functions of an image or an area as .lc files, 1.lc, 2.lc ...
-- In: SOURCE, "lfs" or "freezer". Out: a line for each name on standard output: result, number of the file,
-- 0, 0, the name and, if it was left out, why.
local names = {}
if SOURCE == "lfs" then
    names = node.LFS.list() or {}
elseif select(5, freezer.info(true)).refused then
    error "the runtime does not take the freezer area"
else
    for name in pairs(freezer.list()) do
        names[#names + 1] = name
    end
end
table.sort(names)
for number, name in ipairs(names) do
    local f, why
    if SOURCE == "lfs" then
        f = node.LFS.get(name)
    elseif freezer.list()[name].kind ~= "function" then
        why = "a " .. freezer.list()[name].kind .. ", which an image cannot hold"
    else
        f = freezer.module(name, true)
    end
    if f then
        assert(file.putcontents(number .. ".lc", string.dump(f, 0)), "cannot write " .. number .. ".lc")
    end
    print((f and "frozen" or "refused") .. "\t" .. number .. "\t0\t0\t" .. name .. "\t" .. (why or ""))
end
