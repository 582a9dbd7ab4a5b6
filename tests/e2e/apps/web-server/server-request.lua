local function uri_decode(s)
    return s:gsub("+", " "):gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)
end
local function parseArgs(args)
    local r, i = {}, 1
    if args == nil or args == "" then return r end
    for arg in string.gmatch(args, "([^&]+)") do
        local name, value = string.match(arg, "(.*)=(.*)")
        if name ~= nil then r[name] = uri_decode(value) end
        i = i + 1
    end
    return r
end
local function parseFormData(body)
    local data = {}
    for kv in body.gmatch(body, "%s*&?([^=]+=[^&]+)") do
        local key, value = string.match(kv, "(.*)=(.*)")
        data[key] = uri_decode(value)
    end
    return data
end
local function getRequestData(payload)
    local requestData
    return function()
        if requestData then return requestData end
        local mimeType = string.match(payload, "Content%-Type: ([%w/-]+)")
        local body = payload:sub(payload:find("\r\n\r\n", 1, true) + 4)
        payload = nil
        collectgarbage()
        if mimeType == "application/json" then
            requestData = sjson.decode(body)
        elseif mimeType == "application/x-www-form-urlencoded" then
            requestData = parseFormData(body)
        else
            requestData = {}
        end
        return requestData
    end
end
local function parseUri(uri)
    local r = {}
    if uri == nil then return r end
    if uri == "/" then uri = "/index.html" end
    local q = uri:find("?", 1, true)
    local path = q and uri:sub(1, q - 1) or uri
    r.args = parseArgs(q and uri:sub(q + 1))
    local _, _, name = path:find("([^/]+)$")
    r.ext = name and name:match("%.(%w+)$") or ""
    r.isScript = r.ext == "lua" or r.ext == "lc"
    r.file = "http" .. path
    return r
end
return function(request)
    local e = request:find("\r\n", 1, true)
    if not e then return nil end
    local line = request:sub(1, e - 1)
    local r = {}
    local _, i
    _, i, r.method, r.request = line:find("^([A-Z]+) (.-) HTTP/[1-9]+.[0-9]+$")
    r.methodIsValid = r.method and ({GET = true, HEAD = true, POST = true, PUT = true, DELETE = true})[r.method] or false
    r.uri = parseUri(r.request)
    r.getRequestData = getRequestData(request)
    return r
end
