-- stream.lua: text that has come and not been taken yet: of the console, of a connection.

local stream = {}
stream.__index = stream

local SHOWN = 60 -- bytes of text in a message

function stream.new()
    return setmetatable({pieces = {}, bytes = 0}, stream)
end

function stream:add(text)
    self.pieces[#self.pieces + 1] = text
    self.bytes = self.bytes + #text
end

function stream:text()
    if #self.pieces ~= 1 then self.pieces = {table.concat(self.pieces)} end
    return self.pieces[1]
end

local function drop(self, bytes)
    local rest = self:text():sub(bytes + 1)
    self.pieces, self.bytes = {rest}, #rest
end

-- Keeps the last bytes alone.
function stream:keep(bytes)
    if self.bytes > bytes then drop(self, self.bytes - bytes) end
end

-- Takes `what`: that many bytes; up to and with a pattern; nil: all there is, if there is something.
-- Returns the text and the pattern's captures, or nothing if it is not there yet.
function stream:take(what)
    if type(what) == "string" then
        local found = {self:text():find(what)}
        if not found[1] then return end
        local text = self:text():sub(1, found[2])
        drop(self, found[2])
        return text, unpack(found, 3)
    end
    local bytes = what or math.max(self.bytes, 1)
    if self.bytes < bytes then return end
    local text = self:text():sub(1, bytes)
    drop(self, bytes)
    return text
end

-- Text as a message shows it.
function stream.quote(text)
    local shown = #text > SHOWN and "..." .. text:sub(-SHOWN) or text
    shown = shown:gsub("[%c\127-\255\\]", function(c)
        return c == "\n" and "\\n" or c == "\r" and "\\r" or c == "\t" and "\\t"
            or c == "\\" and "\\\\" or ("\\%03d"):format(c:byte())
    end)
    return "'" .. shown .. "'"
end

-- What is wanted, for a message: as in take.
function stream.describe(what)
    if type(what) == "number" then return what .. " bytes" end
    return what and stream.quote(what) or "something"
end

function stream:show()
    return self.bytes == 0 and "nothing has come" or stream.quote(self:text()) .. " has come"
end

return stream
