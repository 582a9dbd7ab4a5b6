-- Says how many faults were noticed, by directory, and shows those that were not.
--
-- usage: summary.lua N RESULTS_DIR EQUIVALENT_FILE
-- Counts the first N results that are mutants. Prints a table, then the survivors as a diff. The
-- last line is `KILLED of N killed, ...` in per cent of those that are not equivalent. Status 1 if
-- there are fewer than N.

local wanted, results, equivalent_file = tonumber(arg[1]), arg[2], arg[3]

local function trim(text) return text:match("^%s*(.-)%s*$") end

-- EQUIVALENT_FILE: paragraphs of a line FILE, a line `- old`, a line `+ new`, and lines that say why.
local function read_equivalents()
    local known, file, old = {}, nil, nil
    for line in io.lines(equivalent_file) do
        if line:find("^%- ") then
            old = trim(line:sub(3))
        elseif line:find("^%+ ") and file and old then
            known[file .. "\n" .. old .. "\n" .. trim(line:sub(3))] = true
        elseif line:find("^[%w_/]+%.c$") then
            file = line
        end
    end
    return known
end

local function read_result(number)
    local file = io.open(results .. "/" .. number)
    if not file then return nil end
    local one = {old = "", new = ""}
    one.number, one.status, one.file, one.line, one.kind, one.test =
        file:read("*l"):match("^(%d+)\t([%w-]+)\t([^\t]+)\t(%d+)\t(%w+)\t(.*)$")
    for line in file:lines() do
        local sign, text = line:match("^([<>]) (.*)$")
        if sign == "<" then one.old = text elseif sign == ">" then one.new = text end
    end
    file:close()
    return one
end

local known = read_equivalents()
local directories, sums, survivors, count, number = {}, {}, {}, 0, 0
local total = {killed = 0, survived = 0, equivalent = 0}
while count < wanted do
    number = number + 1
    local one = read_result(number)
    if not one then break end
    if one.status ~= "no-mutant" then
        count = count + 1
        local status = one.status
        if status == "survived" and known[table.concat({one.file, trim(one.old), trim(one.new)}, "\n")]
        then
            status = "equivalent"
        elseif status == "survived" then
            survivors[#survivors + 1] = one
        end
        local directory = one.file:match("^[^/]+/[^/]+/") or one.file:match("^[^/]+/")
        directory = one.file:match("^reports/") or directory
        if not sums[directory] then
            sums[directory] = {killed = 0, survived = 0, equivalent = 0}
            directories[#directories + 1] = directory
        end
        sums[directory][status] = sums[directory][status] + 1
        total[status] = total[status] + 1
    end
end

table.sort(directories)
print(("%-24s %8s %8s %10s"):format("directory", "killed", "survived", "equivalent"))
for _, directory in ipairs(directories) do
    local sum = sums[directory]
    print(("%-24s %8d %8d %10d"):format(directory, sum.killed, sum.survived, sum.equivalent))
end
for _, one in ipairs(survivors) do
    print(("\n%s:%s: %s (%s)\n- %s\n+ %s"):format(one.file, one.line, one.kind, one.number,
        trim(one.old), trim(one.new)))
end
local judged = total.killed + total.survived
print(("\n%d of %d killed (%.1f %%), %d survived, %d equivalent"):format(total.killed, count,
    judged > 0 and 100 * total.killed / judged or 0, total.survived, total.equivalent))
os.exit(count < wanted and 1 or 0)
