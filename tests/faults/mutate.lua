-- mutate.lua SEED FILE...: every truncation of .lc files, and one flipped bit per byte: each is
-- refused with a message, or runs without harm. Runs in the runtime under test, profile pc.

local seed = tonumber(arg[1])
local INSTRUCTIONS_MAX = 5000
local FILE_BYTES_MAX = 6000 -- the large files have nothing that the others have not

local function random(n)
    seed = seed * 16807 % 2147483647
    if seed < 0 then seed = seed + 2147483647 end -- in 32 bits the product wraps
    return seed % n
end

local function silent() end

-- Ends what runs too long. From then on every instruction is an error, or a loop around pcall would
-- go on for ever.
local function too_long()
    debug.sethook(too_long, "", 1)
    error("too long", 0)
end

-- A coroutine that cannot run for ever, either; hooks belong to one coroutine.
local function limited(f)
    local thread = coroutine.create(f)
    debug.sethook(thread, too_long, "", INSTRUCTIONS_MAX)
    return thread
end

local threads = {
    create = limited, resume = coroutine.resume, yield = coroutine.yield, status = coroutine.status,
    running = coroutine.running,
    wrap = function(f)
        local thread = limited(f)
        return function(...)
            local results = { coroutine.resume(thread, ...) }
            if not results[1] then error(results[2], 0) end
            return unpack(results, 2)
        end
    end,
}

-- What damaged code may call: all but what ends the process or leaves files.
local function sandbox()
    local env = { print = silent, string = string, table = table, math = math, coroutine = threads }
    for _, name in ipairs { "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal",
        "rawget", "rawset", "select", "setmetatable", "tonumber", "tostring", "type", "unpack", "newproxy" } do
        env[name] = _G[name]
    end
    env._G = env
    return env
end

-- Runs a function and the function it returns, as the golden modules do. A coroutine of its own:
-- what damaged code leaves behind goes with it.
local function run(f)
    local env = sandbox()
    setfenv(f, env)
    coroutine.resume(limited(function()
        local good, result = pcall(f)
        if good and type(result) == "function" then pcall(result) end
    end))
end

local cuts, loaded, refused = 0, 0, 0
for i = 2, #arg do
    local file = assert(io.open(arg[i], "rb"))
    local whole = file:read("*a")
    file:close()
    assert(loadstring(whole, "=x"))
    if #whole <= FILE_BYTES_MAX then
        for length = 1, #whole - 1 do
            local f, message = loadstring(whole:sub(1, length), "=x")
            assert(not f and message == "x: unexpected end in precompiled chunk", message)
            cuts = cuts + 1
        end
        for at = 1, #whole do
            local byte, mask = whole:byte(at), 1
            for _ = 1, random(8) do mask = mask * 2 end
            byte = math.floor(byte / mask) % 2 == 1 and byte - mask or byte + mask
            local f, message = loadstring(whole:sub(1, at - 1) .. string.char(byte) .. whole:sub(at + 1), "=x")
            if f then
                loaded = loaded + 1
                run(f)
            else
                refused = refused + 1
                assert(type(message) == "string" and #message > 0)
            end
            if at % 256 == 0 then collectgarbage() end
        end
    end
end
assert(loaded > 500 and refused > 500)
print(cuts, loaded, refused)
