-- overlaid(f): f, frozen; its globals are fields of a frozen table with an overlay: what it assigns goes to
-- the overlay, what it reads comes from there or from flash.
local function overlaid(f)
    local base = {overlaid = "in flash"}
    for name in ([[assert error getmetatable loadstring next pcall print rawequal rawget rawset
                   select setmetatable tonumber tostring type unpack xpcall string table math]]):gmatch "%S+" do
        base[name] = _G[name]
    end
    local _, saved, why = freezer.freeze(base, {overlay = true})
    if freezer.isfrozen(base) ~= "freezer" then error("the globals are not frozen: " .. tostring(why or saved)) end
    local function look_up(_, name)
        local v = base[name]
        if v == nil then return _G[name] end
        return v
    end
    return setfenv(freezer.freeze(f), setmetatable({}, {__index = look_up, __newindex = base}))
end
