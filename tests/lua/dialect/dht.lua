-- The module dht without a sensor: constants, functions, what is answered and how long that takes, wrong
-- uses, what it takes of the heap. Facts on the firmware's modules, section 14; with sensors:
-- tests/e2e/dht.sh.
-- Both builds.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
print(dht.OK, dht.ERROR_CHECKSUM, dht.ERROR_TIMEOUT)
local names = {}
for name in pairs(dht) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
for _, name in ipairs{"read", "read11", "read12", "readxx"} do print(name, dht[name](4)) end
print(select("#", dht.read(12)))
why(dht.read, 0)
why(dht.read, 13)
why(dht.read)
why(dht.read, "x")
local before = tmr.now()
dht.read(1)
local took = tmr.now() - before
print(took >= 18000 and took < 25000)
local read, meminfo = dht.read, node.egc.meminfo
collectgarbage()
before = meminfo()
read(4)
print((meminfo()) - before)
