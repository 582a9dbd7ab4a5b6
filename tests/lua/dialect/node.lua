-- The module node where stock Lua has nothing: what print writes into, what is run as if typed, what
-- happens to errors of callbacks, random numbers, settings that restart. Facts (d).
local names = {}
for name in pairs(node) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
local function why(f, ...) print((select(2, pcall(f, ...)))) end

print("-- partitions")
why(node.setpartitiontable)
why(node.setpartitiontable, {unknown = 1})
why(node.setpartitiontable, {1})
why(node.setpartitiontable, {lfs_addr = "text"})
why(node.setpartitiontable, {lfs_addr = -1})
why(node.setpartitiontable, {lfs_addr = 0x7fffffff})
why(node.setpartitiontable, {lfs_size = 3})
why(node.setpartitiontable, {spiffs_addr = 4096})
local t = node.getpartitiontable()
print(t.lfs_addr > 0, t.lfs_size > 0, t.spiffs_addr, t.spiffs_size > 0)

print("-- random")
local low, high = 7, 0
for i = 1, 200 do
    local r = node.random(6)
    low, high = math.min(low, r), math.max(high, r)
end
print(low, high, node.random(3, 3), node.random(-2, -2), node.random() < 1)
why(node.random, 0)
why(node.random, 5, 4)
why(node.random, 1, 2, 3)
why(node.dsleep, "soon")
why(node.dsleep, nil, {})
print(select("#", node.dsleep()), select("#", node.dsleep(nil, 1)))
print(node.dsleepMax() > 1e10 or math.floor(node.dsleepMax()))
why(node.sleep, {duration = 5})
print(select("#", node.restore()))

print("-- settings")
why(node.egc.setmode, 8)
why(node.egc.setmode, node.egc.ON_MEM_LIMIT)
why(node.egc.setmode, node.egc.ON_MEM_LIMIT, 0)
print(node.egc.NOT_ACTIVE, node.egc.ON_ALLOC_FAILURE, node.egc.ON_MEM_LIMIT, node.egc.ALWAYS)
print(node.stripdebug())
why(node.stripdebug, 4)
why(node.stripdebug, 2, print)
why(node.compile, "text.txt")
why(node.compile, "absent.lua")
why(node.info, "nonsense")
why(node.info, "")
why(node.info, {})
for _, group in ipairs{"hw", "sw_version", "build_config", "lfs"} do
    local info, keys = node.info(group), {}
    for key, value in pairs(info) do keys[#keys + 1] = key .. ":" .. type(value) end
    table.sort(keys)
    print(group, table.concat(keys, " "))
end
local hw, build = node.info("hw"), node.info("build_config")
print(hw.chip_id == node.chipid(), hw.flash_id == node.flashid(), hw.flash_size * 1024 == node.flashsize())
print(hw.flash_mode, hw.flash_speed, build.ssl, build.lfs_size == node.info("lfs").lfs_size)
print(build.number_type, (build.modules .. ","):match("^[%l%d_,]+$") ~= nil, build.modules:match("pipe"))
local last, here = "", {}
for name in build.modules:gmatch("[^,]+") do
    if name <= last or type(_G[name]) ~= "table" then print("not a module in its place", name) end
    last, here[name] = name, true
end
print(here.bit, here.file, here.node, here.sjson, here.struct, here.tmr, here.uart)
print(node.info())
print((node.info("legacy")))
print(node.heap() > 1000, node.egc.meminfo() > 1000, select("#", node.egc.meminfo()))
why(node.startup, {command = ("x"):rep(300)})
print(node.startupcommand("@init.lua"), node.startup().command, node.startup({}).command)
local function settings(t)
    t = node.startup(t)
    print(t.command, t.banner, t.frequency, t.delay_mount)
end
settings() settings{banner = false} settings{frequency = 160, command = "!init"} settings{delay_mount = true}
settings{banner = true, frequency = 80} settings{}
print(node.getcpufreq(), node.setcpufreq(node.CPU160MHZ), node.getcpufreq(), node.setcpufreq(80))
print(node.bootreason())
print(node.LFS.get("x"), node.LFS.list(), node.LFS.time, node.LFS.anything)
print(node.LFS.reload("absent.img"))

print("-- tasks, output, input, errors")
why(node.task.post)
why(node.task.post, 3, print)
why(node.task.post, 1, 2)
print(select("#", node.setonerror(5)), select("#", node.output(5)), select("#", node.input("")))
print(pcall(node.output, print, false), node.output())
why(node.input)
why(node.input, {})
print(node.task.LOW_PRIORITY, node.task.MEDIUM_PRIORITY, node.task.HIGH_PRIORITY)
local failed = {}
node.setonerror(function(message) failed[#failed + 1] = message:match("^[^\n]*") end)
node.task.post(function() error("in a task") end)
node.task.post(function() local x = nil; return x.y end)
node.input("print('typed', 1 + 1)\n")
node.input("print(\n")
node.input("'over', 'lines')\nprint('the")
node.input(" rest')\nprint('waits for the end of its line')")
node.input("\n")
node.input("=1 + 2, 'results'\n= nil\nlocal t = {\n}\n=#t\n")
node.input("error('typed error')\n")
node.input("print(((((\n) print('wrong')\nprint('goes on')\n")
node.input("--" .. ("x"):rep(300) .. "\nprint('unfinished')")
local records, calls = {}, 0
node.output(function(pipe)
    calls = calls + 1
    pipe:unread("<")
    local record = pipe:read()
    while record do
        records[#records + 1] = record
        record = pipe:read("\n")
    end
end, 0)
print("first", 1, nil)
print("second")
tmr.create():alarm(10, tmr.ALARM_SINGLE, function()
    node.output(function(pipe) records[#records + 1] = pipe:read(3) return false end, 0)
    print("abcdef")
end)
tmr.create():alarm(20, tmr.ALARM_SINGLE, function()
    node.output()
    print(#failed, failed[1], failed[2])
    print(calls)
    for i, record in ipairs(records) do print(i, ("%q"):format(record)) end
    node.setonerror()
    node.input("print('another line')\n") -- its task is one of eight
    for priority = 0, 2 do
        local posted = 0
        while pcall(node.task.post, priority, function() end) do posted = posted + 1 end
        print("priority", priority, posted)
    end
    why(node.task.post, function() end)
end)
