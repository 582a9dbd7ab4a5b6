-- The module file as the firmware has it: flat names, and what they must not reach.
local function list(pattern)
    local names = {}
    for name, size in pairs(file.list(pattern)) do
        names[#names + 1] = name:gsub("\n", "\\n") .. " " .. size
    end
    table.sort(names)
    print(table.concat(names, "\n"))
end

print("-- sub-directories are parts of names; links and hidden files are not there")
list()
print(file.getcontents("http/index.html"), dofile("http/mod.lua"))
package.loaded["http.mod"] = nil
print(require("http.mod"), (loadfile("http/none.lua")))
node.compile("http/mod.lua")
print(file.exists("http/mod.lc"), dofile("http/mod.lc"))
file.remove("http/mod.lc")
for _, name in ipairs{"link", "www/page", "dangling", "inner/index.html", "../outside/secret", "pipe",
    ".git/config", "http", "empty", "http/../http/index.html", "./100%", "http//index.html",
    "/FLASH/../../outside/secret"} do
    if file.exists(name) or file.open(name) or file.getcontents(name) or file.stat(name)
        or file.rename(name, "stolen") or loadfile(name) then
        print("reached", name)
    end
    file.remove(name)
    for _, mode in ipairs{"r", "r+"} do
        if file.open(name, mode) then print("opened", name, mode) end
    end
end

print("-- every name can be made, and is another file")
local names = {"../x", "a//b", ".", "..", "a", "a/b", "a/", "new/x", "%2F", "a%2Fb",
    "%00", "a%00", "link", "www/page", "inner/x", ".git/config", "http", "dangling", "a b\nc",
    "../../outside/secret", "x/../../outside/secret", "http/index.html/x", "pipe", "\255\1:", "A"}
for i, name in ipairs(names) do
    if not file.putcontents(name, ("x"):rep(i)) then print("not made", name) end
end
for i, name in ipairs(names) do
    if file.getcontents(name) ~= ("x"):rep(i) then print("another", name) end
end
list()
print("-- by pattern")
list("^a[^/]*$")
print(pcall(file.list, "%"))
for _, name in ipairs(names) do file.remove(name) end
print("-- without them")
list()

print("-- names that begin with / are of a drive, and there is one")
file.putcontents("a", "content")
for _, name in ipairs{"/a", "/", "//", "/FLASH", "/FLASH:a", "/SD0/a", "/flash/a", "/FLASH/"} do
    print(name, file.exists(name), file.open(name), file.open(name, "w"), file.stat(name),
        select("#", file.getcontents(name)), file.putcontents(name, "x"), file.rename(name, "b"),
        file.rename("a", name), select("#", file.remove(name)), (loadfile(name)), (pcall(dofile, name)))
end
print(file.exists("/FLASH/a"), file.getcontents("/FLASH/a"), file.stat("/FLASH/a").size)
print(file.rename("/FLASH/a", "/FLASH/b"), file.getcontents("b"), file.exists("a"))
file.remove("/FLASH/b")
list()

print("-- rename")
file.putcontents("one", "1") file.putcontents("two", "22")
print(file.rename("one", "two"), file.getcontents("two"), file.rename("one", "one"))
print(file.rename("none", "x"), file.rename("one", "two/three"), file.exists("one"))
print(file.getcontents("two/three"), file.rename("two/three", ("x/"):rep(16)))
local f = file.open("two/three")
file.rename("two/three", "uno") file.remove("uno")
print(f:read(), f:seek(), f:flush(), f:close())

print("-- modes and positions")
file.putcontents("m", "12345")
f = file.open("m", "rb") print(f:read(), f:write("x")) f:close()
f = file.open("m", "nonsense") print(f:read(2)) f:close()
f = file.open("m", "a+") print(f:seek(), f:read(2), f:write("67"), f:seek(), f:seek("set", 1), f:read())
print(f:seek("set", 8), f:seek(), f:seek("cur", -8), f:seek(), f:seek("end", -7), f:read(0) == "") f:close()
f = file.open("m", "r+") f:seek("set", 6) print(f:writeline("8"), f:flush()) f:close()
print(file.getcontents("m"):gsub("\n", "$"))
f = file.open("m", "w") print(f:read(), f:write(""), f:write(12), f:seek()) f:close()
f = file.open("m", "w+") f:write("a,b") f:seek("set") print(f:read(","), f:read("5"), f:read(",")) f:close()
print(pcall(f.read, f), pcall(f.read, f, "no"))
f = file.open("m") print(pcall(f.read, f, "10"), pcall(f.seek, f, "there")) f:close()

print("-- whole files")
file.putcontents("m", "")
print(select("#", file.getcontents("none")), select("#", file.getcontents("m")), file.getcontents("m"))
print(pcall(file.putcontents, "m"), file.putcontents(("x/"):rep(16), "too long"))
print(file.stat("m").size, file.stat("m").is_dir, file.stat("m").time.year, file.stat("none"))

print("-- names that are too long or none")
local long = ("y"):rep(31)
print(pcall(file.open, long .. "y", "w"), file.putcontents(long, "x"), file.exists(long))
print(file.open("dir/" .. long, "w"), file.exists("dir/" .. long), pcall(file.stat, "dir/" .. long))
print(file.open(""), file.exists(""), pcall(file.exists, "a\0b"), pcall(node.compile, long .. ".lua"))
file.remove(long)

print("-- the current file")
local one, two = file.open("one", "w"), file.open("two")
print(file.read(), pcall(file.write, "x"), one:write("1st"))
print(one:close(), file.seek("set", 1), file.read(), file.close(), file.close(), one:close())
print(pcall(file.read), pcall(two.read, two), pcall(one.read, one))
one = file.open("one") print(file.open("none"), pcall(file.read), one:read()) one:close()
one = file.open("one") file.getcontents("two") print(pcall(file.read), one:read()) file.close(one)
one = file.open("one") file.close() two = file.open("two")
print(pcall(one.read, one), two:read()) two:close()
do local lost = file.open("one") lost = nil end
collectgarbage() collectgarbage()
print(file.read(), file.close())
do local lost = file.open("one") lost = nil end -- which is given up for the next one
file.open("two", "w")
collectgarbage() collectgarbage()
print(file.write("stays open"), file.close())
one = file.open("one")
file.open("two")
one:close() -- lets go of the current file's object, too
for _ = 1, 3 do print((pcall(file.read, 3000))) collectgarbage() end
file.putcontents("two", "")
for _, mode in ipairs{"r", "a", "r+", "a+"} do
    local f = file.open("one", mode)
    print(mode, f:write(""), f:seek())
    f:close()
end

print("-- four at a time")
local open = {}
for i = 1, 5 do open[i] = file.open("two") or "none" end
print(open[4] ~= "none", open[5], file.rename("one", "three"), file.exists("one"), (loadfile("http/mod.lua")))
file.remove("one")
open[2]:close()
print(file.exists("one"), (pcall(require, "none")), loadfile("http/mod.lua") ~= nil)
for i = 1, 4 do open[i]:close() end
file.remove("one") file.remove("two")
for i = 1, 30 do file.open("m") collectgarbage() end -- what nobody holds is closed
print(file.open("m") ~= nil)

print("-- calls with wrong arguments, and what there is no use for")
for name, wrong in pairs{open = {}, exists = {}, remove = {}, rename = {"a"}, stat = {{}}, list = {{}}, getcontents = {},
    putcontents = {}, on = {"x"}} do
    local ok, message = pcall(file[name], unpack(wrong))
    names[name] = tostring(ok) .. " " .. tostring(message)
end
for _, name in ipairs{"open", "exists", "remove", "rename", "stat", "list", "getcontents", "putcontents", "on"} do
    print(name, names[name])
end
print(file.on("rtc", function() end), file.on("rtc"), file.on("rtc", nil), pcall(file.on, "rtc", 5))
print(pcall(file.read, io), pcall(file.close, 5), pcall(file.write, newproxy()))
local kept = file.open("m")
print(pcall(file.format))
print(pcall(kept.read, kept), file.exists("m"), file.mount, file.chdir)

print("-- room")
local free, used, total = file.fsinfo()
file.putcontents("m", ("x"):rep(252))
local free2, used2 = file.fsinfo()
print(free + used == total, total, used2 - used, free - free2, file.fscfg())
file.remove("m")
list()
