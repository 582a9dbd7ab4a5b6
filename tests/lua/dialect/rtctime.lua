-- The module rtctime: wrong uses, results, the calendar, and what restarts and an aligned deep sleep
-- leave. Three boots; word 100 counts them. Facts on the firmware's modules.
-- Both builds.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local function time() -- seconds, tenths of them, rate
    local seconds, us, rate = rtctime.get()
    return seconds, (us - us % 100000) / 100000, rate
end
local boots = rtcmem.read32(100)
rtcmem.write32(100, boots + 1)

if boots == 0 then
    print("-- rtctime: wrong uses")
    why(rtctime.epoch2cal)
    why(rtctime.epoch2cal, -1)
    why(rtctime.adjust_delta)
    why(rtctime.dsleep)
    why(rtctime.dsleep, 1, 5)
    why(rtctime.dsleep, 1, -1)
    why(rtctime.dsleep_aligned, 1, 1)
    print(pcall(function() rtctime.dsleep_aligned() end))

    print("-- rtctime: not set")
    print(rtctime.get())
    print(select("#", rtctime.set(nil, nil, 7)), rtctime.get())
    print(rtctime.adjust_delta(1000000), rtctime.adjust_delta(0))
    rtctime.set(nil, nil, 1073741824) print(rtctime.adjust_delta(1000000), rtctime.adjust_delta(2000000000))
    rtctime.set(nil, nil, -1073741824) print(rtctime.adjust_delta(1000000))

    print("-- rtctime: set")
    rtctime.set(1436430589, 200000, 0) print(time())
    tmr.delay(5500000) print(time())
    rtctime.set("1500000000") print(time())
    rtctime.set(1500000000, 0, 1073741824) tmr.delay(4000000) print("a quarter faster", time())
    rtctime.set(nil, nil, -1073741824) print("from now on", time())
    tmr.delay(4000000) print("a quarter slower", time())
    rtctime.set(1500000000, 300000) print("keeps the rate", time())
    rtctime.set(1500000000, 0, 0) print(select("#", rtctime.set(1500000000)))
    why(rtctime.dsleep_aligned)
    why(rtctime.dsleep_aligned, 1)
    why(rtctime.dsleep_aligned, 1, 1, 5)

    print("-- the calendar")
    local function calendar(seconds)
        local t, fields = rtctime.epoch2cal(seconds), 0
        for _ in pairs(t) do fields = fields + 1 end
        print(("%04d-%02d-%02d %02d:%02d:%02d"):format(t.year, t.mon, t.day, t.hour, t.min, t.sec), t.yday, t.wday, fields)
    end
    calendar(0)
    calendar(86399)
    calendar(951782399) -- 28 February 2000, a leap year
    calendar(951782400)
    calendar(951868800)
    calendar(978307199)
    calendar(1436430589)
    calendar(1456704000) -- 29 February 2016
    calendar(1483228799)
    calendar(1483228800)
    calendar(2147483647)
    local epoch2cal, get, set, meminfo = rtctime.epoch2cal, rtctime.get, rtctime.set, node.egc.meminfo
    local kept = epoch2cal(5)
    collectgarbage() collectgarbage()
    local before = meminfo()
    local t = epoch2cal(1436430589)
    print("its table", (meminfo()) - before == 32 + 8 * (3 / 2 == 1 and 20 or 32))
    before = meminfo()
    set(1500000000, 0, 0) get() rtcmem.write32(50, 1) rtcmem.read32(50)
    print("the others", (meminfo()) - before)
    tmr.delay(2000000)
    node.restart()
elseif boots == 1 then
    print("-- after a restart", time())
    tmr.create():alarm(3000, tmr.ALARM_SINGLE, function() rtctime.dsleep_aligned(60000000, 56000000) end)
else
    print("-- after an aligned deep sleep", time())
    rtcmem.write32(3, 5, 5, 5, 5) print("other words", rtcmem.read32(3))
    for i = 0, 9 do rtcmem.write32(i, 0) end
    print("overwritten", rtctime.get())
end
