// Boots the page: says something at once in the visitor's language, then has the program loaded (load.js).
(function () {
  'use strict';

  // The parts of the link that matter before the program can read it.
  var link = location.hash.split('?')[1] || '';
  function key(name) {
    var found = new RegExp('(?:^|&)' + name + '=([a-zA-Z0-9-]+)').exec(link);
    return found ? found[1] : '';
  }

  var root = document.documentElement;
  var kept = '';
  try { kept = localStorage.getItem('lang') || ''; } catch (refused) { /* a sandboxed frame has no storage */ }
  var language = key('lang') || kept || navigator.language || 'en';
  var chinese = /^zh/i.test(language);
  root.lang = chinese ? 'zh-CN' : 'en';
  if (key('theme')) root.dataset.theme = key('theme');
  if (key('embed') === '1') root.dataset.embed = '1';

  var text = chinese
    ? {
        loading: '卷积、池化与注意力的实验室，在你的浏览器中实时计算。正在加载……',
        old: '此浏览器缺少 WebAssembly SIMD，无法运行 Receptive。请更新浏览器：Chrome 或 Edge 91、Firefox 89、Safari 16.4 及以上版本均可。',
        broken: ['程序出错了', '你的设置没有丢失，都在这个链接里。重新加载即可从这里继续；若再次出错，请从地址中去掉最后一项设置。', '重新加载', '错误详情'],
        newer: ['这个页面有了新版本。', '载入新版本'],
        failed: '未能加载 Receptive 的程序。请检查网络连接，然后重新加载本页。若仍不成功，请把下面这一行告诉维护此页面的人：',
      }
    : {
        loading: 'A laboratory for convolution, pooling and attention, computed live in your browser. Loading…',
        old: 'This browser has no WebAssembly SIMD, so it cannot run Receptive. Please update it: Chrome or Edge from 91, Firefox from 89 and Safari from 16.4 will do.',
        broken: ['The program has stopped', 'Nothing you set is lost: it is all in this link. Load the page again to go on from here. If it stops again, take the last setting out of the address.', 'Load again', 'What went wrong'],
        newer: ['A new version of this page is ready.', 'Load it'],
        failed: 'The program of Receptive could not be loaded. Check the connection and load the page again. If that does not help, tell whoever keeps this page the following line:',
      };

  function say(sentence, detail) {
    var place = document.getElementById('boot');
    if (!place) return; // the program has taken over, and says itself what is wrong
    place.textContent = sentence;
    if (detail) {
      place.setAttribute('role', 'alert');
      place.appendChild(document.createElement('br'));
      place.appendChild(document.createElement('code')).textContent = detail;
    }
  }

  function stop(sentence, detail) {
    say(sentence, detail);
    var main = document.querySelector('main.frame');
    if (main) main.removeAttribute('aria-busy');
  }

  // A module with one function that gives back a 128-bit constant.
  function hasSimd() {
    if (typeof WebAssembly !== 'object') return false;
    var head = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 22, 1, 20, 0, 253, 12];
    var zeros = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    return WebAssembly.validate(new Uint8Array(head.concat(zeros, [11])));
  }

  // The program shows this panel when it fails; its words and its button must not depend on the program.
  ['panic-title', 'panic-say', 'panic-reload', 'panic-more'].forEach(function (id, i) {
    document.getElementById(id).textContent = text.broken[i];
  });
  document.getElementById('panic-reload').addEventListener('click', function () {
    history.replaceState(null, '', document.getElementById('panic-link').href);
    location.reload();
  });

  // The font of formulas: wanted soon, but not before the frame is on the screen. A page in one file has it.
  var math = document.createElement('link');
  math.rel = 'stylesheet';
  math.href = 'style/math.css';
  if (!self.receptive_whole) document.head.appendChild(math);

  // Keeps the page for when there is no network (sw.js), and says when a new version of it has come.
  function keep() {
    if (self.origin === 'null' || location.protocol === 'file:' || !navigator.serviceWorker) return;
    navigator.serviceWorker.register('sw.js', { updateViaCache: 'none' }).then(function (kept) {
      if (!kept) return;
      function tell() {
        if (!kept.waiting || !navigator.serviceWorker.controller) return;
        var place = document.getElementById('update');
        place.firstElementChild.textContent = text.newer[0];
        place.lastElementChild.textContent = text.newer[1];
        place.lastElementChild.onclick = function () {
          navigator.serviceWorker.oncontrollerchange = function () { location.reload(); };
          kept.waiting.postMessage('now');
        };
        place.hidden = false;
      }
      tell();
      kept.addEventListener('updatefound', function () {
        kept.installing.addEventListener('statechange', tell);
      });
    }).catch(function () { /* a browser that refuses keeps nothing */ });
  }

  say(text.loading);
  if (!hasSimd()) {
    stop(text.old);
    return;
  }
  self.receptive_load.start(function (files) {
    // The program will ask for these first: the page's words, the lab and its words.
    var lab = (/^#?\/([a-z-]+)/.exec(location.hash) || [])[1];
    lab = (lab || '').replace(/-/g, '_');
    if (!files[lab]) lab = 'convolution';
    var words = chinese ? 'chinese' : 'english';
    return [words, lab, lab + '_' + words];
  }, function (error) {
    stop(text.failed, String(error)); // heard only if the program has not shown itself yet
  }).then(function () { (self.requestIdleCallback || setTimeout)(keep); }).catch(function (error) {
    stop(text.failed, String(error));
    throw error; // into the console, with its stack
  });
})();
