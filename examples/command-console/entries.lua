-- entries.lua: commands that concern the store, and the devices in it. See basics.lua for what
-- a command is.

local columns = require("columns")
local store = require("store")

local M = {roles = {
    put = "operator", del = "operator", clear = "admin", load = "admin",
    switch = "operator", dim = "operator", define = "admin",
}}

function M.put(args)
    if #args < 2 then return nil, "KEY VALUE expected" end
    return store.put(args[1], table.concat(args, " ", 2))
end

function M.get(args, out)
    local value = store.get(args[1] or "")
    if value == nil then return nil, "no entry " .. (args[1] or "") end
    out(value)
    return true
end

function M.del(args)
    return store.remove(args[1] or "")
end

function M.find(args, out)
    for _, key in ipairs(store.find(args[1] or "**")) do out(key) end
    return true
end

function M.clear(args, out)
    local keys = store.find(args[1] or "")
    for _, key in ipairs(keys) do store.remove(key) end
    out(#keys .. " removed")
    return true
end

function M.save(_, out)
    store.save(out)
    return true
end

function M.load(args)
    return store.load(table.concat(args, " "))
end

function M.each(args, out, console)
    local text = table.concat(args, " ", 2)
    for _, key in ipairs(store.find(args[1] or "")) do
        local ok, why = console.run((text:gsub("%%", (key:gsub("%%", "%%%%")))), out)
        if not ok then return nil, why end
    end
    return true
end

-- ---- devices ----

local KINDS = {lamp = true, heater = true, fan = true, blind = true}

local function field(device, name)
    return "device/" .. device .. "/" .. name
end

local function kind_of(device)
    local kind = store.get(field(device or "", "kind"))
    if not kind then return nil, "no device " .. (device or "") end
    return kind
end

function M.define(args)
    local device, kind = args[1], args[2]
    if not KINDS[kind or ""] then return nil, "no kind " .. tostring(kind) end
    local ok, why = store.put(field(device, "kind"), kind)
    if not ok then return nil, why end
    store.put(field(device, "state"), "off")
    if kind == "lamp" then store.put(field(device, "level"), "100") end
    return true
end

function M.switch(args)
    local kind, why = kind_of(args[1])
    if not kind then return nil, why end
    if args[2] ~= "on" and args[2] ~= "off" then return nil, "on or off expected" end
    return store.put(field(args[1], "state"), args[2])
end

function M.dim(args)
    local kind, why = kind_of(args[1])
    local level = tonumber(args[2])
    if not kind then return nil, why end
    if kind ~= "lamp" then return nil, args[1] .. " is a " .. kind end
    if not level or level < 0 or level > 100 then return nil, "percent expected" end
    return store.put(field(args[1], "level"), level)
end

function M.list(_, out)
    local rows = {{"device", "kind", "state", "level"}}
    for _, key in ipairs(store.find("device/*/kind")) do
        local device = key:match("^device/(.-)/kind$")
        rows[#rows + 1] = {
            device, store.get(key), store.get(field(device, "state")),
            store.get(field(device, "level")) or "-",
        }
    end
    columns.rows(rows, out)
    return true
end

return M
