-- machine.lua: a state machine described by text.
--
-- Each line is `state event state action`. An action of '-' does nothing. `%d` in a state stands
-- for a counter: `retry_%d` becomes retry_1, retry_2, ... up to the limit given to new(); the
-- event that would go beyond the limit becomes `gave_up`.
--
-- new(text, limit, actions)   machine in the first line's state
-- machine:fire(event, ...)    true if the event meant something in this state
-- machine.visits              how often each state was entered

local Machine = {}
Machine.__index = Machine

-- Steps are kept as text, `state + event` -> `target action`: a table for each would be larger.
local function step_name(state, event)
    return state .. " + " .. event
end

local function add(self, state, event, target, action)
    self.steps[step_name(state, event)] = target .. " " .. action
end

-- A line whose first state has a counter stands for one step per value of the counter.
local function add_line(self, limit, state, event, target, action)
    local counts_up = target:find("%d", 1, true)
    if not state:find("%d", 1, true) then
        add(self, state, event, counts_up and target:format(1) or target, action)
        return
    end
    for i = 1, limit do
        if counts_up and i == limit then
            add(self, state:format(i), event, "offline", "gave_up")
        else
            add(self, state:format(i), event, counts_up and target:format(i + 1) or target, action)
        end
    end
end

function Machine.new(text, limit, actions)
    local self = setmetatable({steps = {}, visits = {}, actions = actions}, Machine)
    for line in text:gmatch("[^\n]+") do
        local state, event, target, action = line:match("^%s*(%S+)%s+(%S+)%s+(%S+)%s+(%S+)")
        if state then
            self.state = self.state or state
            add_line(self, limit, state, event, target, action)
        end
    end
    self.visits[self.state] = 1
    return self
end

function Machine:fire(event, ...)
    local step = self.steps[step_name(self.state, event)]
    if not step then return false end
    local target, name = step:match("(%S+) (%S+)")
    self.state = target
    self.visits[target] = (self.visits[target] or 0) + 1
    local action = self.actions[name]
    if action then action(self, event, ...) end
    return true
end

return Machine
