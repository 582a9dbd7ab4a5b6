-- A request as text to its answer as text, as servers for NodeMCU do it.

local M = {}
local pages = {
    ["/index.html"] = "<html><body>" .. ("<p>a paragraph of the page</p>"):rep(20) .. "</body></html>",
    ["/style.css"] = "td,th{padding:0 1em}",
}
local types = {html = "text/html", css = "text/css", json = "application/json"}

local function parse(request)
    local method, uri, version = request:match("^(%u+) (%S+) HTTP/(%d%.%d)\r\n")
    local headers, args = {}, {}
    for name, value in request:gmatch("\r\n([%w-]+): *([^\r\n]*)") do headers[name:lower()] = value end
    local path, query = uri:match("^([^?]*)%??(.*)$")
    for key, value in query:gmatch("([^&=]+)=([^&]*)") do
        args[key] = value:gsub("+", " "):gsub("%%(%x%x)", function(hex)
            return string.char(tonumber(hex, 16))
        end)
    end
    return {method = method, path = path, version = version, headers = headers, args = args}
end

local function json(args)
    local parts = {}
    for key, value in pairs(args) do parts[#parts + 1] = ("%q:%q"):format(key, value) end
    table.sort(parts)
    return "{" .. table.concat(parts, ",") .. "}"
end

function M.answer(request)
    local parsed = parse(request)
    local body = pages[parsed.path]
    local kind = types[parsed.path:match("%.(%w+)$") or ""] or "text/plain"
    if parsed.path == "/api" then body, kind = json(parsed.args), types.json end
    local status = body and "200 OK" or "404 Not Found"
    body = body or "nothing here\n"
    return table.concat({"HTTP/1.1 ", status, "\r\nContent-Type: ", kind, "\r\nContent-Length: ", #body,
        "\r\nConnection: close\r\n\r\n", body})
end

return M
