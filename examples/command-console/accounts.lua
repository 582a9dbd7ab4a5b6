-- accounts.lua: commands that concern users. See basics.lua for what a command is.

local columns = require("columns")
local sorted = require("sorted")
local users = require("users")

local M = {roles = {
    add = "admin", remove = "admin", unlock = "admin", passwd = "admin", users = "operator",
}}

function M.login(args, out)
    local ok, why = users.login(args[1] or "", args[2] or "")
    if not ok then return nil, why end
    out("welcome " .. args[1])
    return true
end

function M.logout()
    users.logout()
    return true
end

function M.whoami(_, out)
    local name, role = users.current()
    out(name .. " (" .. role .. ")")
    return true
end

function M.add(args)
    return users.add(args[1] or "", args[2] or "", args[3] or "guest")
end

function M.remove(args)
    return users.remove(args[1] or "")
end

function M.unlock(args)
    return users.unlock(args[1] or "")
end

function M.passwd(args)
    return users.change(args[1] or "", args[2] or "")
end

function M.users(_, out)
    local rows = {{"name", "role", "logins", "state"}}
    for name, account in sorted.pairs(users.accounts()) do
        local state = account.failures >= 3 and "locked" or account.failures .. " failures"
        rows[#rows + 1] = {name, account.role, tostring(account.logins), state}
    end
    columns.rows(rows, out)
    return true
end

return M
