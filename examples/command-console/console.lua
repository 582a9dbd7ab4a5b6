-- console.lua: reads lines, runs them, prints what they say.
--
-- run()   takes the lines of script.lua until `quit`, then prints totals

local history = require("history")
local lexer = require("lexer")
local parser = require("parser")
local store = require("store")
local users = require("users")
local vars = require("vars")

local M = {}

local GROUPS = {"basics", "entries", "accounts"}
local DEPTH_MAX = 8

local commands, roles = {}, {}
local used = {}
local stopped, depth = false, 0

-- A module that is needed for a moment only; it comes out of flash again the next time.
local function overlay(name)
    local module = require(name)
    package.loaded[name] = nil
    return module
end

local function install()
    for _, group in ipairs(GROUPS) do
        local module = require(group)
        for name, run in pairs(module) do
            if type(run) == "function" then commands[name] = run end
        end
        for name, role in pairs(module.roles) do roles[name] = role end
        package.loaded[group] = nil
    end
end

local function words_of(tokens)
    local words = {}
    for i, token in ipairs(tokens) do
        local text, why = token.text
        if token.expand then text, why = vars.expand(text) end
        if not text then return nil, why end
        words[i] = text
    end
    return words
end

-- What commands may ask of the console.
local services = {overlay = overlay, eval = vars.eval}

function services.stop()
    stopped = true
end

local function run_command(tokens, out)
    tokens = vars.expand_alias(tokens, lexer.tokens)
    local words, why = words_of(tokens)
    if not words then return nil, why end
    local name = table.remove(words, 1)
    local command = commands[name]
    if not command then return nil, "no command " .. name end
    used[name] = (used[name] or 0) + 1
    if roles[name] and not users.allows(roles[name]) then
        return nil, name .. " needs the role " .. roles[name]
    end
    local ok
    ok, why = command(words, out, services)
    if not ok then return nil, name .. ": " .. why end
    return true
end

local function run_filter(tokens, lines)
    local words, why = words_of(tokens)
    if not words then return nil, why end
    local name = table.remove(words, 1)
    local filter = overlay("filters")[name]
    if not filter then return nil, "no filter " .. name end
    used[name] = (used[name] or 0) + 1
    lines, why = filter(lines, words)
    if not lines then return nil, name .. ": " .. why end
    return lines
end

local function run_pipeline(pipeline, out)
    if #pipeline == 1 then return run_command(pipeline[1], out) end
    local lines = {}
    local ok, why = run_command(pipeline[1], function(line) lines[#lines + 1] = line end)
    for i = 2, #pipeline do
        if not ok then break end
        lines, why = run_filter(pipeline[i], lines)
        ok = lines
    end
    if not ok then return nil, why end
    for _, line in ipairs(lines) do out(line) end
    return true
end

-- Runs a line; true, or nil and the reason of the last pipeline that failed.
function services.run(line, out)
    local pipelines, why = parser.parse(line)
    if not pipelines then return nil, why end
    if depth >= DEPTH_MAX then return nil, "too deep" end
    depth = depth + 1
    local ok, reason = true, nil
    for _, pipeline in ipairs(pipelines) do
        local when = pipeline.when or "always"
        if when == "always" or (when == "&&") == (ok == true) then
            if when == "always" and reason then out("error: " .. reason) end
            ok, reason = run_pipeline(pipeline, out)
            vars.set("status", ok and 0 or 1)
        end
        if stopped then break end
    end
    depth = depth - 1
    return ok, reason
end

local function has_secret(line)
    return line:find("login", 1, true) or line:find("passwd", 1, true) or line:find("add ", 1, true)
end

local function read_line(line)
    local recalled, why = history.recall(line)
    if not recalled then
        print("error: " .. why)
        return
    end
    if not has_secret(recalled) then history.add(recalled) end
    local ok
    ok, why = services.run(recalled, print)
    if not ok then print("error: " .. why) end
end

local function totals()
    local names = {}
    for name, count in pairs(used) do names[#names + 1] = string.format("%4d %s", count, name) end
    table.sort(names, function(a, b) return a > b end)
    print(#names .. " different commands")
    for i = 1, math.min(8, #names) do print(names[i]) end
    print(string.format("store: %d entries, %d characters", store.count, store.bytes))
end

function M.run()
    install()
    users.add("admin", "frost!line", "admin")
    for line in overlay("script")() do
        local name = users.current()
        print(name .. "> " .. line)
        read_line(line)
        if stopped then break end
    end
    totals()
end

return M
