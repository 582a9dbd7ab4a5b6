-- history.lua: the last lines, and `!` at the start of a line.
--
-- add(line)      keeps it under the next number, unless it equals the line before
-- recall(line)   !! is the last line, !12 that number, !text the last that begins so,
--                with what follows a blank added; or nil and the reason
-- each()         iterates over number and line

local M = {}

local SIZE = 24
local lines, last = {}, 0

function M.add(line)
    if lines[last] == line then return end
    last = last + 1
    lines[last] = line
    lines[last - SIZE] = nil
end

local function find(prefix)
    for number = last, math.max(1, last - SIZE + 1), -1 do
        if lines[number]:sub(1, #prefix) == prefix then return lines[number] end
    end
end

function M.recall(line)
    local what, rest = line:match("^!(%S+)(.*)$")
    if not what then return line end
    local found
    if what == "!" then
        found = lines[last]
    elseif tonumber(what) then
        found = lines[tonumber(what)]
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
        return number, lines[number]
    end
end

return M
