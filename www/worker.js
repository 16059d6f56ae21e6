// The page's worker: the same program, which finds no page here and waits for work.
'use strict';
// Orders may come before the program listens.
var early = [];
function hold(message) { early.push(message); }
self.onmessage = hold;
(function handOver() {
  if (self.onmessage === hold) setTimeout(handOver, 5);
  else early.forEach(function (message) { self.onmessage(message); });
})();
importScripts('load.js');
self.receptive_load.start(function () { return []; }).catch(function (error) {
  self.postMessage(['failed', String(error)]);
  throw error;
});
