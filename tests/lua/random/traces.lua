-- Random programs with scopes, closures, varargs, loops, coroutines, metamethods and errors, broken
-- into lines at random, that run under random hooks: traces of lines, counts and calls, names and
-- values of locals and upvalues, tracebacks. Each program also runs as a binary chunk.
-- Arguments: SEED COUNT; a third one shows the programs and all that they say.
local seed, count = tonumber(arg[1]), tonumber(arg[2])
local choose = dofile("support/choose.lua")(seed)

-- ---- the program ----

local tokens, depth, scope, room

local function emit(...)
    for i = 1, select("#", ...) do
        for token in select(i, ...):gmatch("[^ ]+") do tokens[#tokens + 1] = token end
    end
end

-- An open bracket stays on the line of what is called.
local function source()
    local parts = {}
    for i, token in ipairs(tokens) do
        local glue = " "
        if token ~= "(" and choose.chance(22) then glue = choose.chance(15) and "\n\n" or "\n" end
        parts[#parts + 1] = glue .. token
    end
    return table.concat(parts)
end

-- Names by kind: n numbers, s texts, t tables, f functions; l: may be anything.
local function visible(kind)
    local names = {}
    for _, name in ipairs(scope) do
        if name:sub(1, 1) == kind then names[#names + 1] = name end
    end
    return #names > 0 and choose.of(names) or nil
end
local function new_name(kind) return kind .. choose.number(4) end

local expression, block
local function any_kind() return choose.of({"n", "n", "n", "s", "t", "t", "f", "l"}) end

local function list(from, to, f, ...)
    local n = choose.number(to - from + 1) + from - 1
    for i = 1, n do
        if i > 1 then emit(",") end
        f(...)
    end
    return n
end

local NUMBER, TEXT, TABLE, FUNCTION = "n", "s", "t", "f"
local ATOMS = {
    n = function()
        emit(choose.of({"0", "1", "2", "3", "7", "-1", "0.5", "10", "100", "1e3", "#'abc'"}))
    end,
    s = function() emit(choose.of({"''", "'a'", "'bc'", "'10'", "[[x\ny]]", "'%d'", "K"})) end,
    t = function() emit(choose.of({"{}", "{1,2,3}", "{x=1,y='a'}", "obj(1)", "obj(2)"})) end,
    f = function() emit(choose.of({"id", "pack", "inc", "math.abs", "tostring"})) end,
    l = function() emit(choose.of({"nil", "true", "false", "1", "'a'", "undefined"})) end,
}
local function part(item) -- tokens as they are; a kind is an expression
    if item == NUMBER or item == TEXT or item == TABLE or item == FUNCTION then
        expression(item)
    else
        emit(item)
    end
end
local QUICK_OPS = {
    n = {
        {"(", NUMBER, "+", NUMBER, ")"}, {"(", NUMBER, "-", NUMBER, ")"},
        {"(", NUMBER, "*", NUMBER, ")"}, {"(", NUMBER, "/", NUMBER, ")"},
        {"(", NUMBER, "%", NUMBER, ")"}, {"- (", NUMBER, ")"}, {"# (", TABLE, ")"},
        {"#", TEXT}, {"inc (", NUMBER, ")"}, {"num ( (", TABLE, ") .x )"},
        {"(", NUMBER, "and", NUMBER, ")"}, {"(", NUMBER, "or", NUMBER, ")"},
        {"(", NUMBER, "<", NUMBER, "and", NUMBER, "or", NUMBER, ")"},
        {"num ( (", TABLE, ") [", NUMBER, "] )"}, {"( obj(1) +", NUMBER, ")"},
        {"num ( (", FUNCTION, ") (", NUMBER, ") )"}, {"select ( '#' ,", TABLE, ",", TEXT, ")"},
        {"( obj(2) < obj(1) and 1 or 2 )"}, {"math.max (", NUMBER, ",", NUMBER, ")"},
        {"( not", NUMBER, "== nil and 1 or", NUMBER, ")"},
    },
    s = {
        {"(", TEXT, "..", NUMBER, "..", TEXT, ")"}, {"(", TEXT, "..", TEXT, ")"},
        {"tostring (", NUMBER, ")"}, {"(", TEXT, "or", TEXT, ")"},
        {"(", TEXT, ") :upper()"}, {"(", TEXT, ") :rep ( 2 )"},
        {"(", TEXT, ") :gsub ( '.' , tostring )"}, {"type (", TABLE, ")"},
        {"( obj(1) ..", TEXT, ")"}, {"(", TEXT, "<=", TEXT, "and", TEXT, "or", TEXT, ")"},
    },
    t = {
        {"{", NUMBER, ",", TEXT, "; x =", NUMBER, "}"}, {"{ [", NUMBER, "] =", TEXT, "}"},
        {"obj (", NUMBER, ")"}, {"pack (", NUMBER, ",", TEXT, ")"},
        {"{", TABLE, ", y =", TABLE, "}"},
        {"(", TABLE, "or", TABLE, ")"}, {"{ ... }"}, {"{ id ( ... ) }"},
        {"{", NUMBER, ", pack ( ... ) }"},
    },
    f = {},
    l = {},
}

local function function_body()
    local old, outer = #scope, scope.dots
    local parameters = {}
    emit("(")
    for i = 1, choose.number(3) - 1 do
        parameters[i] = new_name(choose.of({"n", "s", "t", "l"}))
        if i > 1 then emit(",") end
        emit(parameters[i])
    end
    scope.dots = choose.chance(40)
    if scope.dots then
        if #parameters > 0 then emit(",") end
        emit("...")
    end
    emit(")")
    for _, name in ipairs(parameters) do scope[#scope + 1] = name end
    scope.functions = scope.functions + 1
    local loops = scope.loops
    scope.loops = 0
    emit("tick ( ) ; do")
    block()
    emit("end ;")
    if choose.chance(60) then emit("return") expression(any_kind()) end
    scope.loops = loops
    scope.functions = scope.functions - 1
    emit("end")
    scope.dots = outer
    for i = #scope, old + 1, -1 do scope[i] = nil end
end

function expression(kind)
    depth = depth + 1
    local name = visible(kind)
    if choose.chance(1) then
        emit(visible("l") or "nothing")
    elseif name and choose.chance(55) then
        emit(name)
    elseif kind == "f" and depth < 6 and room > 0 and choose.chance(50) then
        emit("function")
        function_body()
    elseif depth > 4 or #QUICK_OPS[kind] == 0 or choose.chance(35) then
        if scope.dots and choose.chance(15) then emit("( ... )") else ATOMS[kind]() end
    else
        local form = choose.of(QUICK_OPS[kind])
        for _, item in ipairs(form) do
            part(scope.dots and item or (item:gsub("%.%.%.", "1 , nil")))
        end
    end
    depth = depth - 1
end

local function condition()
    local choice = choose.number(6)
    if choice == 1 then
        expression("n") emit(choose.of({"<", ">", "<=", ">=", "==", "~="})) expression("n")
    elseif choice == 2 then emit("not") expression(any_kind())
    elseif choice == 3 then expression("t") emit("==") expression("t")
    elseif choice == 4 then
        emit("(") condition() emit(choose.of({"and", "or"})) condition() emit(")")
    elseif choice == 5 then expression("s") emit(choose.of({"<", "==", "~="})) expression("s")
    else expression(any_kind()) end
end

local function declare(...)
    for i = 1, select("#", ...) do
        if #scope < 120 then scope[#scope + 1] = (select(i, ...)) end
    end
end
local function inner_block(...)
    local old = #scope
    declare(...)
    block()
    for i = #scope, old + 1, -1 do scope[i] = nil end
end

-- A block that is a function's.
local function closed_block(...)
    local dots, loops = scope.dots, scope.loops
    scope.dots, scope.loops = false, 0
    inner_block(...)
    scope.dots, scope.loops = dots, loops
end

local STATEMENTS = {
    function() -- local
        local kind, n = any_kind(), choose.number(3)
        local names = {}
        emit("local")
        for i = 1, n do
            names[i] = new_name(kind)
            if i > 1 then emit(",") end
            emit(names[i])
        end
        emit("=")
        list(choose.chance(10) and 1 or n, n + 1, expression, kind)
        declare(unpack(names))
    end,
    function() -- assignment
        local kind = choose.of({"n", "n", "s", "t", "f"})
        local name = visible(kind)
        if not name then emit("tick ( )") return end
        if choose.chance(20) then
            emit(name, ",", "G" .. kind, "=")
            expression(kind) emit(",") expression(kind)
        else
            emit(name, "=")
            expression(kind)
        end
    end,
    function()
        local name = visible("t")
        if not name then emit("G =") expression("n") return end
        emit(name)
        if choose.chance(50) then emit(choose.of({".x", ".y", "[1]", "[2]"})) else
            emit("[") expression(choose.of({"n", "s"})) emit("]")
        end
        emit("=")
        expression(any_kind())
    end,
    function()
        emit("if") condition() emit("then") inner_block()
        while choose.chance(30) do emit("elseif") condition() emit("then") inner_block() end
        if choose.chance(50) then emit("else") inner_block() end
        emit("end")
    end,
    function()
        emit("while tick ( ) and") condition() emit("do")
        scope.loops = scope.loops + 1 inner_block() scope.loops = scope.loops - 1
        emit("end")
    end,
    function()
        emit("repeat")
        local old = #scope
        scope.loops = scope.loops + 1
        emit("local l1 = tick ( )") declare("l1")
        block(true)
        scope.loops = scope.loops - 1
        emit("until l1 and")
        condition()
        for i = #scope, old + 1, -1 do scope[i] = nil end
    end,
    function()
        local name = new_name("n")
        emit("for", name, "=", choose.of({"1", "3", "-1", "0.5"}), ",")
        emit(choose.of({"3", "2", "1", "0"}))
        if choose.chance(40) then emit(",", choose.of({"1", "2", "-1", "0.5"})) end
        emit("do")
        scope.loops = scope.loops + 1 inner_block(name) scope.loops = scope.loops - 1
        emit("end")
    end,
    function()
        local name = new_name("n")
        emit("for", name, ", l2 in")
        local choice = choose.number(5)
        if choice == 1 then emit("ipairs (") expression("t") emit(")")
        elseif choice == 2 then emit("pairs ( { 3 , 2 , 1 } )")
        elseif choice == 3 then emit("upto ( 3 )")
        elseif choice == 4 then
            emit("coroutine.wrap ( function ( ) yield ( 1 ) ; do")
            closed_block()
            emit("end ; yield ( 2 , 3 ) end )")
        else emit("object3") end
        emit("do")
        scope.loops = scope.loops + 1 inner_block(name, "l2") scope.loops = scope.loops - 1
        emit("end")
    end,
    function() emit("do") inner_block() emit("end") end,
    function()
        local name = new_name("f")
        emit("local function", name)
        declare(name)
        function_body()
    end,
    function() emit("function", "G" .. choose.number(3)) function_body() end,
    function() -- a call
        if choose.chance(30) then emit(visible("f") or "id", "(") else
            emit("try (", visible("f") or "id", ",")
        end
        list(1, 3, expression, any_kind())
        emit(")")
    end,
    function() emit("note (") list(1, 3, expression, any_kind()) emit(")") end,
    function() emit("pcall ( function ( )") closed_block() emit("end )") end,
    function() emit("try (") expression("f") emit(",") expression("n") emit(")") end,
    function()
        emit(choose.of({"locals", "trace", "levels", "upvalues", "setone", "hook"}), "(")
        emit(choose.number(9) .. "", ")")
    end,
    function()
        if choose.chance(70) then emit("tick ( )") return end
        emit("error (") expression(any_kind()) emit(",", choose.number(4) - 1 .. "", ")")
    end,
    function()
        emit("table.sort ( { 3 , 1 , 2 } , function ( n1 , n2 )")
        emit("if tick ( ) then") closed_block("n1", "n2")
        emit("end return n1 < n2 end )")
    end,
    function()
        emit("resume (") expression("f") emit(")")
    end,
}
function block(is_open)
    depth = depth + 1
    local old = #scope
    for _ = 1, choose.number(depth > 3 and 2 or 4) do
        if room <= 0 then break end
        room = room - 1
        if depth > 6 then emit("tick ( )") else choose.of(STATEMENTS)() end
        emit(";")
    end
    if not is_open then
        if scope.loops > 0 and choose.chance(15) then emit("break")
        elseif choose.chance(10) then
            emit("return")
            if choose.chance(30) then emit("id (") list(0, 2, expression, any_kind()) emit(")")
            elseif scope.dots and choose.chance(40) then emit("...")
            else list(0, 2, expression, any_kind()) end
        end
        for i = #scope, old + 1, -1 do scope[i] = nil end
    end
    depth = depth - 1
end

local function program(size)
    tokens, depth, room = {}, 0, size
    scope = {loops = 0, functions = 0, dots = true}
    while room > 0 do
        choose.of(STATEMENTS)()
        emit(";")
        room = room - 1
    end
    return source()
end

-- ---- what it calls ----

local log, fuel, hook_events
local kept = {} -- threads: a new one at the address of an old one would have its hook
local function put(...) if #log < 400 then log[#log + 1] = table.concat({...}, " ") end end
local function plain(text) return (tostring(text):gsub("0x%x+", "ADDRESS"):gsub("%-nan", "nan")) end
local function show(v) return (plain(choose.text(v))) end

local function hook(event, line)
    hook_events = hook_events + 1
    local info = debug.getinfo(2, "nSl")
    put(event, tostring(line), info.currentline, tostring(info.name), info.namewhat, info.what)
end
local function plain_hook(event, line)
    hook_events = hook_events + 1
    put(event, tostring(line))
end
local MASKS = {"l", "lc", "r", "cr", "lcr", "", "l", "l"}

local function environment()
    local env = {K = "k", error = error, math = math, table = table, tostring = tostring,
        type = type, select = select, pairs = pairs, ipairs = ipairs, pcall = pcall,
        coroutine = coroutine,
        yield = function(...)
            kept[#kept + 1] = coroutine.running()
            return coroutine.yield(...)
        end}
    function env.id(...) return ... end
    function env.pack(...) return {n = select("#", ...), ...} end
    function env.inc(x) return x + 1 end
    function env.tick()
        fuel = fuel - 1
        if fuel < -100 then error("no more", 0) end
        if fuel < 0 then error("out of fuel") end
        return true
    end
    function env.num(x) return tonumber(x) or 4 end
    function env.note(...)
        local t = {}
        for i = 1, select("#", ...) do t[i] = show((select(i, ...))) end
        put("note", unpack(t))
    end
    function env.try(f, ...)
        local r = {pcall(f, ...)}
        put("try", tostring(r[1]), plain(r[2]))
    end
    function env.resume(f, ...)
        if f == math.abs or f == tostring then return end
        local co = coroutine.create(f)
        kept[#kept + 1] = co
        for i = 1, 3 do
            local ok, v = coroutine.resume(co, ...)
            put("resume", tostring(ok), plain(show(v)), coroutine.status(co))
        end
        put(plain(debug.traceback(co)))
    end
    function env.upto(n) return function(_, i) if i < n then return i + 1, n end end, nil, 0 end
    local mt = {}
    function mt.__index(t, k) if k == "x" then return 1 end return rawget(t, "z") end
    function mt.__add(a, b) return (tonumber(a) or 1) + (tonumber(b) or 2) end
    function mt.__lt(a, b) return rawequal(a, b) end
    function mt.__eq(a, b) return true end
    function mt.__concat(a, b) return type(a) .. type(b) end
    function mt.__call(self, a, b) if type(b) == "number" and b < 2 then return b + 1, b end end
    function mt.__newindex(t, k, v) rawset(t, k, v) end
    function env.obj(n) return setmetatable({n}, mt) end
    env.object3 = setmetatable({}, {__call = function(_, _, i)
        i = (i or 0) + 1
        if i < 3 then return i end
    end})
    function env.locals()
        local parts = {}
        for i = 1, 40 do
            local name, v = debug.getlocal(2, i)
            if not name then break end
            parts[i] = name .. "=" .. show(v)
        end
        put("locals", table.concat(parts, ","))
    end
    function env.setone(n)
        local name, v = debug.getlocal(2, n)
        if name and not name:find("^%(") and type(v) == "number" then
            put("set", tostring(debug.setlocal(2, n, v + 1)))
        end
    end
    function env.upvalues()
        local parts, f = {}, debug.getinfo(2, "f").func
        for i = 1, 40 do
            local name, v = debug.getupvalue(f, i)
            if not name then break end
            parts[i] = name .. "=" .. show(v)
        end
        put("upvalues", table.concat(parts, ","))
    end
    function env.trace() put(plain(debug.traceback("trace"))) end
    function env.levels()
        for level = 1, 6 do
            local info = debug.getinfo(level, "nSlu")
            if not info then break end
            put(level, tostring(info.name), info.namewhat, info.what, info.currentline,
                info.linedefined, info.lastlinedefined, info.nups, info.short_src)
        end
    end
    function env.hook(n)
        if n < 4 then
            debug.sethook()
        else
            local mask = MASKS[n - 1] or "l"
            debug.sethook(n % 2 == 0 and hook or plain_hook, mask, n == 7 and n or 0)
        end
    end
    env._G = env
    return env
end

local function sum(text)
    local s = 0
    for i = 1, #text do s = (s * 31 + text:byte(i)) % 16777213 end
    return s
end

local function run(f, title, mask, every, the_hook)
    log, fuel, hook_events = {}, 60, 0
    setfenv(f, environment())
    math.abs(1)
    if mask then debug.sethook(the_hook, mask, every) end
    local ok, err = pcall(f, 1, "two", nil)
    debug.sethook()
    local text = table.concat(log, "\n")
    print(title, tostring(ok), plain(show(err)), #log, hook_events, sum(text))
    if arg[3] then print(text) end
end

for i = 1, math.ceil(count / 6) do
    local text = program(10 + choose.number(25))
    local f, message = loadstring(text, "=p")
    if arg[3] then print(text) end
    if not f then
        print("case", i, message)
    else
        print("case", i, #text)
        run(f, "plain")
        run(f, "lines", "l", 0, plain_hook)
        run(f, "all", "crl", choose.number(5), hook)
        run(loadstring(text, "=p"), "count", "", choose.number(9), hook)
        run(loadstring(string.dump(f)), "binary", choose.of(MASKS), choose.number(3) - 1, hook)
    end
end
