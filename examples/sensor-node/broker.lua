-- broker.lua: a message broker inside the node, in place of an MQTT server.
--
-- subscribe(filter, name, fn)   fn(topic, payload); '+' stands for one level, '#' for the rest
-- publish(topic, payload, keep) calls the subscribers; the last kept payload of a topic stays
-- kept(topic)                   payload or nil
-- topics(filter)                sorted list of topics with a kept payload

local sorted = require("sorted")

local M = {}

local subscribers, retained = {}, {}
M.sent, M.delivered, M.bytes = 0, 0, 0

local function levels(text)
    local list = {}
    for level in text:gmatch("[^/]+") do list[#list + 1] = level end
    return list
end

function M.matches(filter, topic)
    local parts = levels(topic)
    for i, want in ipairs(filter) do
        if want == "#" then return true end
        if not parts[i] or want ~= "+" and want ~= parts[i] then return false end
    end
    return #parts == #filter
end

function M.subscribe(filter, name, fn)
    subscribers[#subscribers + 1] = {filter = levels(filter), name = name, fn = fn, count = 0}
end

function M.publish(topic, payload, keep)
    M.sent = M.sent + 1
    M.bytes = M.bytes + #topic + #payload
    if keep then retained[topic] = payload end
    for _, s in ipairs(subscribers) do
        if M.matches(s.filter, topic) then
            s.count = s.count + 1
            M.delivered = M.delivered + 1
            s.fn(topic, payload)
        end
    end
end

function M.kept(topic)
    return retained[topic]
end

function M.topics(filter)
    local want, list = levels(filter), {}
    for topic in sorted.pairs(retained) do
        if M.matches(want, topic) then list[#list + 1] = topic end
    end
    return list
end

function M.summary()
    local out = {}
    for _, s in ipairs(subscribers) do
        out[#out + 1] = string.format("%-10s %4d messages", s.name, s.count)
    end
    return out
end

return M
