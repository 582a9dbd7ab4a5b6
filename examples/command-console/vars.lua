-- vars.lua: variables and aliases, and what `$` means in a command line.
--
-- get(name) set(name, value) each()       variables; `status` is the last command's, 0 or 1
-- eval(text)                              value of an expression, or nil and the reason
-- alias(name, text) expand_alias(words)   an alias stands for the first words of a command
-- expand(text)                            $name, ${name} and $(expression) replaced;
--                                         or nil and the reason

local sorted = require("sorted")

local M = {aliases = {}}

local values = {}

function M.get(name)
    return values[name]
end

function M.set(name, value)
    values[name] = value
end

function M.each()
    return sorted.pairs(values)
end

function M.alias(name, text)
    M.aliases[name] = text
end

-- The value of an expression; its reader is let go again at once.
function M.eval(text)
    local expr = require("expr")
    package.loaded.expr = nil
    return expr.eval(text, M.get)
end

local function value_of(name)
    local value = values[name]
    if value == nil then error("no variable " .. name, 0) end
    return tostring(value)
end

local function replace(text)
    text = text:gsub("%$(%b())", function(inner)
        local value, why = M.eval(inner)
        if value == nil then error(why, 0) end
        return tostring(value)
    end)
    text = text:gsub("%${(%w+)}", value_of)
    return (text:gsub("%$(%a[%w_]*)", value_of))
end

function M.expand(text)
    if not text:find("$", 1, true) then return text end
    local ok, result = pcall(replace, text)
    if ok then return result end
    return nil, result
end

-- Replaces the first word of a list of tokens, again and again, each alias once.
function M.expand_alias(tokens, parse_words)
    local used = {}
    while tokens[1] and M.aliases[tokens[1].text] and not used[tokens[1].text] do
        local name = tokens[1].text
        used[name] = true
        local longer = parse_words(M.aliases[name])
        for i = 2, #tokens do longer[#longer + 1] = tokens[i] end
        tokens = longer
    end
    return tokens
end

return M
