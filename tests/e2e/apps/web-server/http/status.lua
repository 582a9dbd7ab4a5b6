return function(connection, req, args)
    dofile("server-header.lc")(connection, 200, "json")
    local t = {heap = node.heap(), uptime = tmr.time(), files = {}}
    for name, size in pairs(file.list()) do t.files[#t.files + 1] = name end
    t.files = #t.files
    connection:send(sjson.encode(t))
end
