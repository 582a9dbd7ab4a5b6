-- report.lua: the text report and the status page.
--
-- Taken with app.overlay. Both functions write through out(text).
-- daily(settings, out)   the report of the readings so far, line by line
-- page(settings, out)    the status page

local channels = require("channels")
local json = require("json")
local schedule = require("schedule")
local sensors = require("sensors")
local sorted = require("sorted")
local templates = require("templates")

local M = {}

local function rule(width, mark)
    return (mark or "-"):rep(width)
end

-- Columns of a table: the widest cell of each decides.
local function widths_of(rows)
    local widths = {}
    for _, row in ipairs(rows) do
        for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, #cell) end
    end
    return widths
end

local function put_rows(rows, out)
    local widths = widths_of(rows)
    for n, row in ipairs(rows) do
        local cells = {}
        for i, cell in ipairs(row) do
            local pad = (" "):rep(widths[i] - #cell)
            cells[i] = i > 2 and i < 7 and pad .. cell or cell .. pad
        end
        out((table.concat(cells, "  "):gsub("%s+$", "")))
        if n == 1 then out(rule(72)) end
    end
end

local ARROWS = {"falling", "steady", "rising"}

local function arrow(record)
    local trend = channels.trend(record)
    local _, swing = sensors.curve(record.sheet)
    if math.abs(trend) <= swing / 8 then return ARROWS[2] end
    return trend < 0 and ARROWS[1] or ARROWS[3]
end

local function channel_rows()
    local rows = {{"place", "channel", "last", "mean", "least", "most", "histogram", "trend"}}
    for name, record in channels.each() do
        local s, show = record.series, record.sheet.show
        if s.count > 0 then
            local place, channel = name:match("^([^/]+)/(.+)$")
            rows[#rows + 1] = {
                place, channel, show:format(record.history:last()), show:format(s.average),
                show:format(s.least), show:format(s.most), s:bar(), arrow(record),
            }
        end
    end
    return rows
end

function M.daily(settings, out)
    local tick, time = schedule.now()
    out(rule(72, "="))
    out(string.format("%s, day %d, %s", settings.report.title, math.floor(tick / 96) + 1, time))
    put_rows(channel_rows(), out)
    out(rule(72))
    for kind, by_kind in sorted.pairs(channels.faults) do
        out("faults of " .. kind .. ": " .. json.encode(by_kind))
    end
    out(settings.report.footer or "")
end

-- Values of a row of the page.
local function page_row(name, record)
    local sheet, alarm = record.sheet, channels.alarm(name)
    local row = {
        place = name:match("^[^/]+"),
        channel = sheet.name,
        unit = sheet.unit,
        value = sheet.show:format(record.history:last()),
        mean = sheet.show:format(record.series.average),
        class = alarm and "alarm" or "normal",
    }
    row.text = alarm or templates.fill("label", row)
    return row
end

local function page_rows()
    local each = channels.each()
    return function()
        local name, record = each()
        while name and record.history.total == 0 do name, record = each() end
        return name and page_row(name, record)
    end
end

function M.page(settings, out)
    local tick, time = schedule.now()
    local values = {
        title = settings.report.title, node = settings.node.name, site = settings.node.site,
        firmware = settings.node.firmware, time = time, day = math.floor(tick / 96) + 1,
        count = channels.readings, faults = channels.fault_count(),
        footer = settings.report.footer,
    }
    templates.page(values, page_rows(), out)
end

return M
