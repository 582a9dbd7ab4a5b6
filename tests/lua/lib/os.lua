-- os: dates, times, environment, commands.
local function show(...)
    local t = {}
    for i = 1, select("#", ...) do t[i] = tostring((select(i, ...))) end
    print(table.concat(t, " "))
end
local function try(f, ...) show(pcall(f, ...)) end
local function date(format, when)
    local d = os.date(format, when)
    local keys = {}
    for k in pairs(d) do keys[#keys + 1] = k end
    table.sort(keys)
    for i, k in ipairs(keys) do keys[i] = k .. "=" .. tostring(d[k]) end
    print(table.concat(keys, " "))
end

print("-- date")
date("!*t", 0)
date("!*t", 1700000000)
date("!*t", -86400)
date("*t", 1700000000)
show(os.date("!%Y-%m-%d %H:%M:%S", 1700000000), os.date("!%A %B %j %p %y %%", 86400 * 200), os.date("!%c", 0))
show(os.date("!", 0), os.date("!plain", 0), os.date("!100%", 0), os.date("!%x %X", 5))
show(os.date("!%a %b %d %I %M %S %w %W %U %Z", 1e9))
show(type(os.date()), #os.date("%H:%M") == 5, type(os.date("*t").year))
try(os.date, {})
try(os.date, "%c", "x")

print("-- time")
local t = os.time { year = 2023, month = 11, day = 14, hour = 22, min = 13, sec = 20 }
show(t, os.date("%Y-%m-%d %H:%M:%S", t))
show(os.date("%H:%M", os.time { year = 2020, month = 1, day = 1 }), os.date("%Y-%m-%d", os.time { year = 2020, month = 14, day = -3 }))
show(os.time { year = 2020, month = 6, day = 15, isdst = false } ~= nil, os.time { year = "2020", month = "6", day = "15" } ~= nil)
local now = os.time()
show(type(now), now > 1600000000, math.abs(os.time(os.date("*t", now)) - now) <= 3600)
try(os.time, {})
try(os.time, { year = 2020 })
try(os.time, { year = 2020, month = 1 })
try(os.time, { month = 1, day = 1 })
try(os.time, { year = 2020, month = 1, day = {} })
try(os.time, 5)
show(os.difftime(10, 4), os.difftime(10), os.difftime(0.5, 1))
try(os.difftime)
try(os.difftime, {})
local c = os.clock()
show(type(c), c >= 0, os.clock() >= c)

print("-- environment, commands, locale")
show(os.getenv("HOME") ~= nil, os.getenv("NO_SUCH_VARIABLE_HERE"))
try(os.getenv)
show(os.execute("true") == 0, os.execute("false") ~= 0, os.execute() ~= 0)
show(os.setlocale(nil), os.setlocale("C"), os.setlocale("no such locale"))
try(os.setlocale, "C", "nothing")
show(os.setlocale("C", "numeric"), os.setlocale(nil, "time"))
print("exit follows")
os.exit(0)
