-- Pieces of the other scripts with tokens lost, doubled, swapped or replaced, and with characters
-- lost or put in: what the compiler says of each, or that it takes it. Arguments: SEED COUNT.
local seed, count = tonumber(arg[1]), tonumber(arg[2])
local choose = dofile("support/choose.lua")(seed)

local FILES = {
    "../language/assignment.lua", "../language/closures.lua", "../language/coroutines.lua",
    "../language/environments.lua", "../language/functions.lua", "../language/lexical.lua",
    "../language/loops.lua", "../language/metatables.lua", "../language/programs.lua",
    "../language/tables.lua", "../lib/patterns.lua", "../lib/base.lua", "../generate.lua",
}
local TOKENS = {
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local",
    "nil", "not", "or", "repeat", "return", "then", "true", "until", "while", "+", "-", "*", "/",
    "%", "^", "#", "==", "~=", "<=", ">=", "<", ">", "=", "(", ")", "{", "}", "[", "]", ";", ":",
    ",", ".", "..", "...", "x", "_G", "1", "0x", "0xg", "1e", "1.2.3", "3..4", "'s'", "'s", "\"",
    "[[l]]", "[==[l]==]", "[=[", "[=", "--", "--[[", "--[==[ c ]==]", "\\", "'\\300'", "'\\", "@",
    "$", "!", "~", "`", "?", "\0", "\1", "\127", "\200", "'a\\\nb'", "'a\nb'", "\r\n", "\n\r", "\r",
    "goto", "//", "0x1p4", "1e+", "08", "1e5x", "&", "|", "::", "[[\n\nx]]", "a.b:c", "f{}", "f''",
    "=>", "'\\x41'", "'\\z'", "0xffffffffff", "1e400", ".5", "5.", "...x",
}

local lines = {}
for _, name in ipairs(FILES) do
    for line in io.lines(name) do lines[#lines + 1] = line end
end

-- Texts stay whole, blanks belong to the token before them.
local function tokens_of(text)
    local tokens, at = {}, 1
    while at <= #text do
        local first, last = text:find("^%-%-[^\n]*%s*", at)
        if not first then first, last = text:find("^[%a_][%w_]*%s*", at) end
        if not first then first, last = text:find("^%d[%w.]*%s*", at) end
        if not first then first, last = text:find('^"[^"\n]*"%s*', at) end
        if not first then first, last = text:find("^'[^'\n]*'%s*", at) end
        if not first then first, last = text:find("^[=~<>]=%s*", at) end
        if not first then first, last = text:find("^%.+%s*", at) end
        if not first then first, last = text:find("^.%s*", at) end
        tokens[#tokens + 1] = text:sub(first, last)
        at = last + 1
    end
    return tokens
end

local function change_token(tokens)
    local at, kind = choose.number(#tokens), choose.number(6)
    if kind == 1 then
        table.remove(tokens, at)
    elseif kind == 2 then
        table.insert(tokens, at, tokens[at])
    elseif kind == 3 then
        local other = choose.number(#tokens)
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elseif kind == 4 then
        tokens[at] = " " .. choose.of(TOKENS) .. " "
    elseif kind == 5 then
        table.insert(tokens, at, " " .. choose.of(TOKENS) .. " ")
    else
        tokens[at] = choose.of(TOKENS)
    end
end

local function change_character(text)
    local at = choose.number(#text + 1)
    local kind = choose.number(3)
    if kind == 1 then return text:sub(1, at - 1) .. text:sub(at + 1) end
    local char = string.char(choose.number(256) - 1)
    if kind == 2 then return text:sub(1, at - 1) .. char .. text:sub(at) end
    return text:sub(1, at)
end

local NAMES = {"=m", "@file.lua", "x = 1", "a long text of a chunk, cut " .. ("x"):rep(60),
    "two\nlines", "@" .. ("long/"):rep(20) .. "name.lua", "=" .. ("n"):rep(80), ""}
for i = 1, count do
    local first = choose.number(#lines)
    local text = table.concat(lines, "\n", first, math.min(#lines, first + choose.number(25)))
    local tokens = tokens_of(text)
    for _ = 1, choose.number(3) - 1 do
        if #tokens > 0 then change_token(tokens) end
    end
    text = table.concat(tokens)
    if choose.chance(20) then text = change_character(text) end
    local f, message = loadstring(text, choose.chance(20) and choose.of(NAMES) or "=m")
    print(i, first, f and "taken" or choose.text(message))
end
