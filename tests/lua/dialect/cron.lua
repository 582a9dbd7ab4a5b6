-- The module cron: masks and their errors, which minutes of a year they mean, what an entry takes, and
-- that nothing stays. Facts on the firmware's modules, section 25.
-- Both builds.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local function nothing() end
local function now()
    local t = rtctime.epoch2cal((rtctime.get()))
    return ("%02d-%02d %02d:%02d:%02d"):format(t.mon, t.day, t.hour, t.min, t.sec)
end

print("-- masks")
for _, mask in ipairs{"", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "*/0 * * * *", "*/60 * * * *",
    "1,2,60 * * * *", "*", "* *,", "1-5 * * * *", "* * * * *x", "* * * * * *", "a * * * *"} do
    why(cron.schedule, mask, nothing)
end
why(cron.schedule)
why(cron.schedule, "* * * * *")
why(cron.schedule, "* * * * *", 1)

print("-- what an entry takes")
local function cost()
    collectgarbage()
    local bytes, heap = node.egc.meminfo(), node.heap()
    local entry = cron.schedule("* * * * *", nothing)
    collectgarbage()
    bytes, heap = node.egc.meminfo() - bytes, heap - node.heap()
    entry:unschedule()
    entry:unschedule()
    entry = nil
    collectgarbage()
    return bytes, heap > bytes
end
cost()
print(cost())

print("-- times")
rtctime.set(1767225570) -- 2026-01-01, a Thursday, half a minute before 00:00
local every = 0
local all = cron.schedule("* * * * *", function(e) every = every + 1 end)
cron.schedule("0 0 1 1 *", function(e) print("new year", now(), e) end):unschedule()
local once
once = cron.schedule("2 0 1 1 4", function(e)
    print("once", now(), e == once)
    e:unschedule()
end)
cron.schedule("*/20 * * * *", function(e)
    print("each 20", now())
    if now():find("00:40") then e:schedule("30 12 2,3 * *") end
end)
cron.schedule("0 6 * 2 0", function() print("a Sunday of February", now()) end)
local last = cron.schedule("59 23 28 2 *", nothing)
last:handler(function()
    print("the last of February", now(), every)
    cron.reset()
    rtctime.set(0)
    cron.schedule("* * * * *", function(e)
        print("the time is known again", now())
        e:unschedule()
    end)
    tmr.create():alarm(90000, tmr.ALARM_SINGLE, function() rtctime.set(1767225550) end)
end)
