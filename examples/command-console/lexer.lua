-- lexer.lua: a command line as tokens.
--
-- tokens(line)   list of tokens, or nil and the reason
-- A token is a table {kind, text}:
--   word     letters, digits and most signs, or $(expression)
--   quoted   'taken as it is' or "with $name"
-- expand is true where `$name` is to be replaced.
--   sign     one of ; | && ||
-- A '#' at the start of a word ends the line.

local M = {}

local SIGNS = {[";"] = true, ["|"] = true, ["&&"] = true, ["||"] = true}

local function quoted(line, pos, mark)
    local to = line:find(mark, pos + 1, true)
    if not to then return nil, "no closing " .. mark end
    local text = line:sub(pos + 1, to - 1)
    return {kind = "quoted", text = text, expand = mark == '"'}, to + 1
end

function M.tokens(line)
    local list, pos = {}, 1
    while true do
        pos = line:find("%S", pos)
        if not pos then return list end
        local c = line:sub(pos, pos)
        local token
        if c == "#" then
            return list
        elseif c == "'" or c == '"' then
            token, pos = quoted(line, pos, c)
            if not token then return nil, pos end
        elseif c == "$" and line:sub(pos, pos + 1) == "$(" then
            local text = line:match("^%$%b()", pos)
            if not text then return nil, "no closing )" end
            token, pos = {kind = "word", text = text, expand = true}, pos + #text
        else
            local text = line:match("^&&", pos) or line:match("^||", pos)
                or line:match("^[;|]", pos) or line:match("^[^%s;|\"']+", pos)
            local kind = SIGNS[text] and "sign" or "word"
            token, pos = {kind = kind, text = text, expand = kind == "word"}, pos + #text
        end
        list[#list + 1] = token
    end
end

return M
