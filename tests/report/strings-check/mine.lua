-- "not a string of the list"
local preload = "sensor/temperature", 'only later', [[never used]], "sensor/temperature"
