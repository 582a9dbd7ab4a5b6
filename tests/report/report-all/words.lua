local words = {}
function words.count(text)
  local counts = {}
  for word in text:gmatch("%a+") do
    counts[word] = (counts[word] or 0) + 1
  end
  return counts
end
function words.line(name, value)
  return ("%s=%d"):format(name, value)
end
return words
