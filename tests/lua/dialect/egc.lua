-- node.egc: what each mode does when memory is short, seen from a program. The heap has 512 KB.
local egc, count, text = node.egc, collectgarbage, ("x"):rep(300)
print(egc.NOT_ACTIVE, egc.ON_ALLOC_FAILURE, egc.ON_MEM_LIMIT, egc.ALWAYS)
print(pcall(egc.setmode, 8))
print(pcall(egc.setmode, egc.ON_MEM_LIMIT, 0))
print(pcall(egc.setmode, egc.ON_MEM_LIMIT))
print(select("#", egc.setmode(egc.NOT_ACTIVE)))

-- The ledger's highest and the heap's lowest value while a function works.
local highest, lowest
local function look()
    local used, free = egc.meminfo(), node.heap()
    if used > highest then highest = used end
    if free < lowest then lowest = free end
end
local function garbage()
    for i = 1, 3000 do local s = text .. i look() end
end
local function keep()
    local all = {}
    for i = 1, 3000 do all[i] = text .. i look() end
end
local function measure(f)
    count() count()
    highest, lowest = 0, 1e9
    return pcall(f)
end

count("setpause", 100000) -- no collection by itself
count()
local rest = egc.meminfo()
print("none, garbage", measure(garbage))
print("none, keep", measure(keep))

egc.setmode(egc.ON_ALLOC_FAILURE)
print("failure, garbage", measure(garbage))
print("fills the heap first", lowest < 2000)
print("failure, keep", measure(keep))
count() count()
print("gives it back", egc.meminfo() < rest + 3000)

egc.setmode(egc.ON_MEM_LIMIT, rest + 60000)
print("limit, garbage", measure(garbage))
print("stays below, comes near", highest <= rest + 60000, highest > rest + 50000)
print("limit, keep", measure(keep))
print("stays below", highest <= rest + 60000)

egc.setmode(egc.ON_MEM_LIMIT, -200000)
print("free, garbage", measure(garbage))
print("keeps free, no more", lowest > 198000, lowest < 202000)
print("free, keep", measure(keep)) -- collections do not help; the rest of the heap is used
print("goes on into the rest", lowest < 100000)

egc.setmode(egc.ALWAYS, 4096)
print("always, garbage", measure(garbage))
print("keeps nothing", highest < rest + 2000)
print("always, keep", measure(keep))
print(#("q"):rep(4095), pcall(string.rep, "q", 4096))
egc.setmode(egc.ALWAYS)
print(#("q"):rep(4096))

-- Bits join: below the limit by collecting, and once more when the heap is full.
egc.setmode(egc.ON_ALLOC_FAILURE + egc.ON_MEM_LIMIT, -100000)
print("both, garbage", measure(garbage), lowest > 98000)
count("stop") -- stops all of them
print("stopped, garbage", pcall(garbage))
count("restart")
print("again, garbage", measure(garbage))
