return function(connection, req, args)
    local extra = args.headers or {}
    connection:send("HTTP/1.0 " .. args.code .. " " .. args.errorString .. "\r\nServer: nodemcu-server\r\nContent-Type: text/html\r\n" .. table.concat(extra, "\r\n") .. "\r\n\r\n")
    connection:send("<html><head><title>" .. args.code .. " - " .. args.errorString .. "</title></head><body><h1>" .. args.code .. " - " .. args.errorString .. "</h1></body></html>\r\n")
end
