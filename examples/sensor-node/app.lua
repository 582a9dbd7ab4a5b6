-- app.lua: the sensor node itself: brings up the link, samples, publishes, reports.
--
-- run()   lives through a day and a quarter (120 ticks), then prints totals and returns

local broker = require("broker")
local channels = require("channels")
local json = require("json")
local machine = require("machine")
local ring = require("ring")
local schedule = require("schedule")
local sensors = require("sensors")
local sorted = require("sorted")
local templates = require("templates")

local M = {}

local settings, link, log
local counts, waiting, inbox = {}, {}, {}
local stopped

-- Modules that are needed for moments only are let go at once, and come out of flash again
-- the next time.
local function overlay(name)
    local module = require(name)
    package.loaded[name] = nil
    return module
end

local function note(level, text)
    local _, time = schedule.now()
    local line = time .. " " .. level .. " " .. text
    log:put(line)
    print(line)
end

-- ---- link ----

local LINK = [[
    offline     start    joining     join
    joining     up       online      greet
    joining     failed   retry_%d    wait
    online      failed   retry_%d    wait
    retry_%d    failed   retry_%d    wait
    retry_%d    up       online      greet
    online      stop     stopped     say
    offline     up       online      greet
]]

local function names(more)
    more.site, more.node = settings.node.site, settings.node.name
    return more
end

-- Sends, or keeps the message until the link is up again. Of each topic only the last waits.
local function send(topic, payload, keep)
    if link.state == "online" then
        broker.publish(topic, payload, keep)
    else
        waiting[topic] = payload
    end
end

local function send_waiting()
    local count = 0
    for topic, payload in sorted.pairs(waiting) do
        waiting[topic] = nil
        broker.publish(topic, payload, true)
        count = count + 1
    end
    return count
end

local ACTIONS = {}

function ACTIONS.join()
    note("info", "joining " .. settings.network.ssid)
end

function ACTIONS.greet(self)
    local sent = send_waiting()
    note("info", string.format("%s, %d waiting messages sent", self.state, sent))
    send(templates.fill("status", names({})), json.encode({state = self.state, sent = sent}), true)
end

function ACTIONS.wait(self)
    note("warn", "link lost, now " .. self.state)
end

function ACTIONS.gave_up(self)
    note("error", "gave up, now " .. self.state)
end

function ACTIONS.say(self, event, why)
    note("info", event .. ": " .. why)
end

-- ---- readings ----

local function report_alarms(record, name, value)
    local sheet = record.sheet
    for _, event in ipairs(channels.alarms(name, value)) do
        local values = names({
            place = name:match("^[^/]+"), channel = sheet.name, unit = sheet.unit,
            value = sheet.show:format(value), text = event[1].text,
        })
        note("alarm", templates.fill(event[2], values))
        send(templates.fill("alarm", values), json.encode({event = event[2], value = value}), true)
    end
end

-- Reads one sensor; returns its values by channel, or nil after a fault.
local function take(sensor)
    local tick, time = schedule.now()
    local values, fault = sensor:read(tick)
    if not values then
        channels.fault(sensor, fault)
        note("warn", templates.fill("fault",
            {sensor = sensor:name(), place = sensor.place, fault = fault}))
        return nil
    end
    local by_channel = {}
    for _, pair in ipairs(values) do
        local record, name = channels.update(sensor, pair[1], pair[2])
        by_channel[pair[1].name] = pair[2]
        local payload = {value = pair[2], unit = pair[1].unit, time = time, sensor = sensor:name()}
        send(record.topic, json.encode(payload), true)
        report_alarms(record, name, pair[2])
    end
    return by_channel
end

local function fit_sensors()
    for _, s in ipairs(settings.sensors) do
        local sensor, why = sensors.fit(s)
        if sensor then
            channels.open(sensor, settings)
            schedule.every(sensor:name() .. "/take", s.period, function() take(sensor) end)
        else
            note("error", why)
        end
    end
    channels.watch(settings.alarms)
end

-- Settings of the running node: get or set a path.
local function configure(what, ...)
    return overlay("config")[what](settings, ...)
end

local function reschedule(number)
    local sensor = settings.sensors[number]
    local task = sensor:name() .. "/take"
    schedule.cancel(task)
    schedule.every(task, sensor.period, function() take(sensor) end)
end

-- ---- messages ----

local function stop(why)
    link:fire("stop", why)
    stopped = true
end

local function run_command(name, payload)
    local args, why = overlay("unjson")(payload)
    if not args then return {ok = false, why = why} end
    return overlay("commands").run({
        settings = settings, log = log, config = configure, take = take, stop = stop,
        reschedule = reschedule,
    }, name, args)
end

-- Commands wait for their own turn: to run them from inside the broker would need a deep stack.
local function on_command(topic, payload)
    inbox[#inbox + 1] = topic:match("[^/]+$") .. " " .. payload
end

local function work()
    while inbox[1] do
        local name, payload = table.remove(inbox, 1):match("^(%S+) (.*)$")
        counts[name] = (counts[name] or 0) + 1
        local answer = json.encode(run_command(name, payload))
        print(name .. " -> " .. answer)
        send(settings.node.name .. "/answer/" .. name, answer)
    end
end

-- The page goes out in chunks: as a whole it would need more memory in one piece than a small
-- node has.
local function on_request(request)
    local chunks, bytes = 0, 0
    print(request)
    overlay("report").page(settings, function(text)
        chunks = chunks + 1
        bytes = bytes + #text
        print((text:gsub("\n$", "")))
    end)
    print(string.format("%d chunks, %d bytes", chunks, bytes))
end

local function receive()
    for _, message in ipairs(overlay("messages")((schedule.now()))) do
        local topic, payload = message[1], message[2]
        if topic == "http" then
            on_request(payload)
        elseif topic ~= "link" then
            broker.publish(settings.node.site .. "/" .. settings.node.name .. "/" .. topic, payload)
        elseif not link:fire(payload) then
            note("warn", payload .. " while " .. link.state)
        end
    end
end

-- ---- a day ----

local function start()
    local config, taken, complaints = overlay("config")
    settings, taken, complaints = config.load(overlay("unjson"))
    log = ring.new(settings.limits.log)
    for _, text in ipairs(complaints) do note("warn", "configuration, " .. text) end
    note("info", string.format("%d settings of the site taken", taken))
    for _, line in ipairs(config.lines(settings.network, "network.")) do print("  " .. line) end
    link = machine.new(LINK, settings.network.retries, ACTIONS)
    link:fire("start")
    broker.subscribe(templates.fill("command", names({})), "commands", on_command)
    broker.subscribe(settings.node.site .. "/#", "archive", function() end)
    schedule.every("messages", 1, receive)
    schedule.every("work", 1, work)
    fit_sensors()
    schedule.every("report", settings.report.period, function()
        if not stopped then overlay("report").daily(settings, print) end
    end)
end

local function totals()
    print("readings " .. channels.readings .. ", faults " .. channels.fault_count)
    print(string.format("sent %d, delivered %d, %d bytes",
        broker.sent, broker.delivered, broker.bytes))
    for _, line in ipairs(broker.summary()) do print("  " .. line) end
    for state, count in sorted.pairs(link.visits) do print("  state " .. state .. ": " .. count) end
    for name, count in sorted.pairs(counts) do print("  command " .. name .. ": " .. count) end
    print("tasks run: " .. schedule.runs)
    for _, topic in ipairs(broker.topics("+/+/+/humidity")) do
        print("  " .. topic .. " " .. broker.kept(topic))
    end
end

function M.run()
    start()
    schedule.run(120)
    totals()
end

return M
