-- argparse: options, arguments, commands, help, usage, errors.
local argparse = require "argparse"
local function show(t)
    local keys = {}
    for k in pairs(t) do keys[#keys + 1] = k end
    table.sort(keys)
    for _, k in ipairs(keys) do
        local v = t[k]
        print("", k, type(v) == "table" and "{" .. table.concat(v, ",") .. "}" or v)
    end
end
local function make()
    local parser = argparse("tool", "Does things with files.", "See the manual.")
    parser:argument("input", "Input file.")
    parser:argument("more", "More files."):args("*")
    parser:option("-o --output", "Output file.", "a.out")
    parser:option("-I --include", "Directories."):count("*")
    parser:option("-n --number", "A number."):convert(tonumber):argname("<n>")
    parser:option("--pair"):args(2)
    parser:option("--level"):choices {"low", "high"}
    parser:flag("-v --verbose", "Say more."):count("0-2"):target("verbosity")
    parser:flag("-q --quiet")
    parser:mutex(parser:flag("--fast"), parser:flag("--slow"))
    return parser
end
print(make():get_help())
print(make():get_usage())
for _, args in ipairs {
    {"in"}, {"in", "a", "b", "-o", "out", "-Ix", "-I", "y", "-vv"}, {"-n", "12", "in", "--pair", "1", "2"},
    {"in", "--level=high", "--quiet"}, {}, {"in", "--level", "mid"}, {"in", "-n", "x"}, {"in", "--nothing"},
    {"in", "--fast", "--slow"}, {"in", "--pair", "1"}, {"in", "-vvv"}, {"in", "--outptu", "x"}, {"--", "-in"},
} do
    local ok, result = make():pparse(args)
    print(table.concat(args, " "), ok, ok and "" or result)
    if ok then show(result) end
end
local parser = argparse "git"
parser:command_target "command"
local add = parser:command("add a", "Adds."):summary("Adds files.")
add:argument("paths"):args("+")
local commit = parser:command "commit"
commit:option "-m --message":count(1)
commit:action(function(args) print("committed", args.message) end)
print(parser:get_help())
print(add:get_help())
for _, args in ipairs {{"add", "x", "y"}, {"a", "z"}, {"commit", "-m", "text"}, {"commit"}, {"push"}, {}} do
    local ok, result = parser:pparse(args)
    print(table.concat(args, " "), ok, ok and "" or result)
    if ok then show(result) end
end
print(#make():get_bash_complete() > 500, #parser:get_zsh_complete() > 300)
