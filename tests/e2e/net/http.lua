-- An HTTP server: files below www_ with their types, a template, JSON both ways, uploads into files
-- (with a length, or in chunks), 404, 405, 501, connections that stay open. One request of a
-- connection at a time; the body goes to a file as it arrives, so it may be larger than the heap.
node.LFS.census() -- defines census()

local TYPES = {html = "text/html", css = "text/css", json = "application/json", txt = "text/plain"}
local REASONS = {[200] = "OK", [201] = "Created", [400] = "Bad Request", [404] = "Not Found",
    [405] = "Method Not Allowed", [411] = "Length Required", [431] = "Request Header Fields Too Large",
    [500] = "Internal Server Error", [501] = "Not Implemented"}
local HEAD_MAX = 1400
local PIECE = 1024
local count = 0

-- ---- answers ----

-- Sends what `next_piece` gives, one piece for each acknowledgement, then goes on with `after`.
local function send_all(socket, next_piece, after)
    local function step(socket)
        local piece = next_piece()
        if piece then socket:send(piece) else after(socket) end
    end
    socket:on("sent", step)
    step(socket)
end

local function once(text)
    return function()
        local piece = text
        text = nil
        return piece
    end
end

local function head(status, kind, bytes, keeps, more)
    return ("HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: %s\r\n%s\r\n")
        :format(status, REASONS[status], kind, bytes, keeps and "keep-alive" or "close", more or "")
end

-- ---- a connection ----

local function serve(socket)
    local text, request = "", nil -- what has arrived and is not used; what is being received

    local finish, work

    local function answer(socket, status, kind, body, more)
        local text = head(status, kind, #body, request.keeps, more)
        if request.method ~= "HEAD" then text = text .. body end
        local at = 1
        send_all(socket, function()
            if at > #text then return nil end
            local piece = text:sub(at, at + PIECE - 1)
            at = at + PIECE
            return piece
        end, finish)
    end
    local function fail(socket, status, more)
        answer(socket, status, "text/plain", REASONS[status] .. "\n", more)
    end

    function finish(socket)
        local keeps = request.keeps
        request = nil
        socket:on("sent", nil)
        if not keeps then
            for _, name in ipairs{"receive", "disconnection"} do socket:on(name, nil) end
            socket:close()
            return
        end
        work(socket)
    end

    local function send_file(socket, name)
        local info = file.stat(name)
        if not info then return fail(socket, 404) end
        local kind = TYPES[name:match("%.(%w+)$")] or "application/octet-stream"
        local is_head, started, at = request.method == "HEAD", false, 0
        send_all(socket, function()
            if not started then
                started = true
                return head(200, kind, info.size, request.keeps)
            end
            if is_head or at >= info.size then return nil end
            local f = file.open(name, "r") -- opened for each piece: four are open at a time
            if not f then return nil end
            f:seek("set", at)
            local piece = f:read(PIECE)
            f:close()
            at = at + #piece
            return piece
        end, finish)
    end

    local function send_template(socket)
        local page = file.getcontents("www_page.tpl")
        count = count + 1
        local values = {count = count, path = request.path, chip = node.chipid()}
        answer(socket, 200, "text/html", (page:gsub("{{(%w+)}}", function(name) return tostring(values[name]) end)))
    end

    local routes = {
        ["/page"] = {GET = send_template, HEAD = send_template},
        ["/state"] = {GET = function(socket)
            answer(socket, 200, TYPES.json, sjson.encode({count = count, name = "device"}))
        end},
        ["/alive"] = {GET = function(socket) answer(socket, 200, "text/plain", census() .. "\n") end},
        ["/sum"] = {POST = function(socket)
            local ok, value = pcall(sjson.decode, file.getcontents(request.target) or "")
            if not ok or type(value) ~= "table" then return fail(socket, 400) end
            local sum = 0
            for _, number in ipairs(value) do sum = sum + number end
            answer(socket, 200, TYPES.json, sjson.encode({sum = sum}))
        end},
    }

    local function respond(socket)
        local route = routes[request.path]
        if request.method == "PUT" then return answer(socket, 201, "text/plain", request.got .. " bytes\n") end
        if not route then
            if request.method ~= "GET" and request.method ~= "HEAD" then return fail(socket, 405, "Allow: GET, HEAD, PUT\r\n") end
            return send_file(socket, "www_" .. request.path:sub(2))
        end
        local handler = route[request.method]
        if not handler then
            local allowed = {}
            for method in pairs(route) do allowed[#allowed + 1] = method end
            table.sort(allowed)
            return fail(socket, 405, "Allow: " .. table.concat(allowed, ", ") .. "\r\n")
        end
        handler(socket)
    end

    -- ---- requests ----

    local function keep(piece) -- of a body
        request.got = request.got + #piece
        if not request.target then return end
        local f = file.open(request.target, request.got == #piece and "w" or "a")
        if f then
            f:write(piece)
            f:close()
        end
    end

    -- Uses up what it can of the body. True: the body is whole.
    local function take_body()
        if request.length then
            local piece = text:sub(1, request.length - request.got)
            text = text:sub(#piece + 1)
            if #piece > 0 then keep(piece) end
            return request.got == request.length
        end
        repeat -- chunks: their size in a line, their bytes, the end of a line
            local before = #text
            if request.state == "size" then
                local digits, rest = text:match("^(%x+)[^\r\n]*\r\n(.*)$")
                if digits then
                    text, request.left = rest, tonumber(digits, 16)
                    request.state = request.left > 0 and "bytes" or "last"
                end
            elseif request.state == "bytes" then
                local piece = text:sub(1, request.left)
                text = text:sub(#piece + 1)
                if #piece > 0 then keep(piece) end
                request.left = request.left - #piece
                if request.left == 0 then request.state = "line" end
            elseif #text >= 2 then
                text = text:sub(3)
                if request.state == "last" then return true end
                request.state = "size"
            end
        until #text == before
        return false
    end

    local METHODS = {GET = true, HEAD = true, POST = true, PUT = true, DELETE = true}

    -- The head, if it is whole. Its error, or nothing.
    local function take_head(socket)
        local first, rest = text:match("^(.-)\r\n\r\n(.*)$")
        if not first then
            if #text > HEAD_MAX then
                request = {method = "GET", got = 0}
                return 431
            end
            return
        end
        text = rest
        local method, path, version = first:match("^(%u+) (%S+) HTTP/(1%.[01])")
        request = {method = method, path = path, got = 0, state = "size"}
        if not method then return 400 end
        local connection = (first:match("\n[Cc]onnection: *([%a-]+)") or ""):lower()
        request.keeps = version == "1.1" and connection ~= "close" or connection == "keep-alive"
        request.length = tonumber(first:match("\n[Cc]ontent%-[Ll]ength: *(%d+)"))
        local is_chunked = first:match("\n[Tt]ransfer%-[Ee]ncoding: *chunked")
        if is_chunked then request.length = nil elseif not request.length then request.length = 0 end
        if first:match("\n[Ee]xpect: *100%-continue") then socket:send("HTTP/1.1 100 Continue\r\n\r\n") end
        if not METHODS[method] then return 501 end
        if method == "PUT" then
            request.target = "www_" .. path:sub(2)
            file.remove(request.target)
        elseif method == "POST" then
            request.target = "body"
            file.remove("body")
        end
    end

    function work(socket)
        if not request then
            local status = take_head(socket)
            if status then
                request.keeps = false
                request.is_answered = true
                return fail(socket, status)
            end
        end
        if request and not request.is_answered and take_body() then
            request.is_answered = true
            respond(socket)
        end
    end

    socket:on("receive", function(socket, piece)
        text = text .. piece
        if request and request.is_answered then return end -- it waits for its turn
        work(socket) -- which closes in "sent": a close in here would reset
    end)
    socket:on("disconnection", function(socket)
        for _, name in ipairs{"receive", "sent", "disconnection"} do socket:on(name, nil) end
    end)
end

net.createServer(30):listen(80, serve)
print("ready")
