local co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) error(b) end)
co(1)
return pcall(co, "x"), coroutine.status(coroutine.create(function() end))
