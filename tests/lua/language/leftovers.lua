-- What a statement leaves behind in slots that nobody uses: after each one the table that made() gave it
-- last is dead or, where a slot still refers to it, alive, as in stock Lua.
kept = setmetatable({}, {__mode = "v"})
function made()
    local t = {}
    kept[1] = t
    return t
end

local statements = {
    [[pcall(made)]],
    [[pcall(error,made())]],
    [[xpcall(function() error(made()) end, function(m) return 1 end)]],
    [[local n=select("#",made())]],
    [[local n=select(2,1,made())]],
    [[local n=tostring(made())]],
    [[local n=type(made())]],
    [[local a=next({made()})]],
    [[local a=unpack({made()})]],
    [[local a=rawget({},made())]],
    [[local a=rawequal(made(),made())]],
    [[assert(made())]],
    [[setmetatable(made(),{})]],
    [[local a=getmetatable(made())]],
    [[for i,v in ipairs({made()}) do end]],
    [[for k,v in pairs({made()}) do end]],
    [[table.insert({},made())]],
    [[table.insert({1,2},1,made())]],
    [[local a=table.remove({made()})]],
    [[local a=table.remove({made(),1},1)]],
    [[local a=table.concat({})]],
    [[local a=("a"):gsub("a",function() return made() and "x" end)]],
    [[local a=pcall(string.gsub,"a","a",{a=made()})]],
    [[local a=("%s"):format(tostring(made()))]],
    [[coroutine.wrap(function() coroutine.yield(made()) end)()]],
    [[coroutine.resume(coroutine.create(made))]],
    [[coroutine.resume(coroutine.create(function(a) end),made())]],
    [[loadstring("return ...")(made())]],
    [[load(function() made() return nil end)]],
    [[setfenv(function() end, made())]],
    [[local e=getfenv(setfenv(function() end, made()))]],
    [[pcall(next, made(), 1)]],
    [[pcall(setmetatable, 1, made())]],
    [[table.sort({1,2,3}, function() made() return false end)]],
    [[table.foreach({made()},function(k,v) end)]],
    [[table.foreachi({made()},function(k,v) end)]],
    [[local n=table.maxn({made()})]],
    [[local n=tonumber(made())]],
    [[xpcall(made, function() end)]],
    [[pcall(string.rep, made())]],
    [[pcall(function() return #made() + 1 end)]],
    [[pcall(function() return made() .. "a" end)]],
    [[pcall(function() return made() < made() end)]],
    [[pcall(function() made()() end)]],
    [[local a=made() == made()]],
    [[local a={made(),made()}]],
    [[local f=(function(...) return select("#",...) end)(made(),made())]],
    [[local a=pcall(pcall,error,made())]],
    [[local t=setmetatable({},{__index=function(t,k) return made() end}) local a=t.x a=nil]],
    [[local t=setmetatable({},{__newindex=function(t,k,v) end}) t.x=made()]],
    [[local t=setmetatable({},{__add=function(a,b) return made() end}) local a=t+1 a=nil]],
    [[local t=setmetatable({},{__call=function(s,a) return a end}) t(made())]],
    [[local t=setmetatable({},{__concat=function(a,b) return made() end}) local a=t.."x" a=nil]],
    [[local t=setmetatable({},{__eq=function(a,b) return made() end}) local a=t==setmetatable({},getmetatable(t))]],
    [[local t=setmetatable({},{__lt=function(a,b) return made() end}) local a=t<t]],
    [[for i=1,2 do local a=made() end]],
    [[while true do local a=made() break end]],
    [[local a=loadstring("x=")]],
    [[local a=loadstring("return {}, ...") a(made())]],
    [[local a,b=pcall(loadstring("error(...)"),made()) b=nil]],
    [[local a,b=xpcall(function() error(made()) end,function(m) return m end) b=nil]],
    [[string.gsub("abc","%w",function(c) made() end)]],
    [[local a=("a b"):gmatch("%a+") made() a()]],
    [[local s=("x"):rep(300) made()]],
    [[rawset({},1,made())]],
    [[rawset({},made(),1)]],
    [[local a=newproxy(true) getmetatable(a).__index=made()]],
    [[local c=coroutine.create(function() made() coroutine.yield() end) coroutine.resume(c) c=nil]],
    [[local c=coroutine.wrap(function(...) return ... end) c(made())]],
    [[local s=debug.traceback("x",1) made()]],
    [[made() local s=debug.traceback("x",1)]],
    [[select(-1,made(),made())]],
    [[unpack({made(),made(),made()},1,2)]],
    [[local a=("x"):byte(1,-1) made()]],
}

for _, statement in ipairs(statements) do
    local f = assert(loadstring(statement .. " collectgarbage() alive = kept[1] ~= nil"))
    kept[1], alive = nil, nil
    f()
    print(alive, kept[1] ~= nil, statement)
end
for _, statement in ipairs(statements) do
    local f = assert(loadstring(statement .. " return (function() collectgarbage() return kept[1] ~= nil end)()"))
    kept[1] = nil
    print(f(), statement)
end
