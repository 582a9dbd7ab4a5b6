-- pipe: records, chunks, readers in tasks.

local function try(...) local r = {pcall(...)} for i=1,#r do r[i]=tostring(r[i]) end print(table.concat(r, " ")) end

local p = pipe.create()
print(#p, type(p[1]), p:nrec(), p:read())
p:write("one\ntwo\nthree")
print(#p, p:read(), p:read("\n+"), p:nrec(), p:read(2), p:read("\n"), p:read())
p:write(("x"):rep(600))
print(p:nrec(), #p:read(300), p:nrec(), #p:read(1000), p:nrec())
p:write("tail") p:unread("head ") p:unread(("y"):rep(300) .. ".")
print(#p:read("."), p:read(" +"), p:read())
p:write("a,b,c,")
for word in p:reader(",") do io = word break end
print(io, p:read(","), p:read(","), p:read(","))
try(p.write, p, 1) try(p.read, p, 0) try(p.read, p, "ab") try(p.read, {}) try(pipe.create, print, 3)
try(pipe.create, 1) try(pcall, p.read, 1)

print(type(pipe.create(nil, 3)), (tostring(p):gsub("0?x?%x+$", "ADDRESS")))

-- Chunks are filled up where something was read from them, before there are more.
p:write(("z"):rep(256)) p:read(100) p:write(("y"):rep(100)) print(p:nrec())
p:read(50) p:unread(("x"):rep(50)) print(p:nrec()) p:unread("w") print(p:nrec())
print(p:read("x"), #p:read("z"), #p:read("y"), p:nrec(), #p:read(1000), p:read())
p:write("ab") p:unread(("v"):rep(254)) print(p:nrec(), #p:read("a"), p:read())

-- A reader: what it returns says whether it is called again.
local calls, log = 0, {}
local q
q = pipe.create(function(pipe)
    calls = calls + 1
    log[#log + 1] = tostring(pipe == q) .. ":" .. tostring(pipe:read(1))
    if calls == 1 then return true end    -- again, since there is more
    if calls == 2 then q:write("z") end   -- nil: again, since it was written to
    if calls == 3 then return false end   -- not again
end)
q:write("ab") q:write("c")
pipe.create(function() print("not for nothing") end):write("")
node.task.post(node.task.LOW_PRIORITY, function()
    print(calls, table.concat(log, " "), q:read(9))
    q:write("d")
    node.task.post(node.task.LOW_PRIORITY, function() print(calls, log[4]) end)
end)

-- node.output prints into one.
node.task.post(node.task.LOW_PRIORITY, function()
    local seen = {}
    node.output(function(pipe) seen[#seen + 1] = pipe:read("\n+") return pipe:nrec() > 0 end, 0)
    print("to the pipe", 7)
    node.task.post(node.task.LOW_PRIORITY, function()
        node.output()
        print(("%q"):format(table.concat(seen, "|")))
    end)
end)

-- What an object costs: the firmware's sizes and the header of a userdata.
local function cost(make)
    node.egc.setmode(node.egc.NOT_ACTIVE)
    make() -- what stays for good
    collectgarbage() collectgarbage()
    local before, kept = collectgarbage("count"), make()
    collectgarbage() collectgarbage()
    local bytes = (collectgarbage("count") - before) * 1024
    node.egc.setmode(node.egc.ALWAYS, 4096)
    return bytes, type(kept)
end

print(cost(pipe.create))
-- With a chunk: 288, and room for it in the list.
print(cost(function() local with_text = pipe.create() with_text:write("x") return with_text end))
