-- store.lua: texts under names such as device/lamp-3/state.
--
-- get(key) put(key, value) remove(key)
-- find(pattern)       sorted keys that match; '*' stands for anything but '/', '**' for anything
-- save(out)           lines `key=value`, each through out(line)
-- load(line)          takes such a line back; true, or nil and the reason
-- count, bytes        entries, and characters of keys and values

local sorted = require("sorted")

local M = {count = 0, bytes = 0}

local LIMIT = 64
local entries = {}

local function is_key(key)
    return key:find("^[%w_%-]+[%w_%-/.]*$") and not key:find("//", 1, true)
end

function M.get(key)
    return entries[key]
end

function M.remove(key)
    local value = entries[key]
    if value == nil then return nil, "no entry " .. key end
    entries[key] = nil
    M.count, M.bytes = M.count - 1, M.bytes - #key - #value
    return true
end

function M.put(key, value)
    if not is_key(key) then return nil, "'" .. key .. "' is not a name" end
    if entries[key] then
        M.remove(key)
    elseif M.count >= LIMIT then
        return nil, "store is full"
    end
    value = tostring(value)
    entries[key] = value
    M.count, M.bytes = M.count + 1, M.bytes + #key + #value
    return true
end

local function to_pattern(glob)
    local pattern = glob:gsub("[%-.+%%]", "%%%0")
    pattern = pattern:gsub("%*%*", "\1"):gsub("%*", "[^/]*"):gsub("\1", ".*")
    return "^" .. pattern .. "$"
end

function M.find(glob)
    local pattern, list = to_pattern(glob), {}
    for _, key in ipairs(sorted.keys(entries)) do
        if key:find(pattern) then list[#list + 1] = key end
    end
    return list
end

function M.save(out)
    for key, value in sorted.pairs(entries) do
        out(key .. "=" .. value:gsub("[%c%%]", function(c)
            return string.format("%%%02x", c:byte())
        end))
    end
end

function M.load(line)
    local key, value = line:match("^([^=]+)=(.*)$")
    if not key then return nil, "not an entry: " .. line end
    value = value:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
    return M.put(key, value)
end

return M
