# terminal-text.py FROST DIR: no form of any command prints what a terminal obeys.
#
# Names and texts of an application, of files and of options have escape sequences, carriage
# returns, bytes that are no UTF-8 and marks of direction. Every command is run in every form; what
# the program itself prints is its own. Writes TAP.
import os
import re
import subprocess
import sys

frost = sys.argv[1]
os.chdir(sys.argv[2])
evil = b"\x1b]0;Zq7\x07\x1b[31m\r\xff\xe2\x80\xae\xc2\x9b31m\xe2\x81\xa6"
quoted = b"".join(b"\\%03d" % byte for byte in evil)
obeyed = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
word = os.fsdecode(evil)
count = failed = shown = 0

os.mkdir("app")
with open("app/init.lua", "wb") as file:
    file.write(b"""E = "%s"
G = {} G[E] = {[E] = {{}, {}}} _G[E .. "g"] = {1, 2, {}}
K = loadstring("local t = {} for i = 1, 40 do t[i] = {i} end return t", "=" .. E)()
K2 = loadstring("return function() local t = {} for i = 1, 40 do t[i] = {i} end return t end", "@" .. E)()()
package.loaded[E] = G
for i = 1, 200 do string.find("abc" .. E, "[a]" .. E) end
function G.f() return {} end
G.x = G.f()
file.putcontents("kept", E)
""" % quoted)
module = evil[:20]
with open(b"app/" + module + b".lua", "wb") as file:
    file.write(b'local M = {} function M.f() G2 = {{}} return M["%s"] end M.x = M.f() return M' % quoted)
with open("syntax.lua", "wb") as file:
    file.write(b'x = "%s" unknown_function() y = "%s\n' % (quoted, evil))
with open("names.lua", "wb") as file:
    file.write(b'local t = {["%s"] = 1} return t' % quoted)
module = os.fsdecode(module)


def check(name, output):
    global count, failed, shown
    count += 1
    fault = None
    shown += b"]0;Zq7" in output
    try:
        text = output.decode()
        match = obeyed.search(text)
        if match:
            fault = repr(text[max(0, match.start() - 40):match.end() + 20])
    except UnicodeDecodeError as error:
        fault = repr(output[max(0, error.start - 40):error.end + 20])
    failed += fault is not None
    print("%sok %d - %s" % ("not " if fault else "", count, ascii(name).replace("#", "")))
    if fault:
        print("#   " + fault)


def run(*words):
    done = subprocess.run([frost, *words], stdin=subprocess.DEVNULL, capture_output=True)
    check(" ".join(words), done.stdout + done.stderr)


for name, more in ("one", []), ("two", ["--freeze"]):
    run("record", "-q", "-o", name, "--stacks=8", "--snapshot=end", "--fs", "app", *more, "app/init.lua")
run("luac", "-f", "-o", "one.img", "app/%s.lua" % module)
run("luac", "-f", "-o", "two.img", "app/init.lua", module + "=names.lua")
run("luac", "-l", "-l", "-p", "app/%s.lua" % module)
run("luac", "--names", "-l", "-l", "-p", "syntax.lua", word)
run("luac", "--" + word)
run("flash", "build", "-o", "flash.bin", "--lfs", "one.img", "--files", "app")
run("freeze", "make", "-o", "area.bin", "--fs", "app", module, "init", module + ".lua")
run("freeze", "make", "--flash", "flash.bin", "--fs", "app", module, "init")
for verb in "put", "rm", "get":
    run("flash", "fs", verb, "flash.bin", word)
run("size", "-d", "module,symbol", "--record=one.json", "one.img")
run("size", "-d", "module,symbol", "--record=two.json", "two.img")
run("history", "add", "h", "one.json", "--commit", "one", "--config", word)
run("history", "add", "h", "two.json", "--commit", "two", "--config", word, "--parent", word)
run("history", "add", "h", "two.json", "--commit", word)
run(word)
run("--" + word)
with open(word + ".world.lua", "wb") as file: # one that cannot be compiled, then one that fails
    file.write(b"x =")
run("run", "--world", word + ".world.lua", "-e", "print(1)")
with open(word + ".world.lua", "wb") as file:
    file.write(b'world.at(1, function() world.fail("%s") end)' % quoted)
run("run", "--world", word + ".world.lua", "-e", "tmr.create():alarm(5, 0, print)")
for option in "--world", "--saved-wifi", "--lfs", "--flash", "--replay", "--fs", "--heap-dump":
    run("run", option, word + "/none", "-e", "print(1)")
for option in "--host", "--port":
    run("run", "--live", option, word, "-e", "print(1)")
run("size", word)
commands = ["heap --min=0 --top=1000 one", "heap --base two one", "calls --min=0 --by=allocated one", "size one one.img",
            "size --base one two", "size -d module,symbol flash.bin", "gc -v one", "hot -v one", "strings -v one",
            "lint app", "lint syntax.lua", "lint one.img", "lfs ls -v one.img", "lfs check one.img", "lfs diff one.img two.img",
            "flash layout flash.bin", "flash dump flash.bin", "flash check flash.bin", "flash fs ls flash.bin",
            "freeze ls --blocks flash.bin", "freeze check area.bin", "freeze diff area.bin flash.bin",
            "history list h", "history diff h one two", "compare one two"]
for command in commands:
    for form in "text", "json", "markdown", "html":
        run(*command.split(), "--format=" + form)
    run(*command.split(), "--sort", word)
    run(*command.split(), "--exclude", "(" + word)
run("record", "-o", "three" + module, "--fs", "app", "-e", "print(1)")
run("report", "-o", "four" + module, "three" + module)
run("export", "--to=folded", "-o", "five" + module, "three" + module)
run("history", "plot", "h", "-o", "six" + module)
run("trace", "dump", "three" + module)
with open("four%s/summary.md" % module, "rb") as file:
    check("report: summary.md", file.read())
for command in "trace dump one", "lfs dump --strings one.img", "lfs dump --json one.img":
    run(*command.split())
for form in "callgrind", "dhat", "folded", "folded-peak":
    run("export", "--to=" + form, "-o", "-", "one")
run("lint", "--sarif=sarif", "app")
run("profile", "-q", "--worlds=0", "-o", "result", "app")
for directory, _, names in os.walk("result"):
    for name in names:
        if not re.search(r"/\.frost|\.trace", directory + "/") and re.search(r"\.(html|json|md|txt|folded|tsv)$|\.out\.", name):
            if not re.match(r"run\d\.txt", name):  # what the program has printed
                with open(os.path.join(directory, name), "rb") as file:
                    check("profile: " + name, file.read())
count += 1
enough = shown >= 60
failed += not enough
print("%sok %d - the names are shown in %s" % ("" if enough else "not ", count, "many outputs" if enough else shown))
print("1..%d" % count)
sys.exit(failed > 0)
