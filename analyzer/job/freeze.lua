-- freeze.lua: what `frost freeze` has the runtime do: freezes what it names, as a program does by itself.
-- In: ITEMS, a list of {"module" or "data", name, file or nil}. Out: a line for each on standard output:
-- result, number of the item, bytes of flash, bytes of RAM saved, why it was refused.
local function used()
    local flags, bytes, area, is_sound, details = freezer.info(true)
    return math.max(bytes, 32 + 4 * details.slots)
end

for number, item in ipairs(ITEMS) do
    local before = used()
    local freeze = item[1] == "data" and freezer.data or freezer.module
    local is_done, value, saved, why = pcall(freeze, item[2], item[3])
    local result = "frozen"
    if not is_done or value == nil then
        result, saved, why = "failed", 0, is_done and saved or value
    elseif why then
        result = "refused"
    end
    why = tostring(why or ""):gsub("[%c]+", " ")
    print(result .. "\t" .. number .. "\t" .. used() - before .. "\t" .. saved .. "\t" .. why)
end
