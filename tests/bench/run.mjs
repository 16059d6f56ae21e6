// Times our operators beside TensorFlow.js and ONNX Runtime Web, in one page of a headless Chromium.
//
//   node run.mjs core.wasm [--only TEXT] [--rounds 9] [--budget 60] [--lowest] [--json FILE]
//
// --lowest takes the lowest sample, not the lowest of the rounds' medians: for a machine that has other work.
//
// Usually started by `cargo xtask bench`, which compiles core.wasm. CHROMIUM names the browser.

import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { launch } from './chromium.mjs';

const { values: options, positionals: [wasm] } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '9' },
    budget: { type: 'string', default: '60' },
    lowest: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const folder = import.meta.dirname;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };

function fileOf(name) {
  if (name === '/core.wasm') return path.resolve(wasm);
  const file = path.join(folder, name.startsWith('/node_modules/') ? name : path.join('page', name));
  return file.startsWith(folder) ? file : null;
}

const server = createServer(async (request, response) => {
  const name = decodeURIComponent(new URL(request.url, 'http://host').pathname);
  const file = fileOf(name === '/' ? '/index.html' : name);
  try {
    const body = await readFile(file);
    // Isolated, so that the clock ticks in microseconds.
    response.writeHead(200, {
      'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const browser = await launch();

const show = (value, digits = 3) => (value === null ? '–' : value.toPrecision(digits).replace(/e\+?/, 'e'));
const times = (value) => (value === null ? '–' : value >= 10 ? value.toFixed(0) : value.toFixed(2));
const ofTwo = (pair) => (pair ? pair.join(' / ') : '');
const columns = [['shape', 56], ['ours ms', 9], ['copied', 9], ['tfjs ms', 9], ['ort ms', 9], ['× tfjs', 8], ['× ort', 8], ['hold', 12], ['reach', 12], ['difference', 12]];
const line = (cells) => columns.map(([, width], at) => (at ? cells[at].padStart(width) : cells[at].padEnd(width))).join('');

const how = { rounds: Number(options.rounds), budget: Number(options.budget), lowest: options.lowest };
let wrong = 0;
const results = [];
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error.message));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => window.bench);
  const titles = await page.evaluate(() => window.bench.titles);
  console.log(`Chromium ${browser.version()}, one thread each, taking turns; lowest ${options.lowest ? 'sample' : 'median'} of ${options.rounds} rounds\n`);
  console.log(line(columns.map(([title]) => title)));
  for (const [number, title] of titles.entries()) {
    if (!title.includes(options.only)) continue;
    const result = await page.evaluate((args) => window.bench.runCase(...args), [number, how]);
    results.push(result);
    const { ms, ratios, hold, reach, differences } = result;
    const worst = Math.max(...Object.values(differences));
    if (!(worst <= 1e-4)) wrong++;
    const missed = hold && ratios.some((ratio, at) => ratio !== null && ratio < hold[at]);
    console.log(line([
      title, show(ms.receptive), show(ms.copied), show(ms.tensorflow), show(ms.onnxruntime),
      times(ratios[0]), times(ratios[1]), ofTwo(hold) + (missed ? ' !' : '  '), ofTwo(reach), show(worst, 2) + (worst <= 1e-4 ? '' : ' WRONG'),
    ]));
  }
} finally {
  await browser.close();
  server.close();
}
console.log('\n× tfjs: results stay in wasm memory on both sides. × ort: it hands out copies, so ours are copied too. ! below hold.');
if (options.json) await writeFile(options.json, `${JSON.stringify(results, null, 1)}\n`);
if (wrong > 0) {
  console.log(`${wrong} of ${results.length} shapes differ by more than 1e-4 of the largest number.`);
  process.exitCode = 1;
}
