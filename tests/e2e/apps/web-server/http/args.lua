return function(connection, req, args)
    dofile("server-header.lc")(connection, 200, "html")
    connection:send("<ul>")
    local names = {}
    for k in pairs(args) do names[#names + 1] = k end
    table.sort(names)
    for _, k in ipairs(names) do connection:send("<li>" .. k .. " = " .. args[k] .. "</li>") end
    connection:send("</ul>")
end
