return function(port)
    local s = net.createServer(net.TCP, 10)
    s:listen(port, function(connection)
        local thread
        local buffered = {}
        local function sender(sock)
            return {
                send = function(_, payload)
                    sock:send(payload)
                    coroutine.yield()
                end,
            }
        end
        local function start(sock, req, args)
            local handler
            if req.methodIsValid and (req.method == "GET" or req.method == "POST") then
                local uri = req.uri
                if #uri.file > 32 then
                    args = {code = 400, errorString = "Bad Request"}
                    handler = dofile("server-error.lc")
                else
                    local exists = file.exists(uri.file)
                    if not exists and file.exists(uri.file .. ".gz") then
                        uri.file = uri.file .. ".gz"
                        args.isGzipped = true
                        exists = true
                    end
                    if not exists then
                        args = {code = 404, errorString = "Not Found"}
                        handler = dofile("server-error.lc")
                    elseif uri.isScript then
                        handler = dofile(uri.file)
                    else
                        args = {file = uri.file, ext = uri.ext, isGzipped = args.isGzipped}
                        handler = dofile("server-static.lc")
                    end
                end
            else
                args = {code = 501, errorString = "Not Implemented"}
                handler = dofile("server-error.lc")
            end
            local out = sender(sock)
            thread = coroutine.create(function()
                handler(out, req, args)
            end)
            local ok, err = coroutine.resume(thread)
            if not ok then print("Error: " .. tostring(err)) end
        end
        connection:on("receive", function(sock, payload)
            collectgarbage()
            if buffered.data then payload = buffered.data .. payload end
            if not payload:find("\r\n\r\n", 1, true) then buffered.data = payload return end
            local len = payload:match("Content%-Length: (%d+)")
            local head = payload:find("\r\n\r\n", 1, true) + 3
            if len and #payload - head < tonumber(len) then buffered.data = payload return end
            buffered.data = nil
            local req = dofile("server-request.lc")(payload)
            print(req.method .. ": " .. req.request)
            start(sock, req, req.uri.args)
        end)
        connection:on("sent", function(sock)
            if thread then
                local st = coroutine.status(thread)
                if st == "suspended" then
                    local ok, err = coroutine.resume(thread)
                    if not ok then print("Error: " .. err) sock:close() thread = nil end
                end
                if coroutine.status(thread) == "dead" then
                    sock:close()
                    thread = nil
                    collectgarbage()
                end
            end
        end)
        connection:on("disconnection", function() thread = nil end)
    end)
    local ip = wifi.sta.getip() or wifi.ap.getip()
    print("web server running at http://" .. ip .. ":" .. port)
    return s
end
