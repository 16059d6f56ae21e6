// Links: what is set stands in the address, and the address sets it again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, launch, openPage, pageUrl, ready, until, waitFor } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const open = (link, options) => openPage(browser, pageUrl + link, options);

test('what is set stands in the address and comes back after a reload', async () => {
  for (const patch of [
    { stride: [1, 2], padding: [0, 1, 2, 3], padding_mode: 'replicate', flip: true, bias: -1.5 },
    { input: 'shapes', size: [60, 90], kernel: 'gabor_45', kernel_size: 7, panel: 'usage', activation: 'relu' },
    { weight: [[0.1, -2e-3], [1e5, 3]], dilation: 2, padding: 'same_tf', step: 4, seed: 9, compare: 'bias:2' },
    { padding: 'full', padding_mode: 'constant', padding_value: -3, kernel: 'box', kernel_size: [1, 6] },
  ]) {
    const { page, close } = await open('');
    await api(page, 'set', patch);
    const state = await api(page, 'state');
    await waitFor(page, () => location.hash.includes('?'));
    for (const key of Object.keys(patch)) await waitFor(page, (k) => new RegExp(`[?&]${k}=`).test(location.hash), key);
    await page.reload();
    await ready(page);
    assert.deepEqual(await api(page, 'state'), state, await page.evaluate(() => location.hash));
    assert.equal(await page.locator('.message').count(), 0);
    await close();
  }
});

test('defaults are left out', async () => {
  const { page, close } = await open('#/convolution?stride=1&kernel=sobel_x&padding=0&bias=0');
  await waitFor(page, () => location.hash === '#/convolution');
  await api(page, 'set', { stride: 2 });
  await waitFor(page, () => location.hash === '#/convolution?stride=2');
  await close();
});

test('moving a slider moves the address, and makes no entries of history', async () => {
  const { page, close } = await open('');
  const entries = await page.evaluate(() => history.length);
  const slide = page.getByRole('slider', { name: 'kernel_size', exact: true });
  for (const n of ['4', '5', '6']) await slide.fill(n);
  await waitFor(page, () => location.hash.includes('kernel_size=6'));
  assert.equal(await page.evaluate(() => history.length), entries);
  await close();
});

test('an address changed by hand is followed, and undo brings back what was', async () => {
  const { page, close } = await open('#/convolution?stride=2');
  await page.evaluate(() => { location.hash = '#/convolution?stride=3&padding=1'; });
  await until(page, (s) => s.stride[0] === 3 && s.padding[0] === 1);
  await page.evaluate(() => { location.hash = '#/convolution'; });
  await until(page, (s) => s.stride[0] === 1 && s.padding[0] === 0);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await until(page, (s) => s.stride[0] === 3);
  await close();
});

test('keys may stand in any order, escaped or not', async () => {
  const { page, close } = await open('#/convolution?weight=1%2C2%3B3%2C4&stride=2%2C1&bias=%2D1&kernel=own');
  const state = await api(page, 'state');
  assert.deepEqual([state.weight, state.stride, state.bias, state.kernel], [[[1, 2], [3, 4]], [2, 1], -1, 'own']);
  await close();
});

test('nonsense in a link is reported kindly and left out', async () => {
  for (const [link, words, kept] of [
    ['#/convolution?stride=banana&padding=1', /banana/, { padding: [1, 1] }],
    ['#/convolution?colour=red&stride=2', /colour/, { stride: [2, 2] }],
    ['#/no-such-lab?stride=2', /no-such-lab/, {}],
    ['#/convolution?stride=999999999999999999999&bias=1', /outside|not/, { bias: 1 }],
    ['#/convolution?weight=1,2;3&bias=1', /row/, { bias: 1 }],
    ['#/convolution?weight=NaN&bias=1', /finite/, { bias: 1 }],
    ['#/convolution?kernel=%F0%9F%90%88&bias=1', /🐈/, { bias: 1 }],
    ['#/convolution?padding=%E0%A4%A&bias=1', /./, { bias: 1 }],
    ['#/convolution?lang=xx&theme=yy&bias=1', /xx/, { bias: 1 }],
    ['#/convolution?compare=nothing:3&bias=1', /nothing/, { bias: 1 }],
    ['#/convolution?bias=<img src=x onerror=document.title=1>', /img/, {}],
  ]) {
    const { page, close } = await open(link);
    await page.locator('.message.refuses').filter({ hasText: words }).first().waitFor();
    const state = await api(page, 'state');
    for (const [key, value] of Object.entries(kept)) assert.deepEqual(state[key], value, link);
    assert.notEqual(await page.title(), '1');
    await api(page, 'set', { stride: 3 });
    assert.equal((await api(page, 'state')).stride[0], 3, `the page works after ${link}`);
    await close();
  }
});

test('a link that can not be computed says why and offers ways on', async () => {
  const { page, close } = await open('#/convolution?size=4&kernel_size=9');
  const refused = page.locator('.refused');
  await refused.waitFor();
  assert.match(await refused.innerText(), /kernel/);
  await refused.getByRole('button', { name: 'Reset' }).click();
  await until(page, (s, f) => s.kernel_size[0] === 3 && f.output_height === 6);
  await waitFor(page, () => !document.querySelector('.refused'));
  await close();
});

test('a link to a picture that never left another machine says so', async () => {
  const { page, close } = await open('#/convolution?input=own&size=20,30');
  await page.locator('.refused').filter({ hasText: 'a link never carries one' }).waitFor();
  await close();
});

test('lang and theme of a link hold over those of the device', async () => {
  const { page, close } = await open('#/convolution?lang=zh&theme=contrast', { context: { colorScheme: 'dark' } });
  const root = page.locator('html');
  assert.match(await root.getAttribute('lang'), /^zh/);
  assert.equal(await root.getAttribute('data-theme'), 'contrast');
  const state = await api(page, 'state');
  assert.deepEqual([state.lang, state.theme], ['zh', 'contrast']);
  await waitFor(page, () => location.hash.includes('lang=zh') && location.hash.includes('theme=contrast'));
  await close();
});

test('embed shows figure and controls alone; hide and lock keep controls away', async () => {
  const { page, close } = await open('#/convolution?embed=1&hide=bias,kernel&lock=stride,flip,weight,padding_mode,activation,padding');
  for (const absent of ['header', 'aside.insight', '.lede', 'h1:not(.sr-only)', '.questions', '[data-control="bias"]', '[data-control="kernel"]']) {
    assert.equal(await page.locator(absent).count(), 0, absent);
  }
  assert.ok(await page.locator('[data-figure="main"] canvas').isVisible());
  for (const key of ['stride', 'flip', 'weight', 'padding_mode', 'activation', 'padding']) {
    const fields = page.locator(`[data-control="${key}"]`).locator('input, select, .tiny');
    assert.ok(await fields.count() > 0, key);
    for (const field of await fields.all()) assert.ok(await field.isDisabled(), key);
  }
  assert.ok(await page.locator('#kernel_size-n').isEnabled());
  const state = await api(page, 'state');
  assert.deepEqual([state.embed, state.hide], [true, 'bias,kernel']);
  await close();
});

test('the copied link opens the same state', async () => {
  const { page, close } = await open('', { context: { permissions: ['clipboard-read', 'clipboard-write'] } });
  await api(page, 'set', { stride: 2, kernel: 'emboss' });
  // At once: what is copied is what is shown, not what the address said a moment ago.
  await page.getByRole('button', { name: 'Share' }).click();
  await page.locator('#share .copied button').first().click();
  await page.locator('.message').filter({ hasText: 'Copied' }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const state = await api(page, 'state');
  await close();
  const again = await openPage(browser, copied);
  assert.deepEqual(await api(again.page, 'state'), state);
  await again.close();
});
