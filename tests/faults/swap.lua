-- swap.lua IN OUT: writes a .lc file in the other byte order. For any Lua 5.1.

local file = assert(io.open(arg[1], "rb"))
local data, at, out = file:read("*a"), 13, {}
file:close()
assert(data:sub(1, 6) == "\27Lua\81\0" and data:byte(7) == 1, "no little-endian .lc file")
local number_bytes = data:byte(11)

local function take(count)
    local bytes = data:sub(at, at + count - 1)
    assert(#bytes == count, "the file is too short")
    at = at + count
    return bytes
end

local function copy(count) out[#out + 1] = take(count) end

-- A word of `bytes`, turned round; result: its value, for counts.
local function swap(bytes)
    local word, value = take(bytes), 0
    for i = math.min(bytes, 4), 1, -1 do value = value * 256 + word:byte(i) end
    out[#out + 1] = word:reverse()
    return value
end

local function pad()
    copy((1 - at) % 4)
end

local function text() copy(swap(4)) end

local function func()
    text()
    swap(4)
    swap(4)
    copy(4)
    local count = swap(4)
    pad()
    for _ = 1, count do swap(4) end
    for _ = 1, swap(4) do
        local tag = data:byte(at)
        copy(1)
        if tag == 1 then
            copy(1)
        elseif tag == 3 then
            swap(number_bytes)
        elseif tag == 4 then
            text()
        end
    end
    for _ = 1, swap(4) do func() end
    count = swap(4)
    pad()
    copy(count)
    for _ = 1, swap(4) do
        text()
        swap(4)
        swap(4)
    end
    for _ = 1, swap(4) do text() end
end

func()
assert(at == #data + 1, "bytes behind the end")
file = assert(io.open(arg[2], "wb"))
assert(file:write(data:sub(1, 6), "\0", data:sub(8, 12), table.concat(out)))
assert(file:close())
