-- frostline.lua: tells over the console which strings and how much heap a device has.
--
-- For NodeMCU 3.0, Lua 5.1, as it comes: nothing is to be built. On the other side of the line:
-- frost record --serial /dev/ttyUSB0, or frost record --console FILE of a log made otherwise.
--
--     frostline = require "frostline"
--     frostline.start()              a heap line every 10 s, all strings every minute
--     frostline.start{every = 5000, strings = 2, burst = 128, tick = 200, max = 512, rom = false}
--     frostline.mark "connected"     a remark, with the heap at that moment
--     frostline.snapshot()           all strings now, piece by piece; snapshot(true): all at once
--     frostline.stop()
--
-- What the lines look like: collectors/device/device_line.h. They are written byte by byte, so that
-- telling makes no strings of its own. debug.getstrings gives one list of all strings, 12 bytes for
-- each; a piece asks for it, sends what comes behind the last string sent, and lets go of it.

local LINE_BYTES = 48 -- of a string on one line
local seq, sum = 0, 0
local options = {}
local timer        -- armed between start and stop
local place        -- "RAM" or "ROM": strings that are being sent
local last, sent   -- the last string that was sent, how many were
local round = 0    -- heap lines until the next snapshot
local wants_rom    -- flash has not been told yet
local line         -- bytes, where there is no module uart

local put = uart and uart.write or function(_, byte)
  line = line or {}
  if byte ~= 10 then
    line[#line + 1] = byte
  else
    print(string.char(unpack(line)))
    line = nil
  end
end

local function out(byte)
  sum = (sum * 31 + byte) % 65521
  put(0, byte)
end

local function digits(n, base)
  local power = 1
  while n / power >= base do power = power * base end
  repeat
    local high = (n - n % power) / power
    out(high < 10 and 48 + high or 87 + high)
    n = n % power
    power = power / base
  until power < 1
end

local function field(n)
  digits(n, 10)
  out(32)
end

local function open(kind)
  put(0, 126) put(0, 70) put(0, 49) put(0, 32) -- "~F1 "
  sum = 0
  field(seq)
  field(tmr.now())
  out(kind)
  out(32)
  seq = (seq + 1) % 65536
end

local function close()
  digits(sum + 65536, 16) -- five digits, the first one is 1
  put(0, 10)
end

local function text(s, from, to)
  for i = from, to do
    local b = s:byte(i)
    if b < 32 or b > 126 or b == 92 or b == 126 then
      out(92)
      digits((b - b % 16) / 16, 16)
      digits(b % 16, 16)
    else
      out(b)
    end
  end
  out(32)
end

local function string_lines(s)
  local bytes = #s
  local to = options.max or 512
  if to > bytes then to = bytes end
  open(84) -- T
  field(bytes)
  text(s, 1, to < LINE_BYTES and to or LINE_BYTES)
  close()
  for from = LINE_BYTES + 1, to, LINE_BYTES do
    open(85) -- U
    text(s, from, from + LINE_BYTES - 1 < to and from + LINE_BYTES - 1 or to)
    close()
  end
end

local function heap()
  local used, live
  if node.egc and node.egc.meminfo then
    used, live = node.egc.meminfo()
  else
    used, live = collectgarbage "count" * 1024, 0
  end
  open(72) -- H
  field(node.heap())
  field(used)
  field(live)
  close()
end

local function place_line(kind, n)
  open(kind)
  out(place == "RAM" and 82 or 70) -- R, F
  out(32)
  if n then field(n) end
  close()
end

-- Sends strings behind `last` until `bytes` are out. True if none are left.
local function piece(bytes)
  local is_good, list = pcall(debug.getstrings, place)
  if not is_good then
    place_line(78, node.heap()) -- N: no memory for the list
    return true
  end
  list = list or {} -- nil: no image is in flash
  local low, high = 0, #list + 1
  while last and high - low > 1 do
    local middle = (low + high - (low + high) % 2) / 2
    if list[middle] > last then high = middle else low = middle end
  end
  for i = low + 1, #list do
    if bytes <= 0 then return false end
    last = list[i]
    bytes = bytes - #last - 24
    sent = sent + 1
    string_lines(last)
  end
  place_line(69, sent) -- E
  return true
end

local function begin(what)
  place, last, sent = what, nil, 0
  place_line(83) -- S
end

-- The next piece; then what comes behind this list, if anything.
local function go_on(bytes)
  if not piece(bytes) then return end
  local was_ram = place == "RAM"
  place, last = nil, nil
  if was_ram and wants_rom then
    wants_rom = nil
    begin "ROM"
  end
end

local function hello()
  wants_rom = options.rom ~= false
  open(66) -- B
  out(1 / 2 == 0 and 105 or 102) -- i, f
  out(32)
  field(options.max or 512)
  close()
end

local function tell()
  put(0, 10) -- whatever the application was writing
  if place then
    go_on(options.burst or 256)
  else
    heap()
    round = round - 1
    if round <= 0 and options.strings ~= 0 then
      round = options.strings or 6
      begin "RAM"
    end
  end
end

-- Telling must not end an application whose heap is full: what cannot be told is a gap.
local function try(f, ...)
  if not pcall(f, ...) then place = nil end
end

local function step()
  try(tell)
  timer:alarm(place and (options.tick or 100) or options.every or 10000, tmr.ALARM_SINGLE, step)
end

local function remark(what)
  if seq == 0 then hello() end
  put(0, 10)
  open(77) -- M
  text(what, 1, #what)
  close()
  heap()
end

local function snapshot(at_once)
  if seq == 0 then hello() end
  put(0, 10)
  heap()
  if not place then begin "RAM" end
  if timer and not at_once then
    timer:alarm(options.tick or 100, tmr.ALARM_SINGLE, step)
    return
  end
  while place do
    go_on(65536)
    tmr.wdclr()
  end
end

return {
  start = function(wanted)
    options = wanted or options
    timer = timer or tmr.create()
    round = 0
    try(hello)
    step()
  end,
  stop = function()
    if timer then timer:unregister() end
    timer, place, last = nil, nil, nil
    put(0, 10)
    open(88) -- X
    close()
  end,
  snapshot = function(at_once) try(snapshot, at_once) end,
  mark = function(what) try(remark, what) end,
}
