-- pc.lua: the work in the pc profile: 11 million events.
require("work")(require("dkjson"), 800, 20)
