-- app.lua: settings of the form name=value.
local M = {}

function M.parse(line)
    return line:match("^(%w+)=(.*)$")
end

function M.show(name, value)
    return string.format("%s is %d", name, value)
end

return M
