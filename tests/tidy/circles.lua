-- Finds circles of object files: a uses a symbol of b, b one of a, directly or over others.
--
-- usage: nm -A --format=posix OBJECT... | circles.lua PREFIX
-- PREFIX is taken off the names of the objects. Prints each circle of files and of directories with
-- the symbols that close it, the directories that each directory uses, and the parts of
-- analyzer/analysis (a directory, or a file beside them). Status 1 if there is a circle.

local PARTS_MAX = 16 -- of analyzer/analysis: a directory a question, and what they share

local prefix = assert(arg[1], "usage: circles.lua PREFIX")

-- ---- what is defined where, and who uses it ----

local files, definer, wanted = {}, {}, {}

local function file_of(object)
    assert(object:sub(1, #prefix) == prefix, object .. " is not below " .. prefix)
    return (object:sub(#prefix + 1):gsub("%.o$", ""))
end

for line in io.lines() do
    local object, symbol, kind = line:match("^(.-): (%S+) (%a)")
    assert(object, "not a line of nm: " .. line)
    local file = file_of(object)
    if not wanted[file] then
        files[#files + 1] = file
        wanted[file] = {}
    end
    if kind == "U" then
        wanted[file][symbol] = true
    elseif kind:find("%u") then -- lower case is local to the file
        definer[symbol] = file
    end
end
assert(#files > 0, "no objects")
table.sort(files)

-- Edges as sorted lists of names; `group_of` gives the node of a file.
local function graph(group_of)
    local nodes, edges = {}, {}
    for _, file in ipairs(files) do
        local from = group_of(file)
        if from and not edges[from] then
            nodes[#nodes + 1] = from
            edges[from] = {}
        end
        for symbol in pairs(from and wanted[file] or {}) do
            local to = definer[symbol] and group_of(definer[symbol])
            if to and to ~= from then
                edges[from][to] = edges[from][to] or {}
                table.insert(edges[from][to], symbol)
            end
        end
    end
    table.sort(nodes)
    return nodes, edges
end

local function sorted_keys(set)
    local keys = {}
    for key in pairs(set) do keys[#keys + 1] = key end
    table.sort(keys)
    return keys
end

-- ---- circles: Tarjan's strongly connected components ----

local function circles(nodes, edges)
    local found, index, low, stack, is_on_stack, next_index = {}, {}, {}, {}, {}, 0
    local function visit(node)
        next_index = next_index + 1
        index[node], low[node] = next_index, next_index
        stack[#stack + 1], is_on_stack[node] = node, true
        for _, to in ipairs(sorted_keys(edges[node] or {})) do
            if not index[to] then
                visit(to)
                low[node] = math.min(low[node], low[to])
            elseif is_on_stack[to] then
                low[node] = math.min(low[node], index[to])
            end
        end
        if low[node] ~= index[node] then return end
        local circle = {}
        repeat
            local member = table.remove(stack)
            is_on_stack[member] = nil
            circle[#circle + 1] = member
        until member == node
        if #circle > 1 then
            table.sort(circle)
            found[#found + 1] = circle
        end
    end
    for _, node in ipairs(nodes) do
        if not index[node] then visit(node) end
    end
    return found
end

local function print_circles(what, nodes, edges)
    local found = circles(nodes, edges)
    for _, circle in ipairs(found) do
        print(("circle of %s: %s"):format(what, table.concat(circle, " ")))
        for _, from in ipairs(circle) do
            for _, to in ipairs(circle) do
                local symbols = edges[from] and edges[from][to]
                if symbols then
                    table.sort(symbols)
                    print(("    %s uses %s: %s"):format(from, to, table.concat(symbols, ", ")))
                end
            end
        end
    end
    return #found
end

local function directory_of(file)
    return file:match("^(.*)/") or "."
end

-- A directory of the analyses, or a file that lies beside them; nil: something else.
local function part_of(file)
    local inside = file:match("^analyzer/analysis/(.*)")
    return inside and inside:match("^[^/]*")
end

-- The longest way down from each node; circles have been found before.
local function level_count(nodes, edges)
    local levels, most = {}, 0
    local function level(node)
        if not levels[node] then
            levels[node] = 1
            for to in pairs(edges[node] or {}) do
                levels[node] = math.max(levels[node], level(to) + 1)
            end
        end
        return levels[node]
    end
    for _, node in ipairs(nodes) do most = math.max(most, level(node)) end
    return most
end

local function print_edges(nodes, edges)
    local count = 0
    for _, from in ipairs(nodes) do
        local targets = sorted_keys(edges[from])
        count = count + #targets
        print(("%s -> %s"):format(from, table.concat(targets, " ")))
    end
    return count
end

local file_nodes, file_edges = graph(function(file) return file end)
local directory_nodes, directory_edges = graph(directory_of)
local part_nodes, part_edges = graph(part_of)
local circle_count = print_circles("files", file_nodes, file_edges)
    + print_circles("directories", directory_nodes, directory_edges)
    + print_circles("parts of analyzer/analysis", part_nodes, part_edges)
print_edges(directory_nodes, directory_edges)
if circle_count == 0 then
    local edge_count = print_edges(part_nodes, part_edges)
    print(("analyzer/analysis: %d parts on %d levels with %d dependencies"):format(
        #part_nodes, level_count(part_nodes, part_edges), edge_count))
end
local has_too_many = #part_nodes > PARTS_MAX
if has_too_many then
    print("analyzer/analysis: at most " .. PARTS_MAX .. " parts: a file belongs into a directory")
end
os.exit((circle_count > 0 or has_too_many) and 1 or 0)
