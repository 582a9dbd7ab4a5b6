return function(connection, req, args)
    dofile("server-header.lc")(connection, 200, args.ext, args.isGzipped)
    local size = file.stat(args.file).size
    local pos, chunk = 0, 1024
    while pos < size do
        collectgarbage()
        local f = file.open(args.file, "r")
        f:seek("set", pos)
        local data = f:read(chunk)
        f:close()
        f = nil
        connection:send(data)
        pos = pos + #data
    end
end
