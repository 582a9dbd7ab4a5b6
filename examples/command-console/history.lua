-- history.lua: the last lines, and `!` at the start of a line.
--
-- add(line)      keeps it under the next number, unless it equals the line before
-- recall(line)   !! is the last line, !12 that number, !text the last that begins so,
--                with what follows a blank added; or nil and the reason
-- each()         iterates over number and line

local M = {}

local SIZE = 24
local lines, last = {}, 0

-- Line of a number that is still kept, or nil.
local function line_at(number)
    if number > last or number <= last - SIZE or number < 1 then return nil end
    return lines[(number - 1) % SIZE + 1]
end

function M.add(line)
    if line_at(last) == line then return end
    last = last + 1
    lines[(last - 1) % SIZE + 1] = line
end

local function find(prefix)
    for number = last, math.max(1, last - SIZE + 1), -1 do
        local line = line_at(number)
        if line:sub(1, #prefix) == prefix then return line end
    end
end

function M.recall(line)
    local what, rest = line:match("^!(%S+)(.*)$")
    if not what then return line end
    local found
    if what == "!" then
        found = line_at(last)
    elseif tonumber(what) then
        found = line_at(tonumber(what))
    else
        found = find(what)
    end
    if not found then return nil, "no line " .. what .. " in the history" end
    return found .. rest
end

function M.each()
    local number = math.max(0, last - SIZE)
    return function()
        if number >= last then return nil end
        number = number + 1
        return number, line_at(number)
    end
end

return M
