-- Lexical matters in detail: numerals, escapes, long brackets, comments, line ends, what the compiler
-- says near which token. Manual 2.1.
local function try(text, name)
    local f, message = loadstring(text, name or "=t")
    if not f then return print(message) end
    local results = {pcall(f)}
    for i = 1, table.maxn(results) do results[i] = tostring(results[i]):gsub("%z", "<0>") end
    print(table.concat(results, " ", 1, table.maxn(results)))
end

-- Numerals.
for _, text in ipairs({
    "3", "3.0", "3.1416", "314.16e-2", "0.31416E1", "0xff", "0x56", "0XA", "3.", ".5", "5e0", "5e+1",
    "5e-1", "08", "1e1e1", "0x", "0xg", "3x", "3..2", "3...2", "1.5.2", "0.0.", "1e", "1e+", "1e-x",
    "0xep1", "3_000", "1E5", "00012", "0x00ff", "1 .5", "- 5", "--5", "-- 5\n7", "1-1", "1--1\n",
    "2^-3", "-2^2", "2^3^2", "not nil == true", "1 .. 2", "1..2", "a.1", "1.e2", "0e12", "123456789012",
}) do
    try("return " .. text)
end

-- Escapes and ends of texts.
for _, text in ipairs({
    [['\a\b\f\n\r\t\v\\\"\'']], [['\65\066\0670']], [['\0\00\000x']], [['\255']], [['\256']], [['\9']],
    [['\999']], [['\x41\z\u']], "'a\\\nb'", "'a\\\r\nb'", "'a\\\n\rb'", "'a\nb'", "'open", '"open\\', "'a\\",
    "'\\", '"', "''", "'' ''", [['a' .. 'b']], "[[x]]", "[[\nx]]", "[[\n\nx]]", "[[\r\nx]]", "[==[a]]b]=]c]==]",
    "[=[", "[=[x]]", "[=x", "[==", "[[a]]]", "[[a]]..[[b]]", "[[ [[ ]]", "[=[ [[ ]] ]=]", "[[a\r\nb\n\rc\rd]]",
}) do
    try("return " .. text)
end

-- Comments and line ends.
for _, text in ipairs({
    "--", "--\nx", "--[[", "--[[ x ]] return 1", "--[==[ ]] ]=] ]==] return 2", "--[ x\nreturn 3", "--[=x\nreturn 4",
    "--[[ a\n\n\n]] error('line')", "\n\n\nerror('line')", "\r\rerror('line')", "\r\n\r\nerror('line')",
    "\n\r\n\rerror('line')", "\n\n\r\rerror('line')", "--[[\r\n\r\n]]error('line')", "#x", "# x\nreturn 1",
    "return--x\n5", "return--[[x]]5", "---[[x\nreturn 6", "--[[]]--[[]]return 7", "x = 1 --", "-", "--]]",
}) do
    try(text)
end

-- What stands near.
for _, text in ipairs({
    "x", "x =", "x = =", "x y", "x.1", "x.y.", "x:y", "x:y.z()", "x()y", "f(", "f(1", "f(1,", "f(1,)", "f{", "f{1,",
    "f{[1]}", "f{[1]=}", "f{x=}", "f'", "local", "local 1", "local x =", "local function", "local function f",
    "local function f(", "local function f(a,", "local function f(..., a) end", "local function f(1) end",
    "function", "function f", "function f.", "function f:g.h() end", "function f()", "function 1() end", "function f() end)",
    "if", "if x", "if x then", "if x then else", "if x then elseif", "if x then else elseif y then end", "if x else end",
    "while", "while x", "while x do", "do", "do end end", "repeat", "repeat until", "repeat x", "for", "for 1", "for x",
    "for x =", "for x = 1", "for x = 1,", "for x = 1, 2", "for x = 1, 2, 3, 4 do end", "for x.y = 1, 2 do end",
    "for x, y = 1, 2 do end", "for x in", "for x in y", "for x, 1 in y do end", "return return", "return 1,", "return; x = 1",
    "break", "do break end", "while true do break x = 1 end", "return break", "x = }", "x = )", "x = ]", "x, = 1", "x, y",
    "x() = 1", "(x) = 1", "(x)", "x, f() = 1", "...", "x = ...", "function f() return ... end", "and", "x = and", "x = not",
    "x = -", "x = 1 +", "x = (1", "x = (1\n\n", "x = {\n1,\n\n", "if x then\n\n", "f(\n\n1", "f\n(1)", "x = f\n(1)", "f\n'x'",
    "x = @", "x = $5", "x = 'a' 'b'", "x = ~1", "x ~= 1", "x == 1", "x = !y", "goto = 1", "x = 5 5", "end", "until x",
    "x = function", "x = function(", "x = function() return", "x = function f() end", "local x, y, = 1", "x.y:z = 1",
    "local a.b = 1", "return function", "x = a b = 2", "x = {1 2}", "x = {1; 2, 3;}", "x = {,}", "x = {;}", "\127", "x = \200",
}) do
    try(text)
end

-- Names of chunks in messages.
for _, name in ipairs({"=name", "@name.lua", "name", "two\nlines", "=" .. ("n"):rep(100), "@" .. ("f"):rep(100),
    ("s"):rep(100), "", "=", "@", "short\n", "\n", "x = 1", ("line "):rep(5) .. "\nmore"}) do
    try("x =", name)
    try("error('here')", name)
end
