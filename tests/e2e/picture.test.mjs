// The learner's own picture: by file, drop, paste and camera; what can not be gets a sentence and changes nothing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import zlib from 'node:zlib';
import { api, launch, openPage, pageUrl, ready, until, waitFor } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** CRC-32, for a Node that has none. */
function checksum(bytes) {
  if (zlib.crc32) return zlib.crc32(bytes);
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let i = 0; i < 8; i++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** A PNG of `depth` bits, grey (0) or red, green and blue (2), filled by `row(y)`. */
function png(width, height, depth, row, type = 0) {
  const chunk = (type, body) => {
    const named = Buffer.concat([Buffer.from(type), body]);
    const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    size.writeUInt32BE(body.length);
    sum.writeUInt32BE(checksum(named));
    return Buffer.concat([size, named, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = depth;
  head[9] = type;
  const lines = Buffer.concat(Array.from({ length: height }, (_, y) => Buffer.concat([Buffer.from([0]), row(y)])));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', zlib.deflateSync(lines, { level: 1 })), chunk('IEND', Buffer.alloc(0))]);
}

/** 40 wide, 24 high: brightness grows to the right. */
const RAMP = png(40, 24, 8, () => Buffer.from(Array.from({ length: 40 }, (_, x) => x * 6)));
/** 150 wide, 50 high: orange. */
const ORANGE = png(150, 50, 8, () => Buffer.from(Array.from({ length: 150 }, () => [255, 153, 51]).flat()), 2);
const HUGE = png(10_000, 10_000, 1, () => Buffer.alloc(1250));

/** Drops or pastes a file, as the browser would tell the page of it. */
const give = (page, how, bytes, name, type) => page.evaluate(([event, text, file, mime]) => {
  const data = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([data], file, { type: mime }));
  document.querySelector('#app').dispatchEvent(event === 'drop'
    ? new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true })
    : new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }));
}, [how, bytes.toString('base64'), name, type]);

const refusal = (page, words) => page.locator('.message.refuses').filter({ hasText: words }).waitFor();

async function isRamp(page) {
  await until(page, (s) => s.input === 'own' && s.size.join() === '24,40');
  const { shape, data } = await api(page, 'tensor', 'input');
  assert.deepEqual(shape, [1, 1, 24, 40]);
  for (let x = 0; x < 40; x++) assert.ok(Math.abs(data[5 * 40 + x] - (x * 6) / 255) < 0.003, `column ${x}: ${data[5 * 40 + x]}`);
}

test('a picture that is dropped becomes the input', async () => {
  const { page, close } = await openPage(browser);
  await give(page, 'drop', RAMP, 'ramp.png', 'image/png');
  await isRamp(page);
  await close();
});

test('where there are channels a picture comes as red, green and blue, and survives a reload', async () => {
  const { page, close } = await openPage(browser, `${pageUrl}#/channels?panel=mixing&weights=grey`);
  await give(page, 'drop', ORANGE, 'orange.png', 'image/png');
  const isOrange = async () => {
    await until(page, (s) => s.input === 'photo' && s.size.join() === '27,80');
    const { shape, data } = await api(page, 'tensor', 'input');
    assert.deepEqual(shape, [1, 3, 27, 80]);
    [1, 0.6, 0.2].forEach((level, c) => assert.ok(Math.abs(data[c * 27 * 80 + 700] - level) < 0.003, `channel ${c}`));
  };
  await isOrange();
  await waitFor(page, () => location.hash.includes('input=photo'));
  await waitFor(page, async () => (await (await caches.open('receptive-own-data')).keys()).length > 0);
  await page.reload();
  await ready(page);
  await isOrange();
  // The other labs keep their own input.
  await api(page, 'open', 'convolution', {});
  assert.equal((await api(page, 'state')).input === 'own', false);
  await close();
});

test('a veil says where the picture goes while it hangs over the page', async () => {
  const { page, close } = await openPage(browser);
  await page.evaluate(() => {
    const carried = new DataTransfer();
    carried.items.add(new File(['x'], 'a.png', { type: 'image/png' }));
    document.body.dispatchEvent(new DragEvent('dragover', { dataTransfer: carried, bubbles: true, cancelable: true }));
  });
  await page.locator('.veil').waitFor();
  await page.evaluate(() => document.body.dispatchEvent(new DragEvent('dragleave', { bubbles: true })));
  await page.locator('.veil').waitFor({ state: 'detached' });
  await close();
});

test('a picture that is chosen, and one that is pasted, too', async () => {
  const { page, close } = await openPage(browser);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Open a picture' }).first().click()]);
  await chooser.setFiles({ name: 'ramp.png', mimeType: 'image/png', buffer: RAMP });
  await isRamp(page);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await until(page, (s) => s.input === 'blob');
  await give(page, 'paste', RAMP, 'ramp.png', 'image/png');
  await isRamp(page);
  await close();
});

test('the picture survives a reload', async () => {
  const { page, close } = await openPage(browser);
  await give(page, 'drop', RAMP, 'ramp.png', 'image/png');
  await isRamp(page);
  const before = await api(page, 'tensor', 'output');
  await waitFor(page, () => location.hash.includes('input=own'));
  await waitFor(page, async () => (await (await caches.open('receptive-own-data')).keys()).length > 0);
  await page.reload();
  await ready(page);
  await isRamp(page);
  assert.deepEqual(await api(page, 'tensor', 'output'), before);
  assert.equal(await page.locator('.refused, .message').count(), 0);
  await close();
});

test('what is no picture, and what is too large, is refused with a sentence', async () => {
  const { page, close } = await openPage(browser);
  await api(page, 'set', { stride: 2, kernel: 'emboss' });
  const good = [await api(page, 'state'), await api(page, 'tensor', 'output')];
  const same = async () => assert.deepEqual([await api(page, 'state'), await api(page, 'tensor', 'output')], good);
  await give(page, 'drop', Buffer.from('Dear diary, today'), 'diary.txt', 'text/plain');
  await refusal(page, 'diary.txt');
  await same();
  await give(page, 'drop', RAMP.subarray(0, 40), 'torn.png', 'image/png');
  await refusal(page, 'torn.png');
  await same();
  await give(page, 'paste', Buffer.alloc(0), 'empty.png', 'image/png');
  await refusal(page, 'empty.png');
  await same();
  await give(page, 'drop', HUGE, 'huge.png', 'image/png');
  await refusal(page, '100 megapixels');
  await same();
  await give(page, 'drop', RAMP, 'ramp.png', 'image/png');
  await isRamp(page);
  await close();
});

test('a large picture is made to fit', async () => {
  const { page, close } = await openPage(browser);
  await give(page, 'drop', png(1600, 800, 1, (y) => Buffer.alloc(200, y < 400 ? 255 : 0)), 'wide.png', 'image/png');
  await until(page, (s) => s.input === 'own' && s.size.join() === '256,512');
  const data = await page.evaluate(() => { const { data: d } = receptive.tensor('input'); return [d[0], d[d.length - 1]]; });
  assert.deepEqual(data, [1, 0]);
  await close();
});

test('a camera that is denied or missing gets a sentence', async () => {
  const denying = await launch({ flags: ['--use-fake-device-for-media-stream', '--deny-permission-prompts'] });
  try {
    for (const [chromium, words] of [[denying, /not allowed/], [browser, /No camera|not allowed/]]) {
      const { page, close } = await openPage(chromium);
      const good = await api(page, 'state');
      await page.getByRole('button', { name: 'Camera' }).click();
      await refusal(page, words);
      assert.deepEqual(await api(page, 'state'), good);
      assert.equal(await page.getByRole('button', { name: 'Camera' }).getAttribute('aria-pressed'), 'false');
      await close();
    }
  } finally {
    await denying.close();
  }
});

test('the camera runs on click and stops on click, and the light goes out', async () => {
  const filming = await launch({ flags: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] });
  try {
    const keep = (page) => page.addInitScript(() => {
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      window.streams = [];
      navigator.mediaDevices.getUserMedia = async (wants) => {
        const stream = await ask(wants);
        window.streams.push(stream);
        return stream;
      };
    });
    const { page, close } = await openPage(filming, undefined, { before: keep });
    assert.equal(await page.evaluate(() => streams.length), 0, 'not asked before the click');
    await page.getByRole('button', { name: 'Camera' }).click();
    await until(page, (s) => s.input === 'own' && s.size.join() === '192,256');
    const sum = () => page.evaluate(() => receptive.tensor('input').data.reduce((a, b, i) => a + b * (i % 97), 0));
    const first = await sum();
    await waitFor(page, (before) => receptive.tensor('input').data.reduce((a, b, i) => a + b * (i % 97), 0) !== before, first);
    await page.getByRole('button', { name: 'Stop camera' }).click();
    await page.getByRole('button', { name: 'Camera', exact: true }).waitFor();
    assert.deepEqual(await page.evaluate(() => streams.map((s) => s.getTracks().map((t) => t.readyState))), [['ended']]);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const last = await sum();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    assert.equal(await sum(), last, 'the last frame stays');
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await until(page, (s) => s.input === 'blob');
    await close();
  } finally {
    await filming.close();
  }
});
