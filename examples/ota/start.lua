-- start.lua: the program of a device that looks for updates: `node.LFS.start()`.
-- ota.url has the server's address; with a number of seconds in ota.every it looks again and again.

local ota = node.LFS.ota()
local url = file.getcontents "ota.url"

local function look()
    ota.check(url, function(what)
        print(what)
        local every = tonumber(file.getcontents "ota.every" or "")
        if every then tmr.create():alarm(1000 * every, tmr.ALARM_SINGLE, look) end
    end)
end

ota.start()
look()
