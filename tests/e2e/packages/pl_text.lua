-- penlight's texts: stringx, text, template, lexer, pretty, sip, data, config, xml, url, lapp, Date ...
local stringx, text, template, lexer = require "pl.stringx", require "pl.text", require "pl.template", require "pl.lexer"
local pretty, sip, data, config = require "pl.pretty", require "pl.sip", require "pl.data", require "pl.config"
local xml, url, stringio, luabalanced = require "pl.xml", require "pl.url", require "pl.stringio", require "pl.luabalanced"
local input = require "pl.input"
print(stringx.strip "  x ", stringx.center("ab", 7, "*"), stringx.title "hello wide world", stringx.count("banana", "an"))
print(stringx.split "a b c", stringx.partition("key=value=x", "="), stringx.rfind("abcabc", "bc"), stringx.shorten("long text here", 9))
print(stringx.startswith("abc", {"x", "ab"}), stringx.endswith("a.lua", ".lua"), stringx.replace("aaa", "a", "b", 2), stringx.isupper "AB")
print(stringx.splitlines "a\nb\r\nc", stringx.expandtabs("a\tb", 4), #stringx.splitlines "x\ny", stringx.join(",", {1, 2}))
print(stringx.quote_string 'say "x"\n', stringx.wrap("the quick brown fox jumps over the lazy dog", 12), stringx.dedent "  a\n    b\n  c")
print(text.indent("a\nb", 2, "."), text.fill("words that are to be filled into lines of a width", 20), text.Template "$a and ${b}":substitute {a = 1, b = 2})
print((template.substitute([[
# for i, name in ipairs(names) do
$(i): $(name:upper())
# end
done]], {names = {"x", "y"}, ipairs = ipairs})))
print((template.compile("a $(1 + 2)b")):render())
for kind, value in lexer.lua("local x = 'str' .. 0x1F -- note\nif x >= 1.5e3 then return [[long]] end") do
    io.write(kind, ":", tostring(value), " ")
end
print()
for kind, value in lexer.cpp("int f(char *p) { return p->x != 'c'; } // end") do io.write(kind, ":", tostring(value), " ") end
print()
print(pretty.write({1, 2, {a = "b", ["odd key"] = {3}}, last = true}), pretty.write({1, {2}}, ""))
print(pretty.read "{1, 2, x = {y = 'z'}}".x.y, pretty.read "os.exit()", pretty.number(123456, "N"), pretty.number(1536000, "M"))
local res = {}
print(sip.match("$v{name} = $d{value}", "width = 42", res), res.name, res.value, (sip.create_pattern "($i,$f)"))
print(sip.compile "at $d{from}-$d{to}: $r{rest}"("at 3-7: all the rest", res), res.rest)
local d = data.read(stringio.open "name,age,city\nAnn,31,Rome\nBob,25,Oslo\nCid,40,Rome\n")
print(#d, d.fieldnames, d:column_by_name "age", d:select "name,age where age > 30 sort by age" ())
print(d:copy_select("name where city == 'Rome'")[2][1])
local c = config.read(stringio.open "# note\nport = 80\nlist = 1,2,3\n[section]\nname = some text\nflag = true\n")
print(c.port, c.list[3], c.section.name, c.section.flag)
local doc = xml.parse [[<root a="1"><item id='x'>one &amp; two</item><item id='y'/><!-- c --><deep><er>z</er></deep></root>]]
print(doc, doc:tostring("", "  "), doc:child_with_name "item":get_text(), #doc:get_elements_with_name "item", doc.attr.a)
print(xml.new "a":addtag "b":text "<t>":up():addtag("c", {k = "v"}), doc:match([[<root><deep><er>$what</er></deep></root>]]).what)
print(url.quote "a b&c/d?e=\195\164", url.quote("a/b", true), url.unquote "a%20b%26+c")
local f = stringio.open "line one\n22 33\nrest of it"
print(f:read(), f:read("*n", "*n"), f:read "*l", f:read "*a", f:seek "set", f:read(4))
local out = stringio.create()
out:write("a", 1, "b")
out:writef("%03d", 7)
print(out:value())
print(luabalanced.match_bracketed("[a[b]c] tail"), luabalanced.match_string("'x\\'y' z"), #luabalanced.match_namelist "a, b = 1")
for a, b in input.fields({1, 2}, ",", stringio.open "1,2\n3,4\n") do io.write(a, "+", b, " ") end
for w in input.words(stringio.open "the words of it") do io.write(w, ";") end
print()
