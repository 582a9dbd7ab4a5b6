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

-- Few functions, few variables that they share: each costs 30 to 60 bytes of RAM, also from flash.

local LINE_BYTES = 48 -- of a string on one line
local seq, sum = 0, 0
local options = {}
local timer        -- armed between start and stop
local place        -- "RAM" or "ROM": strings that are being sent
local last, sent   -- the last string that was sent, how many were
local round = 0    -- heap lines until the next snapshot; nil: flash has not been told yet, either
local put = uart and uart.write

if not put then
  local line
  put = function(_, byte)
    line = line or {}
    if byte ~= 10 then
      line[#line + 1] = byte
    else
      print(string.char(unpack(line)))
      line = nil
    end
  end
end

local function out(byte)
  sum = (sum * 31 + byte) % 65521
  put(0, byte)
end

-- Not by calling itself: a deeper stack might have to grow, and the heap may be full.
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

-- One line: its kind (the byte of a letter), "R" or "F" if `letter` is given, numbers, a text.
local function line(kind, letter, a, b, c, s, from, to)
  put(0, 126) put(0, 70) put(0, 49) put(0, 32) -- "~F1 "
  sum = 0
  digits(seq, 10)
  out(32)
  digits(tmr.now(), 10)
  out(32)
  seq = (seq + 1) % 65536
  out(kind)
  out(32)
  if letter then
    out(letter)
    out(32)
  end
  for i = 1, 3 do
    local n = i == 1 and a or i == 2 and b or i == 3 and c
    if n then
      digits(n, 10)
      out(32)
    end
  end
  if s then
    for i = from, to do
      local byte = s:byte(i)
      if byte < 32 or byte > 126 or byte == 92 or byte == 126 then
        out(92)
        digits((byte - byte % 16) / 16, 16)
        digits(byte % 16, 16)
      else
        out(byte)
      end
    end
    out(32)
  end
  digits(sum + 65536, 16) -- five digits, the first one is 1
  put(0, 10)
end

local function heap()
  local used, live
  if node.egc and node.egc.meminfo then
    used, live = node.egc.meminfo()
  else
    used, live = collectgarbage "count" * 1024, 0
  end
  line(72, nil, node.heap(), used, live) -- H
end

local function begin(what)
  place, last, sent = what, nil, 0
  line(83, what == "RAM" and 82 or 70) -- S
end

-- Sends strings behind `last` until `bytes` are out. At the end of the list in RAM that in flash
-- begins, if it has not been told.
local function piece(bytes)
  local letter = place == "RAM" and 82 or 70
  local is_good, list = pcall(debug.getstrings, place)
  if not is_good then
    place = nil
    return line(78, letter, node.heap()) -- N: no memory for the list
  end
  list = list or {} -- nil: no image is in flash
  local low, high = 0, #list + 1
  while last and high - low > 1 do
    local middle = (low + high - (low + high) % 2) / 2
    if list[middle] > last then high = middle else low = middle end
  end
  for i = low + 1, #list do
    if bytes <= 0 then return end
    last = list[i]
    bytes = bytes - #last - 24
    sent = sent + 1
    local to = options.max or 512
    if to > #last then to = #last end
    line(84, nil, #last, nil, nil, last, 1, to < LINE_BYTES and to or LINE_BYTES) -- T
    for from = LINE_BYTES + 1, to, LINE_BYTES do
      local stop = from + LINE_BYTES - 1
      line(85, nil, nil, nil, nil, last, from, stop < to and stop or to) -- U
    end
  end
  line(69, letter, sent) -- E
  place, last = nil, nil
  if letter == 82 and not round then
    round = options.strings or 6
    begin "ROM"
  end
end

local function hello()
  round = options.rom == false and 0 or nil
  line(66, 1 / 2 == 0 and 105 or 102, options.max or 512) -- B, i or f
end

-- Telling must not end an application whose heap is full: what cannot be told is a gap.
local function try(f, ...)
  if not pcall(f, ...) then place = nil end
end

local function tell()
  put(0, 10) -- whatever the application was writing
  if place then return piece(options.burst or 256) end
  heap()
  if options.strings == 0 then return end
  if not round or round <= 1 then
    round = round and (options.strings or 6)
    begin "RAM"
  else
    round = round - 1
  end
end

local function step()
  try(tell)
  timer:alarm(place and (options.tick or 100) or options.every or 10000, tmr.ALARM_SINGLE, step)
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
    piece(65536)
    tmr.wdclr()
  end
end

local function remark(what)
  if seq == 0 then hello() end
  put(0, 10)
  line(77, nil, nil, nil, nil, what, 1, #what) -- M
  heap()
end

return {
  start = function(wanted)
    options = wanted or options
    timer = timer or tmr.create()
    try(hello)
    step()
  end,
  stop = function()
    if timer then timer:unregister() end
    timer, place, last = nil, nil, nil
    put(0, 10)
    line(88) -- X
  end,
  snapshot = function(at_once) try(snapshot, at_once) end,
  mark = function(what) try(remark, what) end,
}
