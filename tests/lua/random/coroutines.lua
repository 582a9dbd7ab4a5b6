-- Random coroutines that resume, wrap, yield, fail, return and look at each other, through pcall,
-- metamethods, iterators and sort; what each step gives. Arguments: SEED COUNT.
local seed, count = tonumber(arg[1]), tonumber(arg[2])
local choose = dofile("support/choose.lua")(seed)

local threads, depth, steps
local act

local function some()
    local values, n = {}, choose.number(4) - 1
    for i = 1, n do
        values[i] = choose.of({1, 2, "a", "b", true, false, nil, 0.5}) or choose.number(9)
    end
    return unpack(values, 1, n)
end

local function say(what, ...)
    print(("  "):rep(depth) .. what, choose.line(...))
end

local function position(thread)
    for i, known in ipairs(threads) do
        if known == thread then return i end
    end
    return 0
end

-- The body of every coroutine: a few random acts, between which it may yield.
local function body(...)
    say("starts", ...)
    for _ = 1, choose.number(4) do
        if steps <= 0 then break end
        act()
    end
    say("ends")
    return some()
end

local function resume(thread)
    depth = depth + 1
    local before = depth
    local results = {n = 0}
    local function keep(...)
        results = {n = select("#", ...), ...}
    end
    keep(coroutine.resume(thread, some()))
    depth = before - 1
    say("resumed " .. position(thread), unpack(results, 1, results.n))
end

local HANDLERS = {
    __add = function(a, b) return coroutine.yield("in __add") or 1 end,
    __index = function(t, k) return coroutine.yield("in __index", k) or 2 end,
    __call = function(t, ...) return coroutine.yield("in __call", ...) end,
    __lt = function(a, b) return coroutine.yield("in __lt") end,
    __concat = function(a, b) return coroutine.yield("in __concat") or "" end,
    __newindex = function(t, k, v) coroutine.yield("in __newindex", k, v) end,
}
local function proxy() return setmetatable({}, HANDLERS) end

local ACTS = {
    yield = function() say("got", coroutine.yield(some())) end,
    yields = function()
        for i = 1, choose.number(3) do say("got", coroutine.yield(i, some())) end
    end,
    fail = function() error(choose.of({"thrown", {"table"}, 7, "at level 2"}), choose.number(3) - 1) end,
    fail_caught = function() say("caught", pcall(error, choose.of({"caught", 5, false}))) end,
    yield_in_pcall = function() say("pcall", pcall(coroutine.yield, some())) end,
    yield_in_function_in_pcall = function()
        say("pcall", pcall(function() return coroutine.yield("inside"), 1 end))
    end,
    yield_in_xpcall = function()
        say("xpcall", xpcall(function() coroutine.yield(1) end, function(m) return {m} end))
    end,
    yield_in_sort = function()
        say("sort", pcall(table.sort, {3, 1, 2}, function(a, b) coroutine.yield(a) return a < b end))
    end,
    yield_in_gsub = function() say("gsub", pcall(string.gsub, "ab", ".", coroutine.yield)) end,
    yield_in_iterator = function()
        local function iterate(_, i)
            i = (i or 0) + 1
            if i > 2 then return nil end
            coroutine.yield("iterator", i)
            return i
        end
        for i in iterate do say("loop", i) end
    end,
    yield_in_tail_call = function()
        local function tail(n) if n == 0 then return coroutine.yield("tail") end return tail(n - 1) end
        say("tail", tail(choose.number(5)))
    end,
    add = function() say("add", pcall(function() return proxy() + 1 end)) end,
    index = function() say("index", pcall(function() return proxy().field end)) end,
    call = function() say("call", proxy()(some())) end,
    call_caught = function() say("call", pcall(proxy(), 1)) end,
    less = function() say("less", pcall(function() return proxy() < proxy() end)) end,
    join = function() say("join", pcall(function() return proxy() .. "x" end)) end,
    store = function() say("store", pcall(function() proxy().x = 1 end)) end,
    status = function()
        local t = {}
        for i, thread in ipairs(threads) do t[i] = coroutine.status(thread) end
        say("status " .. table.concat(t, " "))
    end,
    running = function() say("running " .. position(coroutine.running())) end,
    resume_self = function()
        local self = coroutine.running()
        if self then say("self", coroutine.resume(self)) end
    end,
    create = function()
        if #threads < 8 then threads[#threads + 1] = coroutine.create(body) end
        say("create " .. #threads)
    end,
    resume = function()
        if #threads > 0 and depth < 6 then resume(choose.of(threads)) end
    end,
    wrap = function()
        if depth >= 6 then return end
        local f = coroutine.wrap(body)
        depth = depth + 1
        local before = depth
        for _ = 1, choose.number(3) do
            local function keep(...)
                depth = before - 1
                say("wrapped", ...)
                depth = before
            end
            keep(pcall(f, some()))
        end
        depth = before - 1
    end,
    create_badly = function()
        say("create", pcall(coroutine.create, choose.of({print, 5, "text", {}})))
        say("resume", pcall(coroutine.resume, choose.of({5, "text", {}, print})))
        say("status", pcall(coroutine.status, choose.of({5, "text", {}, print})))
    end,
    resume_c = function() say("c", coroutine.resume(coroutine.create(math.max), some())) end,
    yield_c = function()
        local thread = coroutine.create(coroutine.yield)
        say("yield", coroutine.resume(thread, some()))
        say("yield", coroutine.resume(thread, some()))
        say("yield", coroutine.resume(thread, some()))
    end,
    deep = function()
        local function down(n) if n == 0 then coroutine.yield("bottom") return 0 end return 1 + down(n - 1) end
        local thread = coroutine.create(down)
        say("deep", coroutine.resume(thread, choose.number(300)))
        say("deep", coroutine.resume(thread))
        say("deep " .. coroutine.status(thread))
    end,
    upvalues = function()
        local n = 0
        local thread = coroutine.wrap(function()
            local own = 0
            local function step() own = own + 1 n = n + own return own end
            while true do coroutine.yield(step, step()) end
        end)
        for _ = 1, 3 do
            local step, own = thread()
            say("upvalues", own, step(), n)
        end
    end,
    environment = function()
        local thread = coroutine.create(function() return getfenv(1).mark, mark end)
        debug.setfenv(thread, {mark = "thread"})
        say("environment", coroutine.resume(thread))
    end,
}
local names = {}
for name in pairs(ACTS) do names[#names + 1] = name end
table.sort(names)

function act()
    steps = steps - 1
    local name = choose.chance(30) and "resume" or choose.of(names)
    ACTS[name]()
end

for i = 1, count do
    threads, depth, steps = {coroutine.create(body), coroutine.create(body)}, 0, 60
    print("case", i)
    while steps > 0 do
        depth = 0
        local ok, message = pcall(act)
        if not ok then say("failed", message) end
    end
    depth = 0
    ACTS.status()
end
