-- columns.lua: text in columns, lines of a given width, pages.
--
-- rows(list, out)         list of rows (lists of texts) as aligned columns
-- wrap(text, width)       list of lines; blank lines in the text separate paragraphs
-- page(lines, number, height)   lines of that page, and the count of pages

local M = {}

local function widths_of(list)
    local widths = {}
    for _, row in ipairs(list) do
        for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, #cell) end
    end
    return widths
end

function M.rows(list, out)
    local widths = widths_of(list)
    for _, row in ipairs(list) do
        local cells = {}
        for i, cell in ipairs(row) do cells[i] = cell .. (" "):rep(widths[i] - #cell) end
        out((table.concat(cells, "  "):gsub(" +$", "")))
    end
end

local function wrap_paragraph(text, width, lines)
    local line, used = {}, 0
    for word in text:gmatch("%S+") do
        if used + #line + #word > width and #line > 0 then
            lines[#lines + 1] = table.concat(line, " ")
            line, used = {}, 0
        end
        line[#line + 1] = word
        used = used + #word
    end
    if #line > 0 then lines[#lines + 1] = table.concat(line, " ") end
end

function M.wrap(text, width)
    local lines = {}
    for paragraph in (text .. "\n\n"):gmatch("(.-)\n\n+") do
        if #lines > 0 then lines[#lines + 1] = "" end
        wrap_paragraph(paragraph, width, lines)
    end
    return lines
end

function M.page(lines, number, height)
    local pages = math.max(1, math.ceil(#lines / height))
    number = math.max(1, math.min(pages, number))
    local part = {}
    for i = (number - 1) * height + 1, math.min(#lines, number * height) do
        part[#part + 1] = lines[i]
    end
    return part, number, pages
end

return M
