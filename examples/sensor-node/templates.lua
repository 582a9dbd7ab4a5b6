-- templates.lua: texts with holes: MQTT topics, payloads of the log, and the status page.
--
-- fill(name, values)       text of a short template; `{hole}` is values.hole
-- page(values, rows, out)  the status page (rows is an iterator), piece by piece through out(text)

local M = {}

local SHORT = {
    value = "{site}/{node}/{place}/{channel}",
    status = "{site}/{node}/status",
    command = "{site}/{node}/command/+",
    alarm = "{site}/{node}/alarm/{place}/{channel}",
    label = "{place} {channel} ({unit})",
    fault = "{sensor} at {place}: {fault}",
    raised = "{place}/{channel} is {value} {unit}: {text}",
    cleared = "{place}/{channel} is {value} {unit} again",
}

local HEAD = [[
<!DOCTYPE html>
<html><head><title>{title}</title>
<style>td{padding:0 1em} .alarm{color:#b00} .normal{color:#080}</style></head>
<body><h1>{title}</h1><p>{node} at {site}, firmware {firmware}, {time} of day {day}</p>
<table><tr><th>place</th><th>channel</th><th>last</th><th>mean</th><th></th></tr>
]]

local ROW = [[
<tr class="{class}"><td>{place}</td><td>{channel}</td><td>{value} {unit}</td><td>{mean}</td>
<td>{text}</td></tr>
]]

local FOOT = [[
</table><p>{count} readings, {faults} faults, {footer}</p></body></html>
]]

local function fill(text, values)
    return (text:gsub("{(%w+)}", function(hole)
        local v = values[hole]
        return v == nil and "?" or tostring(v)
    end))
end

local function escape(text)
    return (text:gsub("[<>&]", {["<"] = "&lt;", [">"] = "&gt;", ["&"] = "&amp;"}))
end

function M.fill(name, values)
    return fill(SHORT[name], values)
end

function M.page(values, rows, out)
    for line in HEAD:gmatch("[^\n]+\n") do out(fill(line, values)) end
    for row in rows do
        local safe = {}
        for k, v in pairs(row) do
            safe[k] = type(v) == "string" and escape(v) or v
        end
        out(fill(ROW, safe))
    end
    out(fill(FOOT, values))
end

return M
