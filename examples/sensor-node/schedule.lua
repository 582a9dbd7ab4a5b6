-- schedule.lua: tasks at ticks of a simulated clock. A tick is a quarter of an hour.
--
-- every(name, period, run)   runs now and then each `period` ticks
-- after(name, delay, run)    runs once
-- cancel(name)               true if there was such a task
-- run(last)                  advances the clock to `last`
-- now()                      tick, and the time of day as text
-- Tasks of one tick run in the order in which they were due, then in that of their
-- making.

local M = {runs = 0}

local queue = {}
local tick = 0

local function place_of(task)
    local i = #queue
    while i > 0 and queue[i].at > task.at do i = i - 1 end
    return i + 1
end

local function add(name, at, period, run)
    local task = {name = name, at = at, period = period, run = run}
    table.insert(queue, place_of(task), task)
    return task
end

function M.every(name, period, run)
    return add(name, tick, period, run)
end

function M.after(name, delay, run)
    return add(name, tick + delay, nil, run)
end

function M.cancel(name)
    for i, task in ipairs(queue) do
        if task.name == name then
            table.remove(queue, i)
            return true
        end
    end
    return false
end

function M.now()
    local quarter = tick % 96
    return tick, string.format("%02d:%02d", math.floor(quarter / 4), quarter % 4 * 15)
end

function M.run(last)
    while queue[1] and queue[1].at <= last do
        local task = table.remove(queue, 1)
        tick = math.max(tick, task.at)
        M.runs = M.runs + 1
        if task.period then
            task.at = tick + task.period
            table.insert(queue, place_of(task), task)
        end
        task.run(task)
    end
    tick = last
end

function M.pending()
    return #queue
end

return M
