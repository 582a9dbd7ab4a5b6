local s = "abc" .. 1 .. "d"
return s:rep(3):gsub("b", "%0x"), s:find("c", 1, true), s:byte(1, -1), ("%d %s %q"):format(3, s, s), #s,
    tostring(15), tonumber("0x10"), table.concat({ 1, 2, s }, ",")
