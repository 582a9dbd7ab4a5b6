-- users.lua: who may do what.
--
-- Each user has a role: guest, operator or admin, each of which may do what those before may.
-- add(name, password, role) remove(name)   true, or nil and the reason
-- login(name, password) logout()           three wrong passwords lock the name
-- allows(role)                             whether the present user has that role or a higher
-- current()                                name and role

local M = {}

local RANKS = {guest = 1, operator = 2, admin = 3}
local ATTEMPTS = 3

local accounts = {}
local present

-- Not a secure digest, only one that a text console can show at work.
local function digest(salt, password)
    local a, b = 1, #password
    for c in (salt .. ":" .. password):gmatch(".") do
        a = (a * 33 + c:byte()) % 65521
        b = (b * 257 + a) % 65521
    end
    return string.format("%04x%04x", a, b)
end

function M.add(name, password, role)
    if accounts[name] then return nil, "user " .. name .. " exists" end
    if not RANKS[role] then return nil, "no role " .. tostring(role) end
    if #password < 4 then return nil, "password too short" end
    accounts[name] = {role = role, digest = digest(name, password), failures = 0, logins = 0}
    return true
end

function M.remove(name)
    if name == present then return nil, "you are " .. name end
    if not accounts[name] then return nil, "no user " .. name end
    accounts[name] = nil
    return true
end

function M.login(name, password)
    local account = accounts[name]
    if not account then return nil, "no user " .. name end
    if account.failures >= ATTEMPTS then return nil, "user " .. name .. " is locked" end
    if digest(name, password) ~= account.digest then
        account.failures = account.failures + 1
        return nil, string.format("wrong password (%d of %d)", account.failures, ATTEMPTS)
    end
    account.failures = 0
    account.logins = account.logins + 1
    present = name
    return true
end

function M.logout()
    present = nil
end

function M.unlock(name)
    if not accounts[name] then return nil, "no user " .. name end
    accounts[name].failures = 0
    return true
end

function M.change(name, password)
    if not accounts[name] then return nil, "no user " .. name end
    if #password < 4 then return nil, "password too short" end
    accounts[name].digest = digest(name, password)
    return true
end

function M.current()
    if not present then return "nobody", "guest" end
    return present, accounts[present].role
end

function M.allows(role)
    local _, mine = M.current()
    return RANKS[mine] >= RANKS[role]
end

function M.accounts()
    return accounts
end

return M
