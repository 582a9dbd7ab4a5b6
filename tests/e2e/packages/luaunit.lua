-- luaunit: a suite with passes, failures, errors and skips; its text and TAP outputs; assertions.
local lu = require "luaunit"
TestNumbers = {}
function TestNumbers:setUp() self.n = 42 end
function TestNumbers:tearDown() self.n = nil end
function TestNumbers:test_equal() lu.assertEquals(self.n, 42) end
function TestNumbers:test_almost() lu.assertAlmostEquals(0.1 + 0.2, 0.3, 1e-9) end
function TestNumbers:test_wrong() lu.assertEquals(self.n, 43) end
function TestNumbers:test_nan() lu.assertNan(0 / 0) lu.assertInf(1 / 0) end
TestTables = {}
function TestTables:test_deep() lu.assertEquals({1, {2, a = {3}}}, {1, {2, a = {3}}}) end
function TestTables:test_difference() lu.assertEquals({1, 2, 3, 4, x = 1}, {1, 2, 4, 4, x = 2}) end
function TestTables:test_items() lu.assertItemsEquals({1, 2, 3}, {3, 1, 2}) end
function TestTables:test_contents() lu.assertTableContains({"a", "b"}, "b") end
TestErrors = {}
function TestErrors:test_message() lu.assertErrorMsgContains("bad", error, "a bad thing") end
function TestErrors:test_raises() local t = nil lu.assertEquals(t.x, 1) end
function TestErrors:test_skip() lu.skip("not now") end
function TestErrors:test_success() lu.success() lu.fail("not reached") end
function test_function() lu.assertStrContains("frostline", "line") lu.assertStrMatches("a1", "%a%d") end
function test_types() lu.assertIsString(1) end
local function run(...)
    local runner = lu.LuaUnit.new()
    local status = runner:runSuite(...)
    print("status", status, runner.result.runCount, runner.result.failureCount, runner.result.errorCount)
end
os.clock = function() return 0 end -- no times in the output
run("-v")
run("-o", "tap", "-v")
run("-p", "Table", "-p", "function", "-x", "contents")
print(lu.prettystr({1, 2, {a = "b", c = {}}, "it's"}), lu.prettystr("two\nlines"), lu.prettystr(-0.0))
for _, pair in ipairs {{1, "1"}, {{1}, {1}}, {{a = 1}, {a = 2}}} do
    print(pcall(lu.assertEquals, pair[1], pair[2]))
end
