-- notices.lua: what is on the board at the start. Heads are lines `key: value`, texts are Markdown.

return function()
    return ([[
title: Opening hours
tags: house, hours
votes: 12
priority: 1.5

The workshop is open from *Tuesday* to **Friday**, 9 to 17.

* Tuesday: pottery
* Wednesday: radios and clocks
* Friday: anything that has a plug
---
title: Lost and found
tags: house, lost
votes: 3
priority: 0.25

> A blue scarf, and one glove.

They are in the box below the stairs. Ask for `box 7`.
---
title: Soldering course
tags: course, radio
votes: 31
priority: 4

## What to bring

1. An iron with a fine tip
2. *Old* boards
3. Patience

See [the plan](http://workshop.example/plan "Plan") or write to the house.
---
title: House rules
tags: house, rules
votes: 7
priority: -2.75

## Rules

Switch off what you do not use. <b>No coffee</b> near the scopes & meters.

    switch lamp-3 off
    switch iron off

***

The end.
---
]]):gmatch("(.-)%-%-%-\n")
end
