return function(connection, req, args)
    dofile("server-header.lc")(connection, 200, "html")
    if req.method == "GET" then
        connection:send('<form method="POST">First:<input name="first">Last:<input name="last"></form>')
    else
        local data = req.getRequestData()
        connection:send("<h2>hello " .. (data.first or "") .. " " .. (data.last or "") .. "</h2>")
    end
end
