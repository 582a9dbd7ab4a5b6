-- board.lua: takes notices in, keeps them packed, and shows them in several forms.
--
-- Exercises inspect, basexx, MessagePack and markdown. A library is let go when its part is done.

local M = {}

local function using(name)
    local library = require(name)
    package.loaded[name] = nil
    return library
end

local function parse(text)
    local notice, body = {tags = {}}, {}
    local head = true
    for line in text:gmatch("([^\n]*)\n") do
        local key, value = line:match("^(%l+): (.*)$")
        if head and key == "tags" then
            for tag in value:gmatch("%a+") do notice.tags[#notice.tags + 1] = tag end
        elseif head and key then
            notice[key] = tonumber(value) or value
        elseif line ~= "" or not head then
            head = false
            body[#body + 1] = line
        end
    end
    notice.text = table.concat(body, "\n")
    return notice
end

-- Keys in a fixed order: a packed table must not depend on pairs.
local ORDER = {"title", "tags", "votes", "priority", "text"}

local function pack(notices)
    local pack_one, packed = using("MessagePack").pack, {}
    for i, notice in ipairs(notices) do
        local parts = {}
        for k, key in ipairs(ORDER) do parts[k] = pack_one(notice[key]) end
        packed[i] = table.concat(parts)
    end
    return packed
end

local function unpack_all(packed)
    local mp, notices = using("MessagePack"), {}
    for i, text in ipairs(packed) do
        local notice, k = {}, 0
        for _, value in mp.unpacker(text) do
            k = k + 1
            notice[ORDER[k]] = value
        end
        notices[i] = notice
    end
    return notices
end

local function show_codes(packed)
    local basexx = using("basexx")
    for i, text in ipairs(packed) do
        local base64 = basexx.to_base64(text)
        print(i, #text, base64:sub(1, 40), basexx.from_base64(base64) == text)
    end
    local short = packed[1]:sub(1, 12)
    print("hex", basexx.to_hex(short), basexx.from_hex(basexx.to_hex(short)) == short)
    print("bit", basexx.to_bit(short:sub(1, 4)))
    print("base32", basexx.to_base32(short), basexx.from_base32(basexx.to_base32(short)) == short)
    print("crockford", basexx.to_crockford(short))
    print("url64", basexx.to_url64("\251\255\254 frost line"))
    print("z85", basexx.to_z85(short), basexx.from_z85(basexx.to_z85(short)) == short)
    print("refused", basexx.from_base64("a*b?"))
end

local function show_numbers()
    local mp, hex = using("MessagePack"), using("basexx").to_hex
    local values = {
        0, 1, -1, 127, 128, -32, -33, 255, 256, 65535, 65536, -129, -32769, 2 ^ 31, 2 ^ 40, 0.5,
        -2.75, 1e10, 3.141592653589793, 1 / 3, 1e300, -1e-5, true, false, "", "text", ("long "):rep(8),
    }
    for i = 1, #values do
        local packed = mp.pack(values[i])
        print(tostring(values[i]), hex(packed):sub(1, 40), mp.unpack(packed) == values[i])
    end
    print("nested", hex(mp.pack({1, {2, {3}}, "x"})))
    print("refused", (pcall(mp.pack, print)), (pcall(mp.unpack, "\193")))
end

local function show_tables(notices)
    local inspect = using("inspect")
    print(inspect(notices[1].tags))
    print(inspect({n = 1, ["two words"] = 2, [10] = "ten", [true] = false}))
    local first = notices[3]
    first.next, first.self = {title = "none"}, first
    print(inspect(first, {depth = 2}))
    print(inspect(first, {process = function(item, path)
        if path[#path] ~= "text" and path[#path] ~= inspect.METATABLE then return item end
    end}))
    first.next, first.self = nil, nil
    print(inspect(setmetatable({1, 2, {3}}, {__mode = "k"})), inspect("quote \" and \\ \n\t\1"))
end

local function show_pages(notices)
    local markdown = using("markdown")
    for _, notice in ipairs(notices) do
        print("<h1>" .. notice.title .. "</h1>")
        print((markdown(notice.text)))
    end
end

local function show_summary(notices)
    local by_tag, names = {}, {}
    for _, notice in ipairs(notices) do
        for _, tag in ipairs(notice.tags) do
            if not by_tag[tag] then
                by_tag[tag] = {}
                names[#names + 1] = tag
            end
            table.insert(by_tag[tag], notice.title)
        end
    end
    table.sort(names)
    for _, tag in ipairs(names) do print(tag, table.concat(by_tag[tag], ", ")) end
    table.sort(notices, function(a, b) return a.priority > b.priority end)
    for _, notice in ipairs(notices) do print(notice.priority, notice.votes, notice.title) end
end

-- Words of four letters and more, and how often each occurs; kept for searches.
local function build_index(notices)
    local index = {}
    for _, notice in ipairs(notices) do
        for word in (notice.title .. " " .. notice.text):lower():gmatch("%a%a%a%a+") do
            index[word] = (index[word] or 0) + 1
        end
    end
    return index
end

local function search(...)
    for i = 1, select("#", ...) do
        local word = select(i, ...)
        print(word, M.index[word] or "not found")
    end
end

function M.run()
    local notices = {}
    for text in using("notices")() do notices[#notices + 1] = parse(text) end
    local packed = pack(notices)
    notices = unpack_all(packed)
    show_codes(packed)
    packed = nil
    show_numbers()
    show_tables(notices)
    show_pages(notices)
    show_summary(notices)
    M.index = build_index(notices)
    search("workshop", "lamp", "switch", "glove", "coffee", "write", "teapot")
end

return M
