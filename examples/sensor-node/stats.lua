-- stats.lua: running figures of a series of numbers.
--
-- new(bins)              series with a histogram of that many bins
-- s:add(x, low, high)    low..high is the range of the histogram
-- s:share(bin)           part of the values in that bin
-- s.average, s.least, s.most, s.count
-- s:bar()                histogram as text, one character per bin
-- The bins are the items 1..n of the series itself: one table less.

local Series = {}
Series.__index = Series

function Series.new(bins)
    local self = {}
    for i = 1, bins do self[i] = 0 end
    self.count, self.average = 0, 0
    return setmetatable(self, Series)
end

function Series:add(x, low, high)
    self.count = self.count + 1
    self.average = self.average + (x - self.average) / self.count
    self.least = math.min(self.least or x, x)
    self.most = math.max(self.most or x, x)
    local bin = math.floor((x - low) / (high - low) * #self) + 1
    bin = math.max(1, math.min(#self, bin))
    self[bin] = self[bin] + 1
end

function Series:share(bin)
    if self.count == 0 then return 0 end
    return self[bin] / self.count
end

local SHADES = {".", ":", "-", "=", "+", "*", "#", "%", "@"}

function Series:bar()
    local out = {}
    for i = 1, #self do
        local share = self:share(i)
        out[i] = share == 0 and " " or SHADES[math.min(#SHADES, math.ceil(share * #SHADES))]
    end
    return "[" .. table.concat(out) .. "]"
end

return Series
