// Loads the program and its parts: in the page, where boot.js asks for it, and in the worker of the page.
//
// A classic script, as is the one it loads: in a frame with sandbox="allow-scripts" and on
// file:// the origin is opaque, where module scripts and fetch are refused. There the wasm
// comes from receptive_wasm.js, the same bytes as a script.
(function () {
  'use strict';

  function loadScript(name) {
    if (self.receptive_whole) return Promise.resolve(); // a page in one file holds them all
    if (typeof document === 'undefined') {
      return Promise.resolve().then(function () { importScripts(name); });
    }
    return new Promise(function (resolve, reject) {
      var script = document.createElement('script');
      script.src = name;
      script.onload = resolve;
      script.onerror = function () { reject(new Error(name + ' could not be loaded')); };
      document.head.appendChild(script);
    });
  }

  // All the wasm as text, once it is needed.
  var packed;
  function compileScripted(file) {
    packed = packed || loadScript('receptive_wasm.js');
    return packed.then(function () {
      var text = atob(self.receptive_packed[file]);
      var bytes = new Uint8Array(text.length);
      for (var i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
      return WebAssembly.compile(bytes);
    });
  }

  function compile(file) {
    // Known beforehand, so that the console stays free of a refusal.
    if (self.receptive_whole || self.origin === 'null' || location.protocol === 'file:') return compileScripted(file);
    return fetch(file).then(function (answer) {
      if (!answer.ok) throw new Error(file + ': ' + answer.status);
      // A host that does not know the type can't stream it.
      var type = answer.headers.get('Content-Type') || '';
      return type.indexOf('application/wasm') === 0 && WebAssembly.compileStreaming
        ? WebAssembly.compileStreaming(answer)
        : answer.arrayBuffer().then(function (bytes) { return WebAssembly.compile(bytes); });
    }).catch(function () { return compileScripted(file); });
  }

  // The parts of the program that are loaded when they are first needed. The program imports a loader for each, by
  // name, and gives it a function of its table to call when the part is there or can't be had.
  var program; // its exports, once it runs
  var compiled = {};
  var loaded = {};
  function fetchFile(name) {
    compiled[name] = compiled[name] || compile('parts/' + name + '.wasm');
    compiled[name].catch(function () { delete compiled[name]; });
    return compiled[name];
  }
  function loadFile(name) {
    loaded[name] = loaded[name] || fetchFile(name).then(function (part) {
      return WebAssembly.instantiate(part, { __wasm_split: program, program: program });
    });
    loaded[name].catch(function () { delete loaded[name]; }); // so that the next wish tries again
    return loaded[name];
  }
  function loadPart(part, done, data) {
    running
      .then(function () { return Promise.all(self.receptive_part_files[part].map(loadFile)); })
      .then(function () { return true; }, function (error) {
        console.error(error);
        if (failed) failed(error);
        return false;
      })
      .then(function (good) { program.__indirect_function_table.get(done)(data, good); });
  }
  self.receptive_parts = new Proxy({}, {
    get: function (_, name) { return loadPart.bind(null, name.replace('__wasm_split_load_', '')); },
  });

  var running, failed;
  self.receptive_load = {
    // Loads the program and runs it. `wanted` names the parts it will ask for first; `tell` hears of parts that can't
    // be had.
    start: function (wanted, tell) {
      failed = tell;
      var script = loadScript('receptive.js').then(function () {
        var files = self.receptive_part_files;
        wanted(files).forEach(function (part) { files[part].forEach(fetchFile); });
      });
      running = Promise.all([compile('receptive_bg.wasm'), script])
        .then(function (got) { return wasm_bindgen({ module_or_path: got[0] }); })
        .then(function (exports) { program = exports; });
      return running;
    },
  };
})();
