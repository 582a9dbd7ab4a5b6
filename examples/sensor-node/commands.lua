-- commands.lua: commands that arrive as messages, each with a JSON object of arguments.
--
-- Taken with app.overlay: nothing is kept here between two commands.
-- run(node, name, args)   answer as a table: {ok = true, ...} or {ok = false, why = text}
--                         node: settings, log, sensors, and functions take, stop, reschedule

local channels = require("channels")

local COMMANDS = {}

function COMMANDS.get(node, args)
    local value = node.config("get", args.path)
    if value == nil then error("nothing at " .. tostring(args.path), 0) end
    return {path = args.path, value = value}
end

function COMMANDS.set(node, args)
    local old = node.config("get", args.path)
    local ok, why = node.config("set", args.path, args.value)
    if not ok then error(why, 0) end
    local number = args.path:match("^sensors%.(%d+)%.period$")
    if number then node.reschedule(tonumber(number)) end
    return {path = args.path, value = args.value, was = old}
end

function COMMANDS.read(node, args)
    local sensor = node.settings.sensors[args.sensor]
    if not sensor then error("no sensor " .. tostring(args.sensor), 0) end
    return {sensor = sensor.name, values = node.take(sensor)}
end

function COMMANDS.history(_, args)
    local record = channels.find(args.channel)
    if not record then error("no channel " .. tostring(args.channel), 0) end
    local values = {}
    for value in record.history:items() do values[#values + 1] = value end
    return {channel = args.channel, unit = record.sheet.unit, values = values}
end

function COMMANDS.log(node, args)
    local lines = {}
    for line in node.log:items() do lines[#lines + 1] = line end
    while #lines > args.last do table.remove(lines, 1) end
    return {lines = lines}
end

function COMMANDS.stop(node, args)
    node.stop(args.why)
    return {stopped = true}
end

local M = {}

function M.run(node, name, args)
    local run = COMMANDS[name]
    if not run then return {ok = false, why = "unknown command " .. name} end
    local ok, answer = pcall(run, node, args)
    if not ok then return {ok = false, why = answer} end
    answer.ok = true
    return answer
end

return M
