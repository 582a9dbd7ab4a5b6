-- frozen_constants(text): the source with every table constructor of constants in a call of FROZEN, which freezes
-- the table with an overlay, and those in it. Not those that are empty or first arguments: setmetatable wants one in RAM.
local function frozen_constants(text)
    local at, last, before, starts, out, copied = 1, "", "", {}, {}, 1
    local function token()
        local from = text:find("%S", at)
        if not from then return nil end
        local rest, to = text:sub(from, from + 1), from
        local long = text:match("^%-%-%[=*%[", from) or text:match("^%[=*%[", from)
        if long then
            to = select(2, text:find("]" .. long:match "=*" .. "]", from, true))
        elseif rest == "--" or (from == 1 and rest:sub(1, 1) == "#") then
            to = (text:find("\n", from, true) or #text + 1) - 1
        elseif rest:find "^[\"']" then
            local quote = rest:sub(1, 1)
            repeat
                to = text:find("[\\" .. quote .. "]", to + 1)
                local is_escape = text:sub(to, to) == "\\"
                if is_escape then to = to + 1 end
            until not is_escape
        elseif rest:find "^[%a_]" then
            to = select(2, text:find("^[%w_]+", from))
        elseif rest:find "^%d" or rest:find "^%.%d" then
            to = select(2, text:find("^[%w.]+", from))
            if text:find("^%x*[eE]$", from) or text:sub(to, to):find "[eE]" and not text:find("^0[xX]", from) then
                to = select(2, text:find("^[+-]?%d*", to + 1))
            end
        elseif rest == ".." or rest == "==" or rest == "~=" or rest == "<=" or rest == ">=" then
            to = from + 1
        end
        at = to + 1
        if rest == "--" or long and long:find "^%-%-" then return token() end
        return text:sub(from, to), from, to
    end
    -- Of the constructors that are open: where each begins, whether all so far is constant, how many items.
    while true do
        local word, from, to = token()
        if not word then break end
        local open = starts[#starts]
        if word == "{" then
            starts[#starts + 1] = {from = from, is_constant = true, items = 0, is_first = last == "(" and before:find "^[%a_]" ~= nil}
        elseif word == "}" and open then
            starts[#starts] = nil
            local outer = starts[#starts]
            if outer then
                outer.items = outer.items + 1
                outer.is_constant = outer.is_constant and open.is_constant
            end
            if open.is_constant and (open.items > 0 or outer) and not open.is_first then
                out[#out + 1] = {at = open.from, text = "(FROZEN"}
                out[#out + 1] = {at = to + 1, text = ")"}
            end
        elseif open then
            local is_name = word:find "^[%a_]" and word ~= "true" and word ~= "false" and word ~= "nil"
            if is_name and not text:find("^%s*=[^=]", at) or not is_name and not word:find "^[%w.\"',;=%[%]-]" or word == ".." or word == "==" or
                word == "-" and not last:find "^[={,;%[]$" then
                open.is_constant = false
                for _, one in ipairs(starts) do one.is_constant = false end
            end
            open.items = open.items + 1
        end
        before, last = last, word
    end
    table.sort(out, function(a, b) return a.at < b.at end)
    for i, one in ipairs(out) do
        out[i], copied = text:sub(copied, one.at - 1) .. one.text, one.at
    end
    return table.concat(out) .. text:sub(copied), #out / 2
end
