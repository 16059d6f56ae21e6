// window.receptive, as design and README promise it, and the same by messages from an embedding page.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, dist, launch, openPage, ready, serveStatic, waitFor } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const sentence = (error) => {
  const text = String(error.message ?? error);
  assert.match(text, /[a-z]+ [a-z]+/, 'a sentence');
  assert.doesNotMatch(text, /^no answer/);
  assert.doesNotMatch(text, /undefined|\[object|unwrap|panick|\{[a-z]+\}/, text);
  return true;
};

test('labs, lab, state, tensors, facts, timings', async () => {
  const { page, close } = await openPage(browser);
  assert.ok((await api(page, 'labs')).includes('convolution'));
  assert.equal(await api(page, 'lab'), 'convolution');
  const state = await api(page, 'state');
  const keys = ['kernel_size', 'stride', 'padding', 'padding_mode', 'padding_value', 'dilation', 'flip', 'activation',
    'kernel', 'weight', 'bias', 'input', 'size', 'lang', 'theme', 'embed', 'present', 'hide', 'lock', 'step', 'seed', 'compare'];
  for (const key of keys) assert.ok(key in state, key);
  assert.deepEqual(state.weight, [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]);
  const names = await api(page, 'tensors');
  for (const name of ['input', 'weight', 'padded', 'output', 'usage']) {
    assert.ok(names.includes(name), name);
    const { shape, data } = await api(page, 'tensor', name);
    assert.equal(data.length, shape.reduce((a, b) => a * b), name);
  }
  assert.ok(await page.evaluate(() => receptive.tensor('output').data instanceof Float32Array));
  assert.equal(await page.evaluate(() => { receptive.tensor('output').data[0] = 77; return receptive.tensor('output').data[0] === 77; }), false, 'a copy');
  const facts = await api(page, 'facts');
  assert.deepEqual([facts.output_height, facts.output_width, facts.parameters, facts.macs, facts.unread_rows], [6, 6, 9, 324, 0]);
  await api(page, 'set', { stride: 2 });
  const timings = await api(page, 'timings');
  for (const name of ['compute', 'draw', 'input_to_paint']) {
    assert.ok(Number.isFinite(timings[name]) && timings[name] >= 0 && timings[name] < 5000, `${name} ${timings[name]}`);
  }
  await close();
});

test('set changes what it names, draws it, and takes every way of writing a value', async () => {
  const { page, close } = await openPage(browser);
  const before = await api(page, 'svg');
  await api(page, 'set', { stride: 2, padding: [1, 2], flip: true, kernel: 'box', bias: -0.5 });
  assert.notEqual(await api(page, 'svg'), before, 'the figure is drawn when the promise resolves');
  const state = await api(page, 'state');
  assert.deepEqual([state.stride, state.padding, state.flip, state.kernel, state.bias], [[2, 2], [1, 2], true, 'box', -0.5]);
  await api(page, 'set', { weight: [[1, 2, 3], [4, 5, 6]], stride: '1,3', padding: 'valid' });
  assert.deepEqual((await api(page, 'state')).kernel_size, [2, 3]);
  assert.deepEqual((await api(page, 'tensor', 'weight')).data, [1, 2, 3, 4, 5, 6]);
  assert.equal((await api(page, 'state')).kernel, 'own');
  await api(page, 'set', {});
  await api(page, 'open', 'convolution', { stride: 2 });
  const opened = await api(page, 'state');
  assert.deepEqual([opened.stride, opened.kernel, opened.padding], [[2, 2], 'sobel_x', [0, 0]], 'open begins at the defaults');
  await close();
});

test('what state() gives, set() takes', async () => {
  const { page, close } = await openPage(browser);
  await api(page, 'set', { size: [7, 9], padding: [0, 1, 2, 0], padding_mode: 'replicate', weight: '1,2;3,4;5,6', dilation: '1,2', activation: 'relu', step: 3, seed: 5 });
  const state = await api(page, 'state');
  await api(page, 'open', 'convolution');
  await api(page, 'set', state);
  assert.deepEqual(await api(page, 'state'), state);
  await close();
});

test('a patch that can not be is refused with a sentence, whole', async () => {
  const { page, close } = await openPage(browser);
  await api(page, 'set', { stride: 2 });
  const good = await api(page, 'state');
  for (const patch of [
    { stride: 0 }, { stride: 'NaN' }, { stride: 1.5 }, { stride: null }, { stride: [1, 2, 3] }, { stride: {} }, { strides: 1 },
    { kernel: 'nothing' }, { kernel_size: 12 }, { kernel_size: -3 }, { padding: 'same' }, { padding: 'some' }, { padding: 1e9 },
    { dilation: 9 }, { weight: [[1, 2], [3]] }, { weight: [[Number.NaN]] }, { weight: [[Infinity]] }, { bias: 1e30 }, { bias: 'x' },
    { size: 0 }, { size: 5000 }, { lang: 'klingon' }, { theme: 'pink' }, { padding_mode: 'reflect', padding: 60 }, { input: 'own' },
    { bias: 3, stride: -1 }, { compare: 'stride:99' }, { compare: 'nothing:1' }, { step: -1 }, { seed: 'x' }, { flip: 'maybe' },
  ]) {
    await assert.rejects(api(page, 'set', patch), sentence, JSON.stringify(patch));
    assert.deepEqual(await api(page, 'state'), good, JSON.stringify(patch));
  }
  await assert.rejects(api(page, 'open', 'nowhere'), /nowhere/);
  await assert.rejects(api(page, 'tensor', 'nothing'), /nothing.*input.*output/s);
  assert.deepEqual(await api(page, 'state'), good);
  await close();
});

test('a refusal speaks the language of the page', async () => {
  const { page, close } = await openPage(browser, undefined, { context: { locale: 'zh-CN' } });
  await assert.rejects(api(page, 'set', { stride: 0 }), /不在 1 到 16 之间/);
  await close();
});

/** `conv2d` once more, from the definition, on nested sums. */
function conv2d({ input, weight }, s) {
  const pair = (v) => (Array.isArray(v) ? v : [v ?? 1, v ?? 1]);
  const [[ih, iw], [kh, kw]] = [input.shape.slice(-2), weight.shape.slice(-2)];
  const [[sh, sw], [dh, dw]] = [pair(s.stride), pair(s.dilation)];
  const ends = (n, k, st, d, axis) => {
    const reach = d * (k - 1);
    const p = s.padding ?? 0;
    if (p === 'same') return [Math.floor(reach / 2), reach - Math.floor(reach / 2)];
    if (p === 'full') return [reach, reach];
    if (p === 'valid') return [0, 0];
    if (p === 'same_tf') {
      const all = Math.max((Math.ceil(n / st) - 1) * st + reach + 1 - n, 0);
      return [Math.floor(all / 2), all - Math.floor(all / 2)];
    }
    if (!Array.isArray(p)) return [p, p];
    return p.length === 2 ? [p[axis], p[axis]] : p.slice(2 * axis, 2 * axis + 2);
  };
  const [[top, bottom], [left, right]] = [ends(ih, kh, sh, dh, 0), ends(iw, kw, sw, dw, 1)];
  const source = (i, n) => {
    if (i >= 0 && i < n) return i;
    switch (s.padding_mode) {
      case 'reflect': return i < 0 ? -i : 2 * (n - 1) - i;
      case 'replicate': return Math.min(Math.max(i, 0), n - 1);
      case 'circular': return (i + n) % n;
      default: return -1;
    }
  };
  const fill = s.padding_mode === 'constant' ? s.padding_value ?? 1 : 0;
  const x = (r, c) => {
    const [i, j] = [source(r, ih), source(c, iw)];
    return i < 0 || j < 0 ? fill : input.data[i * iw + j];
  };
  const w = (a, b) => weight.data[s.flip ? (kh - 1 - a) * kw + (kw - 1 - b) : a * kw + b];
  const size = (n, pads, k, st, d) => Math.floor((n + pads - d * (k - 1) - 1) / st) + 1;
  const [oh, ow] = [size(ih, top + bottom, kh, sh, dh), size(iw, left + right, kw, sw, dw)];
  const data = [];
  for (let r = 0; r < oh; r++) {
    for (let c = 0; c < ow; c++) {
      let sum = s.bias ?? 0;
      for (let a = 0; a < kh; a++) for (let b = 0; b < kw; b++) sum += w(a, b) * x(r * sh + a * dh - top, c * sw + b * dw - left);
      if (s.activation === 'relu') sum = Math.max(sum, 0);
      data.push(sum);
    }
  }
  return { shape: [1, 1, oh, ow], data };
}

const SETTINGS = [
  {}, { stride: 2 }, { stride: [1, 3] }, { padding: 1 }, { padding: [2, 0] }, { padding: [0, 1, 2, 3] }, { padding: 'valid' },
  { padding: 'same' }, { padding: 'same', kernel_size: 4 }, { padding: 'same', kernel_size: [2, 5], dilation: 2 },
  { padding: 'same_tf', stride: 2 }, { padding: 'same_tf', stride: 3, kernel_size: 5, size: [9, 7] }, { padding: 'same_tf', kernel_size: 2, stride: [1, 2] },
  { padding: 'full' }, { padding: 'full', kernel_size: [3, 2], dilation: [2, 1] }, { dilation: 2 }, { dilation: [1, 3] },
  { padding: 2, padding_mode: 'reflect' }, { padding: 3, padding_mode: 'replicate' }, { padding: 4, padding_mode: 'circular' },
  { padding: 2, padding_mode: 'constant', padding_value: -1.5 }, { padding: 'same', padding_mode: 'circular', dilation: 2 },
  { padding: [3, 0, 1, 2], padding_mode: 'reflect', stride: [2, 1] }, { flip: true }, { flip: true, kernel: 'random', kernel_size: [4, 3], padding: 1 },
  { kernel: 'random', kernel_size: 15, input: 'noise', size: 40, padding: 7 }, { bias: 2.5, activation: 'relu' },
  { bias: -0.25, flip: true, activation: 'relu', stride: 2, padding: 1 }, { size: [5, 12], kernel_size: [1, 4], kernel: 'log' },
  { size: 1, kernel: 'identity', kernel_size: 1 }, { input: 'shapes', size: 96, kernel: 'gaussian', kernel_size: 9, padding: 'same' },
  { input: 'zone_plate', size: [64, 100], kernel: 'gabor_45', kernel_size: 7, stride: 3, dilation: 2 },
  { input: 'text', size: 128, kernel: 'unsharp', kernel_size: 15, padding: 'same', padding_mode: 'replicate' },
];

test('the output agrees with conv2d written from its definition', async () => {
  const { page, close } = await openPage(browser);
  let compared = 0;
  for (const setting of SETTINGS) {
    const what = JSON.stringify(setting);
    const patch = { input: 'noise', kernel: 'random', seed: 3, ...setting };
    await api(page, 'open', 'convolution', patch);
    const [input, weight, output] = [await api(page, 'tensor', 'input'), await api(page, 'tensor', 'weight'), await api(page, 'tensor', 'output')];
    const expected = conv2d({ input, weight }, setting);
    assert.deepEqual(output.shape, expected.shape, what);
    output.data.forEach((value, i) => {
      assert.ok(Math.abs(value - expected.data[i]) <= 1e-5 * Math.max(1, Math.abs(expected.data[i])), `${what} at ${i}: ${value}, expected ${expected.data[i]}`);
    });
    assert.ok(new Set(output.data).size > 1 || output.data.length === 1, `${what}: not all the same`);
    compared += output.data.length;
    const facts = await api(page, 'facts');
    assert.deepEqual([facts.output_height, facts.output_width], expected.shape.slice(-2), what);
  }
  assert.ok(compared > 20_000);
  await close();
});

test('load replaces input and weight, and the sizes follow', async () => {
  const { page, close } = await openPage(browser);
  let seed = 1;
  const random = (...shape) => ({ shape, data: Array.from({ length: shape.reduce((a, b) => a * b) }, () => {
    seed = (seed * 48271) % 2147483647;
    return Math.fround(seed / 2147483647 - 0.5);
  }) });
  const [input, weight] = [random(7, 9), random(1, 1, 3, 5)];
  await api(page, 'load', 'input', input);
  let state = await api(page, 'state');
  assert.deepEqual([state.input, state.size], ['own', [7, 9]]);
  await page.evaluate(({ shape, data }) => receptive.load('weight', { shape, data: new Float32Array(data) }), weight);
  state = await api(page, 'state');
  assert.deepEqual([state.kernel, state.kernel_size], ['own', [3, 5]]);
  assert.deepEqual((await api(page, 'tensor', 'input')), { shape: [1, 1, 7, 9], data: input.data });
  assert.deepEqual((await api(page, 'tensor', 'weight')).data, weight.data);
  const expected = conv2d({ input, weight }, {});
  const output = await api(page, 'tensor', 'output');
  assert.deepEqual(output.shape, [1, 1, 5, 5]);
  output.data.forEach((value, i) => assert.ok(Math.abs(value - expected.data[i]) < 1e-5));
  // Large inputs too, as a picture.
  await page.evaluate(() => receptive.load('input', { shape: [512, 512], data: new Float32Array(512 * 512).fill(0.5) }));
  assert.deepEqual(await page.evaluate(() => receptive.tensor('output').shape), [1, 1, 510, 508]);
  await close();
});

test('a tensor that can not be loaded is refused with a sentence, and nothing changes', async () => {
  const { page, close } = await openPage(browser);
  const good = [await api(page, 'state'), await api(page, 'tensor', 'output')];
  const refused = (name, value) => api(page, 'load', name, value).then(() => 'taken', (error) => error.message);
  const ones = (n) => Array(n).fill(1);
  for (const [name, value, words] of [
    ['input', { shape: [2, 2], data: [1, NaN, 1, 1] }, /NaN/], ['input', { shape: [2, 2], data: [1, Infinity, 1, 1] }, /infinity/],
    ['input', { shape: [3, 4, 4], data: ones(48) }, /channel/], ['input', { shape: [1, 3, 4, 4], data: ones(48) }, /channel/],
    ['input', { shape: [4, 4], data: ones(15) }, /4|shape/], ['input', { shape: [16], data: ones(16) }, /shape/],
    ['input', { shape: [0, 4], data: [] }, /shape/], ['input', { shape: [2, 2], data: ones(4) }, /kernel|input/],
    ['input', { shape: [513, 1], data: ones(513) }, /512/], ['weight', { shape: [16, 2], data: ones(32) }, /15/],
    ['weight', { shape: [9, 9], data: ones(81) }, /kernel/], ['output', { shape: [2, 2], data: ones(4) }, /output/],
    ['input', null, /./], ['input', {}, /./], ['input', { shape: 'x', data: 'y' }, /./], ['input', { shape: [-1, 4], data: [] }, /./],
    ['input', { shape: [1e9, 1e9], data: [] }, /./],
  ]) {
    const said = await refused(name, value);
    assert.match(said, words, JSON.stringify(value)?.slice(0, 80));
    assert.notEqual(said, 'taken', JSON.stringify(value));
    sentence(said);
    assert.deepEqual([await api(page, 'state'), await api(page, 'tensor', 'output')], good, JSON.stringify(value));
  }
  await close();
});

test('svg, png and snippet give what the export buttons give', async () => {
  const { page, close } = await openPage(browser);
  const svg = await api(page, 'svg');
  const parsed = await page.evaluate((text) => {
    const document = new DOMParser().parseFromString(text, 'image/svg+xml');
    return { root: document.documentElement.localName, wrong: !!document.querySelector('parsererror'), texts: [...document.querySelectorAll('text')].map((t) => t.textContent) };
  }, svg);
  assert.deepEqual([parsed.root, parsed.wrong], ['svg', false]);
  const output = (await api(page, 'tensor', 'output')).data.map((v) => String(v).replace('-', '−'));
  for (const value of output) assert.ok(parsed.texts.includes(value), `the SVG shows ${value}`);
  const sizeOf = (url) => page.evaluate(async (src) => {
    const image = new Image();
    image.src = src;
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  }, url);
  const [one, two] = [await sizeOf(await api(page, 'png', 1)), await sizeOf(await api(page, 'png', 2))];
  assert.ok(one[0] > 200 && Math.abs(two[0] - 2 * one[0]) <= 2 && Math.abs(two[1] - 2 * one[1]) <= 2, `${one} ${two}`);
  await api(page, 'set', { stride: 2, padding: 1, bias: 0.5 });
  const code = await api(page, 'snippet', 'pytorch');
  assert.match(code, /import torch/);
  assert.match(code, /stride=2/);
  for (const key of ['jax', 'keras', 'numpy']) assert.match(await api(page, 'snippet', key), /import/);
  await page.locator('.figure-export').first().click();
  for (const [name, ending] of [['PNG 2×', 'main-2x.png'], ['SVG', 'main.svg']]) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#save').getByRole('button', { name, exact: true }).click()]);
    assert.equal(download.suggestedFilename(), `receptive-convolution-bias_0.5-stride_2-padding_1-${ending}`);
  }
  await close();
});

for (const sandbox of ['', ' sandbox="allow-scripts"']) {
  test(`an embedding page calls by message${sandbox && ', the frame sandboxed'}`, async (t) => {
    const host = await serveStatic(dist, { prefix: '/lab/' });
    t.after(host.close);
    const lesson = `<!doctype html><title>Lesson</title><link rel="icon" href="data:,">
      <script>heard = []; addEventListener('message', (e) => heard.push(e.data));</script>
      <iframe${sandbox} width="900" height="600" src="${host.url}#/convolution?embed=1&stride=2"></iframe>`;
    const school = await serveStatic(dist, { pages: { '/lesson.html': lesson } });
    t.after(school.close);
    const { page, close } = await openPage(browser, `${school.origin}/lesson.html`, { origins: [host.origin], wait: 'load' });
    await ready(page.frames()[1]);
    const call = (receptive, ...args) => page.evaluate(([method, list]) => new Promise((resolve) => {
      const id = Math.random();
      addEventListener('message', function answer({ data }) {
        if (data?.receptive !== 'result' || data.id !== id) return;
        removeEventListener('message', answer);
        resolve(data);
      });
      document.querySelector('iframe').contentWindow.postMessage({ receptive: method, args: list, id }, '*');
    }), [receptive, args]);
    assert.equal((await call('lab')).value, 'convolution');
    await call('ready');
    assert.deepEqual((await call('state')).value.stride, [2, 2]);
    const set = await call('set', { padding: 1 });
    assert.ok(!('error' in set), set.error);
    assert.equal((await call('facts')).value.output_height, 4);
    const tensor = (await page.evaluate(() => new Promise((resolve) => {
      addEventListener('message', ({ data }) => data?.id === 'typed' && resolve([data.value.data instanceof Float32Array, data.value.shape]));
      document.querySelector('iframe').contentWindow.postMessage({ receptive: 'tensor', args: ['output'], id: 'typed' }, '*');
    })));
    assert.deepEqual(tensor, [true, [1, 1, 4, 4]]);
    assert.match((await call('set', { stride: 0 })).error, /outside/);
    assert.match((await call('nothing')).error, /nothing/);
    assert.deepEqual((await call('state')).value.stride, [2, 2]);
    await waitFor(page, () => heard.some((m) => m?.receptive === 'height' && m.height > 100));
    await close();
  });
}
