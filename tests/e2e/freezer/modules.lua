-- Named modules: loaded and frozen once, then run from flash; a source that has changed is loaded again.
local function state() end
local before = select(2, freezer.info())
local plan = freezer.plan(assert(loadfile "named.lua"))
local m = freezer.require "named"
print(m.name(), m.value(), rawequal(m, freezer.require "named"), rawequal(m, package.loaded.named))
print(freezer.isfrozen(m.value), freezer.isfrozen "a text of the module", freezer.isfrozen(state), freezer.isfrozen(5))
local entry = freezer.list().named
print(entry.bytes, freezer.list().other, plan.flash > 0 and "written" or "found", select(2, freezer.info()) > before and "written" or "found")
print(pcall(freezer.require, "nowhere"))
print(freezer.verify())
