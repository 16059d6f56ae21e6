// How long the page takes from a moved slider to the painted figure, in every lab: at its default, and where it has the
// most to do. Then how soon it is ready, and how much memory the program has.
//
//   node slider.mjs http://127.0.0.1:8080/ [--only TEXT]
//
// Usually started by `cargo xtask bench --page`, which builds and serves the release page. CHROMIUM names the browser.

import { parseArgs } from 'node:util';
import { launch } from './chromium.mjs';

const { values: options, positionals: [address] } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' } },
});

const tokens = (count) => Array.from({ length: count }, (_, i) => `w${(i * 7) % 31}`).join(' ');
const layers = (count) => Array(count).fill('c3').join(',');

/** Title, lab, state, the control that is moved and its values. */
const CASES = [
  ['default', 'convolution', {}, 'stride', [1, 2, 3, 4]],
  ['512×512, kernel up to 15×15', 'convolution', { input: 'shapes', size: '512' }, 'kernel_size', [3, 5, 7, 9, 11, 13, 15]],
  ['512×512, kernel 15×15 of its own', 'convolution', { input: 'shapes', size: '512', kernel_size: 15, kernel: 'gabor_0' }, 'bias', [0.1, 0.2, 0.3, 0.4, 0.5]],
  ['default', 'channels', {}, 'kernel_size', [1, 2, 3, 4]],
  ['16 to 64 channels, 80×80', 'channels', { in_channels: 16, out_channels: 64, size: 80, kernel_size: 7 }, 'stride', [1, 2, 3, 4]],
  ['default', 'pooling', {}, 'kernel_size', [2, 3, 4]],
  ['512×512, backward', 'pooling', { input: 'shapes', size: '512', panel: 'backward' }, 'kernel_size', [2, 3, 2, 3]],
  ['default', 'receptive-field', {}, 'seed', [1, 2, 3, 4]],
  ['20 layers of 16 channels', 'receptive-field', { layers: layers(20), size: '64', channels: 16, weights: 'he' }, 'unit', ['30,30', '31,31', '32,32', '33,33']],
  ['128 layers with a skip', 'receptive-field', { layers: layers(128), size: '256', skip: '2-60' }, 'unit', ['100,100', '101,101', '102,102']],
  ['default', 'checkerboard', {}, 'kernel_size', [2, 3, 4, 5]],
  ['128×128, cures', 'checkerboard', { input: 'shapes', size: '128', panel: 'cures' }, 'kernel_size', [3, 4, 5, 6, 7]],
  ['default', 'attention', {}, 'temperature', [0.8, 0.9, 1.1, 1.2]],
  ['8 heads, 128 tokens', 'attention', { text: tokens(128), num_heads: 8, d_model: 256 }, 'temperature', [0.8, 0.9, 1.1, 1.2, 1.3]],
  ['default', 'positions', {}, 'offset', [1, 2, 3, 4]],
  ['rope, 128 tokens', 'positions', { code: 'rope', tokens: 128 }, 'offset', [1, 2, 3, 4]],
];
const ROUNDS = 3;

const browser = await launch();

async function visit({ throttle = 1, before } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, serviceWorkers: 'block' });
  const page = await context.newPage();
  if (before) await page.addInitScript(before);
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: throttle });
  await page.goto(`${address}#/convolution`, { waitUntil: 'commit' });
  const ready = await page.evaluate(async () => {
    while (!window.receptive) await new Promise((next) => setTimeout(next, 5));
    await window.receptive.ready;
    return performance.now();
  });
  return { page, context, ready };
}

const middle = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const pair = (list) => `${middle(list).toFixed(1)} / ${Math.max(...list).toFixed(1)}`;
const columns = [['lab', 17], ['state', 34], ['moved', 13], ['compute', 13], ['draw', 13], ['slider to paint', 17]];
const line = (cells) => columns.map(([, width], at) => (at < 3 ? cells[at].padEnd(width) : cells[at].padStart(width))).join('');

try {
  // The memory of the first program that is instantiated.
  const watch = () => {
    for (const name of ['instantiate', 'instantiateStreaming']) {
      const old = WebAssembly[name];
      WebAssembly[name] = async (...args) => {
        const made = await old.apply(WebAssembly, args);
        window.programMemory ??= (made.instance ?? made).exports?.memory;
        return made;
      };
    }
  };
  const { page } = await visit({ before: watch });
  console.log(`Chromium ${browser.version()}, milliseconds of the page's main thread, middle / largest\n`);
  console.log(line(columns.map(([title]) => title)));
  for (const [title, lab, state, control, values] of CASES) {
    if (!`${lab} ${title}`.includes(options.only)) continue;
    await page.evaluate(([name, patch]) => window.receptive.open(name, patch), [lab, state]);
    await page.waitForTimeout(400);
    const times = [];
    for (const value of Array(ROUNDS).fill(values).flat()) {
      times.push(await page.evaluate(async ([key, to]) => {
        await window.receptive.set({ [key]: to });
        return window.receptive.timings();
      }, [control, value]));
      await page.waitForTimeout(60);
    }
    const of = (name) => pair(times.map((time) => time[name]));
    console.log(line([lab, title, control, of('compute'), of('draw'), of('input_to_paint')]));
  }
  // Memory that was once asked for stays, so a page that has done nothing else is asked.
  const fresh = await visit({ before: watch });
  console.log('\nmemory of the program, one lab after the other at its default');
  for (const lab of await fresh.page.evaluate(() => window.receptive.labs())) {
    await fresh.page.evaluate((name) => window.receptive.open(name, {}), lab);
    await fresh.page.waitForTimeout(400);
    const bytes = await fresh.page.evaluate(() => window.programMemory?.buffer.byteLength ?? NaN);
    console.log(`${lab.padEnd(17)}${(bytes / 1e6).toFixed(1)} MB`);
  }
  for (const throttle of [1, 4]) {
    const times = [];
    for (let i = 0; i < 5; i++) {
      const { context, ready } = await visit({ throttle });
      times.push(ready);
      await context.close();
    }
    console.log(`ready after ${pair(times)} ms, processor throttled ${throttle} times`);
  }
} finally {
  await browser.close();
}
