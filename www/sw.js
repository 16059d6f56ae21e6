// Keeps the page for when there is no network: all its files, of one version, from the first visit on. The build writes
// VERSION and FILES before this line.
(function () {
  'use strict';

  var OWN = 'receptive-own-data'; // the learner's, which no version touches
  var NAME = 'receptive-' + VERSION;

  self.addEventListener('install', function (event) {
    event.waitUntil(caches.open(NAME).then(function (cache) {
      return cache.addAll(FILES.map(function (file) { return new Request(file, { cache: 'no-cache' }); }));
    }));
  });

  self.addEventListener('activate', function (event) {
    event.waitUntil(caches.keys().then(function (names) {
      return Promise.all(names.map(function (name) {
        var old = name.indexOf('receptive-') === 0 && name !== NAME && name !== OWN;
        return old ? caches.delete(name) : null;
      }));
    }));
  });

  // The learner asked for the new version.
  self.addEventListener('message', function (event) {
    if (event.data === 'now') self.skipWaiting();
  });

  self.addEventListener('fetch', function (event) {
    var request = event.request;
    if (request.method !== 'GET' || new URL(request.url).origin !== location.origin) return;
    event.respondWith(caches.open(NAME).then(function (cache) {
      return cache.match(request, { ignoreSearch: true }).then(function (found) {
        if (found) return found;
        return request.mode === 'navigate' ? cache.match('./') : fetch(request);
      });
    }));
  });
})();
