-- Small whole programs: what users write, in one go.

-- Sieve.
local function primes(n)
    local sieve, list = {}, {}
    for i = 2, n do
        if not sieve[i] then
            list[#list + 1] = i
            for j = i * i, n, i do sieve[j] = true end
        end
    end
    return list
end
print(#primes(500), table.concat(primes(50), " "))

-- Queens.
local function queens(n)
    local columns, count, first = {}, 0, nil
    local function safe(row, col)
        for r = 1, row - 1 do
            local c = columns[r]
            if c == col or math.abs(c - col) == row - r then return false end
        end
        return true
    end
    local function place(row)
        if row > n then
            count = count + 1
            first = first or table.concat(columns, " ")
            return
        end
        for col = 1, n do
            if safe(row, col) then
                columns[row] = col
                place(row + 1)
                columns[row] = nil
            end
        end
    end
    place(1)
    return count, first
end
print(queens(6))

-- Sorting by hand against table.sort.
local function quicksort(t, lo, hi)
    if lo >= hi then return t end
    local pivot, i = t[hi], lo
    for j = lo, hi - 1 do
        if t[j] < pivot then
            t[i], t[j] = t[j], t[i]
            i = i + 1
        end
    end
    t[i], t[hi] = t[hi], t[i]
    quicksort(t, lo, i - 1)
    return quicksort(t, i + 1, hi)
end
local function numbers(n, seed)
    local t = {}
    for i = 1, n do
        seed = (seed * 1103 + 12345) % 65536
        t[i] = seed
    end
    return t
end
local own, lib = numbers(100, 7), numbers(100, 7)
quicksort(own, 1, #own)
table.sort(lib)
print(table.concat(own, ",") == table.concat(lib, ","), own[1], own[50], own[100])

-- Longest common subsequence.
local function lcs(a, b)
    local len = {[0] = {}}
    for j = 0, #b do len[0][j] = 0 end
    for i = 1, #a do
        len[i] = {[0] = 0}
        for j = 1, #b do
            if a:byte(i) == b:byte(j) then
                len[i][j] = len[i - 1][j - 1] + 1
            else
                len[i][j] = math.max(len[i - 1][j], len[i][j - 1])
            end
        end
    end
    local out, i, j = {}, #a, #b
    while i > 0 and j > 0 do
        if a:byte(i) == b:byte(j) then
            table.insert(out, 1, a:sub(i, i))
            i, j = i - 1, j - 1
        elseif len[i - 1][j] >= len[i][j - 1] then
            i = i - 1
        else
            j = j - 1
        end
    end
    return table.concat(out)
end
print(lcs("flash store on the chip", "the lua flash store"), lcs("abc", "xyz"))

-- Big numbers.
local function factorial(n)
    local digits = {1}
    for k = 2, n do
        local carry = 0
        for i = 1, #digits do
            local v = digits[i] * k + carry
            digits[i] = v % 10
            carry = math.floor(v / 10)
        end
        while carry > 0 do
            digits[#digits + 1] = carry % 10
            carry = math.floor(carry / 10)
        end
    end
    local out = {}
    for i = #digits, 1, -1 do out[#out + 1] = digits[i] end
    return table.concat(out)
end
print(factorial(5), factorial(25), #factorial(60))

-- A serializer with sorted keys, and its reader.
local function serialize(v)
    if type(v) ~= "table" then
        return type(v) == "string" and string.format("%q", v) or tostring(v)
    end
    local keys, out = {}, {}
    for key in pairs(v) do keys[#keys + 1] = key end
    table.sort(keys, function(a, b)
        if type(a) == type(b) then return a < b end
        return type(a) < type(b)
    end)
    for _, key in ipairs(keys) do out[#out + 1] = "[" .. serialize(key) .. "]="
        .. serialize(v[key]) end
    return "{" .. table.concat(out, ",") .. "}"
end
local value = {1, "two", {x = true, y = {false, "a\nb"}}, name = "n\"q\"", [2.5] = -3}
local text = serialize(value)
print(text)
print(serialize(loadstring("return " .. text)()) == text)

-- Word frequency.
local counts = {}
for word in ([[the water in ram the ice in flash the line between the two]]):gmatch("%a+") do
    counts[word] = (counts[word] or 0) + 1
end
local words = {}
for word in pairs(counts) do words[#words + 1] = word end
table.sort(words, function(a, b) return counts[a] > counts[b] or counts[a] == counts[b]
    and a < b end)
for i = 1, 4 do words[i] = words[i] .. "=" .. counts[words[i]] end
print(table.concat(words, " ", 1, 4))

-- A tokenizer and calculator.
local function calculate(line)
    local tokens = {}
    for number, sign in line:gmatch("%s*(%d*%.?%d*)%s*([-+*/()]?)") do
        if number ~= "" then tokens[#tokens + 1] = tonumber(number) end
        if sign ~= "" then tokens[#tokens + 1] = sign end
    end
    local pos, expression = 1, nil
    local function factor()
        local token = tokens[pos]
        pos = pos + 1
        if token == "(" then
            local v = expression()
            pos = pos + 1
            return v
        elseif token == "-" then
            return -factor()
        end
        return token
    end
    local function term()
        local v = factor()
        while tokens[pos] == "*" or tokens[pos] == "/" do
            pos = pos + 1
            if tokens[pos - 1] == "*" then v = v * factor() else v = v / factor() end
        end
        return v
    end
    function expression()
        local v = term()
        while tokens[pos] == "+" or tokens[pos] == "-" do
            pos = pos + 1
            if tokens[pos - 1] == "+" then v = v + term() else v = v - term() end
        end
        return v
    end
    return expression()
end
print(calculate("1 + 2 * 3"), calculate("(1 + 2) * 3 - -4 / 8"), calculate("2*(3+(4-1))/3"))

-- Life on a small torus.
local function life(rows, turns)
    local w, h = #rows[1], #rows
    for _ = 1, turns do
        local new = {}
        for y = 1, h do
            local cells = {}
            for x = 1, w do
                local n = 0
                for dy = -1, 1 do
                    for dx = -1, 1 do
                        local yy, xx = (y + dy - 1) % h + 1, (x + dx - 1) % w + 1
                        if (dx ~= 0 or dy ~= 0) and rows[yy]:sub(xx, xx) == "#" then n = n + 1 end
                    end
                end
                local alive = rows[y]:sub(x, x) == "#"
                cells[x] = (n == 3 or alive and n == 2) and "#" or "."
            end
            new[y] = table.concat(cells)
        end
        rows = new
    end
    return table.concat(rows, "\n")
end
print(life({".#....", "..#...", "###...", "......", "......", "......"}, 8))

-- Classes, events, a priority queue.
local Heap = {}
Heap.__index = Heap
function Heap.new() return setmetatable({n = 0}, Heap) end
function Heap:push(key, value)
    self.n = self.n + 1
    local i = self.n
    self[i] = {key = key, value = value}
    while i > 1 and self[math.floor(i / 2)].key > self[i].key do
        local p = math.floor(i / 2)
        self[i], self[p] = self[p], self[i]
        i = p
    end
end
function Heap:pop()
    local top = self[1]
    self[1], self[self.n] = self[self.n], nil
    self.n = self.n - 1
    local i = 1
    while true do
        local c = i * 2
        if c > self.n then break end
        if c < self.n and self[c + 1].key < self[c].key then c = c + 1 end
        if self[i].key <= self[c].key then break end
        self[i], self[c] = self[c], self[i]
        i = c
    end
    return top.key, top.value
end
local heap, out = Heap.new(), {}
for i, key in ipairs({5, 2, 8, 1, 9, 3}) do heap:push(key, "v" .. i) end
while heap.n > 0 do
    local key, v = heap:pop()
    out[#out + 1] = key .. v
end
print(table.concat(out, " "))

-- Run-length coding, Caesar, reversing words.
local function rle(s)
    local r, i = {}, 1
    while i <= #s do
        local c = s:sub(i, i)
        local j = i
        while s:sub(j + 1, j + 1) == c do j = j + 1 end
        r[#r + 1] = (j > i and j - i + 1 or "") .. c
        i = j + 1
    end
    return table.concat(r)
end
print(rle("aaabccddddd"), (rle("aaabccddddd"):gsub("(%d+)(.)", function(n, c) return c:rep(n) end)))
print((("Frost Line"):gsub("%a", function(c)
    local base = c:byte() < 97 and 65 or 97
    return string.char((c:byte() - base + 13) % 26 + base)
end)))
print((("water and ice"):gsub("%w+", string.reverse)))
