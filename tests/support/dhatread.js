// Loads a DHAT file into the viewer that Debian's valgrind has and prints totals of its tree.
//
// usage: node dhatread.js /usr/libexec/valgrind/dh_view.js FILE
"use strict";
const fs = require("fs");
const vm = require("vm");

const viewer = fs.readFileSync(process.argv[2], "utf8");
const input = fs.readFileSync(process.argv[3], "utf8");
// The viewer's choice of a sort metric is an element of its page; buildTree() touches nothing else.
const script = viewer + `
;gData = JSON.parse(input);
gSelect = { childNodes: gSelectData.map(() => ({ disabled: false, selected: false })),
            selectedIndex: 0 };
buildTree();
let counted = 0, texts = 0;
(function walk(node) {
  if (!node._kids) {
    texts++;
    for (const n of node._accesses || []) counted += n;
  } else {
    node._kids.forEach(walk);
  }
})(gRoot);
result = { bytes: gRoot._totalBytes, blocks: gRoot._totalBlocks, reads: gRoot._readsBytes,
           texts: texts, counted: counted, points: gData.pps.length };
`;
const context = { input: input, result: null, console: console, performance: { now: () => 0 },
                  document: {}, window: {} };
vm.runInNewContext(script, context);
for (const name of Object.keys(context.result)) {
  console.log(name + " " + context.result[name]);
}
