-- A freeze in slices: the program goes on between them; nothing of it is seen before the last.
local function same(what, got, want)
    if got ~= want then print("FAULT", what, got, want) end
end
local function make(n)
    local list, add = {}, n
    for i = 1, 40 do list[i] = {name = "item " .. i .. " of " .. n, i, i * n, {i}} end
    return {list = list, get = function(i) return list[i][2] + add end}
end
local function used() return select(2, freezer.info()) end
local steps = {}
local function go_on() return table.remove(steps, 1)() end

-- The value, the bytes saved and nothing else, after as many slices as its flash takes.
steps[#steps + 1] = function()
    local t = make(3)
    local list, turns, is_done = t.list, 0, false
    local plan = freezer.plan(t)
    freezer.freeze {"an area"}
    local before = used()
    local last = before
    local function look()
        if is_done then return end
        turns = turns + 1
        same("in RAM", tostring(freezer.isfrozen(t)) .. tostring(freezer.isfrozen(list[1])) .. tostring(freezer.isfrozen(t.get)), "falsefalsefalse")
        same("it works", t.get(7), 24)
        same("a slice and a block at most", used() - last <= 512 + 120, true)
        last = used()
        same("verify", freezer.verify(), true)
        if turns % 4 == 0 then collectgarbage() end
        node.task.post(0, look)
    end
    node.task.post(0, look)
    freezer.freeze_async(t, function(v, saved, why)
        is_done = true
        same("value", rawequal(v, t) and v.list == list, true)
        same("why", why, nil)
        same("saved", saved, plan.saved)
        same("flash", used() - before <= plan.flash, true)
        same("slices of 512 bytes, then the group as one", turns >= 5 and turns <= plan.flash / 512 + 1, true)
        same("frozen", freezer.isfrozen(t) .. freezer.isfrozen(t.list[5]) .. freezer.isfrozen(list), "freezerfreezerfreezer")
        same("it works", t.get(40) .. t.list[40].name, "123item 40 of 3")
        same("verify", freezer.verify(), true)
        print "slices"
        go_on()
    end, {slice = 512})
    same("nothing is done at once", used(), before)
end

-- What is in flash already takes one slice and no flash.
steps[#steps + 1] = function()
    local before, t = used(), make(3)
    freezer.freeze_async(t, function(_, _, why)
        same("known", tostring(why) .. used() - before .. freezer.isfrozen(t), "nil0freezer")
        print "known"
        go_on()
    end)
end

-- What changes meanwhile stays in RAM, as it is, and the reason is told.
steps[#steps + 1] = function()
    local t, turns = make(4), 0
    local function change()
        turns = turns + 1
        if turns == 3 then t.list[1].name, t.list[1][3] = "another", {"new", "text"} else node.task.post(0, change) end
    end
    node.task.post(0, change)
    freezer.freeze_async(t, function(v, _, why)
        same("stays in RAM", freezer.isfrozen(v), false)
        same("as it is", v.list[1].name .. v.list[1][3][2] .. v.get(2), "anothertext12")
        same("why", why, ": it has changed since its freeze began")
        same("verify", freezer.verify(), true)
        local _, _, again = freezer.freeze(v)
        same("it freezes later", tostring(again) .. freezer.isfrozen(v.list), "nilfreezer")
        print "changed"
        go_on()
    end, {slice = 512})
end

-- In the way is what is in the way of any freeze.
steps[#steps + 1] = function()
    local t = {a = {b = {coroutine.create(function() end)}}}
    freezer.freeze_async(t, function(v, saved, why)
        same("why", saved .. why, "0.a.b[1]: a thread (freezer.thawed keeps it in RAM)")
        go_on()
    end)
end

-- Islands, overlays and functions; several at a time.
steps[#steps + 1] = function()
    local t, left = {state = freezer.thawed {1}, list = make(5).list}, 2
    local function done()
        left = left - 1
        if left == 0 then go_on() end
    end
    freezer.freeze_async(t, function()
        same("an island", freezer.isfrozen(t) .. t.state[1], "freezer1")
        t.state[1], t.new = 2, "new"
        same("an overlay", t.state[1] .. t.new .. #t.list, "2new40")
        done()
    end, {slice = 1024, overlay = true})
    local f = loadstring("local x = ... return x .. ' is a text of the function'")
    freezer.freeze_async(f, function(g, saved)
        same("a function", tostring(rawequal(f, g)) .. tostring(saved > 100) .. freezer.isfrozen(f) .. f(1), "truetruefreezer1 is a text of the function")
        done()
    end, {slice = 64})
end

-- Wrong use.
steps[#steps + 1] = function()
    for _, call in ipairs {
        function() freezer.freeze_async({}) end, function() freezer.freeze_async(5, print) end,
        function() freezer.freeze_async({}, print, {slice = 1}) end, function() freezer.freeze_async({}, print, 5) end,
    } do print((select(2, pcall(call)):gsub("^%S+ ", ""))) end
    local posted = 0
    while pcall(freezer.freeze_async, {posted}, function() end) do posted = posted + 1 end
    print(posted, select(2, pcall(freezer.freeze_async, {posted}, function() end)))
end
go_on()
