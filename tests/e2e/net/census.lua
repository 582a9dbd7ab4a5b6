-- What is alive: objects by type and their references, for tests that compare before and after.
-- census() gives one line of text.
function census()
    collectgarbage() collectgarbage()
    local count, seen, todo = {}, {}, {debug.getregistry(), _G}
    local function visit(value)
        local kind = type(value)
        if (kind == "table" or kind == "userdata" or kind == "function") and not seen[value] then
            seen[value] = true
            todo[#todo + 1] = value
        end
    end
    seen[todo[1]], seen[todo[2]] = true, true
    while #todo > 0 do
        local value = table.remove(todo)
        local kind = type(value)
        count[kind] = (count[kind] or 0) + 1
        if kind == "table" and value ~= seen and value ~= todo then
            for k, v in pairs(value) do visit(k) visit(v) end
        end
    end
    seen, todo = nil, nil
    local refs = 0
    for key, value in pairs(debug.getregistry()) do
        if type(key) == "number" and key > 0 and type(value) ~= "number" then refs = refs + 1 end
    end
    local line = ("tables %d functions %d userdata %d references %d"):format(count.table or 0,
        count["function"] or 0, count.userdata or 0, refs)
    count = nil
    collectgarbage() collectgarbage()
    return ("%s bytes %d heap %d"):format(line, collectgarbage("count") * 1024, node.heap())
end
