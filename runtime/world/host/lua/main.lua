-- main.lua: the inside of a world script's process: runs the script and talks with the device.
--
-- Started by the device's VM (runtime/world/host/script_process.c) with the script's path; what
-- passes between the two is described in runtime/format/world_pipe.h. The files beside this one
-- make the API, which runtime/world/host/README.md describes.

local pipe = world_pipe
world_pipe = nil
pipe.path = ...

local function part(name, ...)
    return assert(loadfile(pipe.directory .. "world/" .. name .. ".lua"))(...)
end

local ARRIVALS_MAX = 40 -- told to the device at once

world = {number = tonumber(os.getenv("FROST_WORLD"))}
local time = part("time", pipe)
local stream = part("stream")
local arrivals, told = {}, 0 -- {us, kind, object, data, type}; how many of them are told

-- Something reaches the device now. `message` is the type of its message if it is no arrival.
function pipe.arrive(kind, object, data, message)
    arrivals[#arrivals + 1] = {time.now_us(), kind, object, data, message or "arrival"}
end

local net = part("names", pipe, time, stream)
local parts = {
    part("api", pipe, time), part("board", pipe, time, stream, net), part("peers", pipe, time, stream, net),
    part("wifi", pipe, time, net), part("buses", time),
    part("lights", time), part("bosch", time),
}

-- ---- the script ----

local script -- a function, until it has started; then its coroutine

local function load_script()
    package.path = (pipe.path:match("^.*/") or "") .. "?.lua;" .. package.path
    local why
    script, why = loadfile(pipe.path)
    if not script then pipe.say(why) end
    return script
end

local function start_script()
    if type(script) == "function" then script = time.go(script) end
end

os.exit = function(status)
    time.finish(status == nil and 0 or status == true and 0 or tonumber(status) or 1)
end

-- ---- messages of the device ----

-- By kind of what is told or asked: the functions of the parts.
local function find_handlers(field)
    local found = {}
    for _, handlers in ipairs(parts) do
        for name, fn in pairs(handlers[field] or {}) do found[assert(pipe.kinds[name], name)] = fn end
    end
    return found
end
local tells, asks = find_handlers("tell"), find_handlers("ask")

local function done()
    pipe.send("done", 0, time.status % 256)
end

local messages = {}

function messages.hello()
    if load_script() then
        pipe.send("ready", 0, 0, 1)
    else
        pipe.send("done", 0, 2)
    end
end

function messages.boot()
    arrivals, told = {}, 0
    time.boot()
    for _, handlers in ipairs(parts) do
        if handlers.boot then handlers.boot() end
    end
    start_script()
end

function messages.tell(us, kind, object, data)
    time.run(us)
    local handle = tells[kind]
    if handle and not time.is_over then time.call(handle, object, data) end
end

function messages.ask(us, kind, object, data)
    time.run(us)
    local answer = asks[kind] and not time.is_over and time.call(asks[kind], object, data)
    if time.is_over then return done() end
    pipe.send(answer and "answer" or "none", told < #arrivals and 0 or time.next_us(), kind, object,
        answer or "")
end

function messages.advance(us)
    time.run(us, true)
    if time.is_over then return done() end
    local last = math.min(#arrivals, told + ARRIVALS_MAX)
    local boot_us = time.now_us() - time.device_us()
    for i = told + 1, last do
        local arrival = arrivals[i]
        pipe.send(arrival[5], arrival[1] - boot_us, arrival[2], arrival[3], arrival[4])
    end
    told = last
    if told == #arrivals then arrivals, told = {}, 0 end
    pipe.send("idle", #arrivals > 0 and 0 or time.next_us())
end

messages["end"] = function(us)
    time.run(us)
    if not time.is_over and time.fail_waiting() == 0 and coroutine.status(script) ~= "dead" then
        time.fail("the script waits here, and the run has ended", time.where(script))
    end
    done()
end

for kind_of_message, us, kind, object, data in pipe.next do
    local handle = messages[kind_of_message]
    if handle then handle(us, kind, object, data) end
end
