-- basics.lua: commands of the console itself: text, variables, aliases, history, help.
--
-- A command is a function of (args, out, console) that writes lines through out(line) and
-- returns true, or nil and the reason; `roles` says who may run it (guest if absent).

local columns = require("columns")
local history = require("history")
local sorted = require("sorted")
local vars = require("vars")

local M = {roles = {}}

function M.echo(args, out)
    out(table.concat(args, " "))
    return true
end

function M.eval(args, out, console)
    local value, why = console.eval(table.concat(args, " "))
    if value == nil then return nil, why end
    out(tostring(value))
    return true
end

function M.set(args, out)
    if #args == 0 then
        for name, value in vars.each() do out(name .. " = " .. tostring(value)) end
        return true
    end
    if args[2] ~= "=" or not args[1]:find("^%a[%w_]*$") then return nil, "NAME = VALUE expected" end
    vars.set(args[1], table.concat(args, " ", 3))
    return true
end

function M.unset(args)
    if vars.get(args[1] or "") == nil then return nil, "no variable " .. (args[1] or "") end
    vars.set(args[1], nil)
    return true
end

function M.alias(args, out)
    if #args == 0 then
        for name, text in sorted.pairs(vars.aliases) do out(name .. " -> " .. text) end
    elseif #args == 1 then
        vars.alias(args[1], nil)
    else
        vars.alias(args[1], table.concat(args, " ", 2))
    end
    return true
end

function M.history(_, out)
    for number, line in history.each() do out(string.format("%4d  %s", number, line)) end
    return true
end

M["repeat"] = function(args, out, console)
    local n = tonumber(args[1])
    if not n or n < 1 or n > 20 then return nil, "number from 1 to 20 expected" end
    local text = table.concat(args, " ", 2)
    for i = 1, n do
        vars.set("i", i)
        local ok, why = console.run(text:gsub("@", tostring(i)), out)
        if not ok then return nil, why end
    end
    return true
end

M["if"] = function(args, out, console)
    local value, why = console.eval(args[1] or "")
    if value == nil then return nil, why end
    if value == 0 or value == "" then return true end
    return console.run(table.concat(args, " ", 2), out)
end

local WIDTH, HEIGHT = 64, 6

function M.help(args, out, console)
    local help = console.overlay("help")
    if not args[1] then
        local text = "topics: " .. table.concat(help.names(), " ")
        for _, line in ipairs(columns.wrap(text, WIDTH)) do out(line) end
        return true
    end
    local text, usage = help.topic(args[1]), help.usage(args[1])
    if not text and not usage then return nil, "no help on " .. args[1] end
    if usage then out("usage: " .. usage) end
    if not text then return true end
    local wrapped = columns.wrap(text, WIDTH)
    local lines, page, pages = columns.page(wrapped, tonumber(args[2]) or 1, HEIGHT)
    for _, line in ipairs(lines) do out("  " .. line) end
    if pages > 1 then out(string.format("-- page %d of %d --", page, pages)) end
    return true
end

function M.quit(_, _, console)
    console.stop()
    return true
end

return M
