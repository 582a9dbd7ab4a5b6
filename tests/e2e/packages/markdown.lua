-- markdown: blocks, spans, lists, links, code, entities. Its own random marks are not in the output.
require "markdown"
local text = [[
Title
=====

Second *level* with **strong** and `code <b>`
---------------------------------------------

### Third ###

A paragraph with a [link](http://example.org/?a=1&b=2 "title"), a
[reference][ref], an ![image](/i.png), an <http://auto.example.org/>
and a line  
break. AT&T, 4 < 5, &copy; \*not emphasis\*.

* one
* two
    * nested
    * more

      with a paragraph
* three

1. first
2. second

> A quotation
> with *markup*
>
> > nested

    code block <with> & things
    	tab

* * *

<div class="raw">
*not* markdown
</div>

[ref]: http://example.org/ref 'Reference'

Last_with_underscores and __strong__, ***both***, ``code with ` tick``.
]]
print(markdown(text))
for _, piece in ipairs {"", "plain", "# h #", "+ a\n+ b", "a\n\n\n\nb", "<p>x</p>", "[x][y]", "`a``b`"} do
    print(("%q"):format(markdown(piece)))
end
local many = {}
for i = 1, 40 do many[i] = ("%d. item *%d* [l%d](/u/%d)"):format(i, i, i, i) end
print(#markdown(table.concat(many, "\n")))
