// What a teacher uses: sharing, saving, lessons, presenting, printing.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import decode from 'jsqr';
import { api, axeViolations, launch, openPage, pageUrl, ready, until, waitFor } from './browser.mjs';
import { collect, overflows } from './seen.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const open = (hash = '', options = {}) => openPage(browser, pageUrl + hash, options);
const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

async function share(page) {
  await page.locator('header').getByRole('button', { name: 'Share' }).click();
  await page.locator('#share').waitFor();
}

const shared = (page) => page.locator('#share .copied code').first().innerText();
const right = (page, key, word) => page.getByRole('radiogroup', { name: key, exact: true }).locator('label', { hasText: word }).click();

/** The text of the QR code on the page, read from its pixels. */
async function scanned(page) {
  const { data, side } = await page.locator('img.qr').evaluate(async (image) => {
    await image.decode();
    const canvas = document.createElement('canvas');
    const side = canvas.width = canvas.height = 600;
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0, side, side);
    return { data: [...context.getImageData(0, 0, side, side).data], side };
  });
  return decode(new Uint8ClampedArray(data), side, side)?.data;
}

async function saved(page, name) {
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 60_000 }),
    page.locator('dialog[open]').getByRole('button', { name, exact: true }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

test('a locked and hidden control is so for who opens the shared link, and the code holds the same link', async () => {
  const { page, close } = await open('#/convolution?stride=2');
  await share(page);
  await right(page, 'stride', 'lock');
  await right(page, 'bias', 'hide');
  await page.locator('#share-theme').selectOption('dark');
  const link = await shared(page);
  assert.match(link, /#\/convolution\?stride=2&/);
  assert.equal(await scanned(page), link);
  const frame = await page.locator('#share .copied code').nth(1).innerText();
  assert.match(frame, /^<iframe src="[^"]+&amp;embed=1&amp;hide=bias&amp;lock=stride" .*sandbox="allow-scripts"/);
  assert.match(await page.locator('.sheet-foot .say').innerText(), /1 locked, and 1 are hidden/);
  await close();

  const learner = await openPage(browser, link);
  assert.ok(await learner.page.locator('#stride-n').isDisabled());
  assert.equal(await learner.page.locator('[data-control="bias"]').count(), 0);
  assert.ok(await learner.page.locator('#kernel_size-n').isEnabled());
  assert.equal((await api(learner.page, 'state')).theme, 'dark');
  await learner.close();
});

test('one press leaves a single control free', async () => {
  const { page, close } = await open('#/convolution?stride=2');
  await share(page);
  await page.getByRole('button', { name: 'Only stride' }).click();
  const link = await shared(page);
  assert.ok(/lock=[a-z_,]*kernel_size/.test(link) && !/lock=[a-z_,]*\bstride/.test(link), link);
  await close();
});

test('what is the learner\'s own stays, and the dialog says so', async () => {
  const { page, close } = await open();
  await api(page, 'load', 'input', { shape: [1, 1, 40, 40], data: Array.from({ length: 1600 }, (_, i) => i % 7) });
  await share(page);
  await page.locator('#share .note.warns').waitFor();
  await close();
});

test('files are named after the state and hold what they say', async () => {
  const { page, close } = await open('#/convolution?stride=2&padding=1', { context: { acceptDownloads: true } });
  await page.locator('[data-figure="main"] .figure-export').click();
  const [one, three] = [await saved(page, 'PNG 1×'), await saved(page, 'PNG 3×')];
  const width = (png) => png.bytes.readUInt32BE(16);
  assert.equal(one.name, 'receptive-convolution-stride_2-padding_1-main-1x.png');
  assert.ok(Math.abs(width(three) / width(one) - 3) < 0.02);
  assert.match((await saved(page, 'SVG')).bytes.toString(), /^<svg[^]*<\/svg>\s*$/);
  const output = await api(page, 'tensor', 'output');
  const rows = (await saved(page, 'CSV')).bytes.toString().trim().split('\n');
  assert.equal(rows[0], 'n,c,h,w,value');
  assert.deepEqual(rows.slice(1).map((row) => Number(row.split(',')[4])), output.data);
  const npy = (await saved(page, '.npy')).bytes;
  assert.equal(npy.subarray(1, 6).toString(), 'NUMPY');
  assert.equal(npy.readFloatLE(npy.length - 4), output.data.at(-1));
  const state = JSON.parse((await saved(page, 'JSON')).bytes);
  assert.deepEqual(state.facts, await api(page, 'facts'));
  assert.deepEqual(state.tensors.output, output.shape);
  assert.match((await saved(page, 'PyTorch (.py)')).bytes.toString(), /import torch/);
  const gif = (await saved(page, 'The steps as an animation (GIF)')).bytes;
  assert.equal(gif.subarray(0, 6).toString(), 'GIF89a');
  // A graphic control block for each of the 16 steps.
  assert.equal(gif.toString('latin1').split('\x21\xf9\x04').length - 1, 16);
  await close();
});

test('the output of the convolution lab goes to the pooling lab', async () => {
  const { page, close } = await open('#/convolution?kernel=emboss&padding=1');
  const output = await api(page, 'tensor', 'output');
  await page.locator('[data-figure="main"] .figure-export').click();
  await page.getByRole('button', { name: 'Send to the pooling lab' }).click();
  await waitFor(page, () => window.receptive.lab() === 'pooling' && window.receptive.state().input === 'own');
  assert.deepEqual((await api(page, 'tensor', 'input')).data, output.data);
  assert.ok(output.data.some((v) => v < 0));
  await close();
});

test('the guided tour goes on when the learner has done the thing', async () => {
  const { page, close } = await open('#/convolution?stride=2');
  await page.getByRole('button', { name: 'Take the tour' }).click();
  const bar = page.locator('.lesson-bar');
  await bar.filter({ hasText: 'step 1 of' }).waitFor();
  await until(page, (s) => s.stride[0] === 1);
  assert.equal(await page.locator('.lesson-bar.done').count(), 0);
  const canvas = await page.locator('[data-figure="main"] canvas').boundingBox();
  await page.mouse.move(canvas.x + canvas.width - 60, canvas.y + canvas.height / 2);
  await page.locator('.lesson-bar.done').waitFor();
  await bar.getByRole('button', { name: 'Next step' }).click();
  await bar.filter({ hasText: 'step 2 of' }).waitFor();
  await bar.getByRole('button', { name: 'Show me' }).click();
  await page.locator('.lesson-bar.done').waitFor();
  for (let i = 2; i < 10 && await bar.getByRole('button', { name: /Next step|Skip/ }).count(); i++) {
    await bar.getByRole('button', { name: /Next step|Skip/ }).click();
  }
  await bar.filter({ hasText: 'That was the tour' }).waitFor();
  await bar.getByRole('button', { name: 'Close' }).click();
  await bar.waitFor({ state: 'detached' });
  await close();
});

test('every lab has a note for teachers in both languages', async () => {
  const { page, close } = await open();
  for (const lab of await api(page, 'labs')) {
    for (const lang of ['en', 'zh']) {
      await api(page, 'open', lab);
      await api(page, 'set', { lang });
      const href = await page.locator('.promise a').getAttribute('href');
      const note = await (await page.request.get(new URL(href, pageUrl).href)).text();
      assert.match(note, new RegExp(`href="\\.\\./#/${lab}`), href);
      assert.equal(/\p{Script=Han}/u.test(note), lang === 'zh', href);
    }
  }
  await close();
});

test('a lesson is made, kept, played, passed on as a link and as a file', async () => {
  const { page, close } = await open('#/convolution?stride=2', { context: { acceptDownloads: true, permissions: ['clipboard-read', 'clipboard-write'] } });
  await share(page);
  await page.locator('#share-line').fill('How wide is the output?');
  await page.getByRole('button', { name: 'Add to lesson' }).click();
  await page.locator('#lesson').waitFor();
  await page.locator('#lesson-name').fill('Two steps');
  await page.keyboard.press('Escape');
  await api(page, 'open', 'pooling', { kernel_size: 3 });
  await share(page);
  await page.getByRole('button', { name: 'Add to lesson' }).click();
  await page.locator('.lesson-step textarea').nth(1).fill('And here?');
  await page.getByRole('button', { name: 'Copy the lesson\'s link' }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const file = await saved(page, 'Save as a file');
  assert.match(file.bytes.toString(), /^receptive lesson\ntitle: Two steps\nlink: #\/convolution\?stride=2\nnote: How wide/);
  await page.getByRole('button', { name: 'Play the lesson' }).click();
  const bar = page.locator('.lesson-bar');
  await until(page, (s) => s.stride?.[0] === 2);
  assert.match(await bar.innerText(), /Two steps step 1 of 2\s+How wide/);
  await bar.getByRole('button', { name: 'Next step' }).click();
  await waitFor(page, () => window.receptive.lab() === 'pooling');
  assert.match(await bar.innerText(), /And here\?/);
  assert.ok(await bar.getByRole('button', { name: 'Next step' }).isDisabled());
  await bar.getByRole('button', { name: 'Step back' }).click();
  await waitFor(page, () => window.receptive.lab() === 'convolution');
  await bar.getByRole('button', { name: 'Next step' }).click();
  await waitFor(page, () => window.receptive.lab() === 'pooling');
  await page.reload();
  await bar.filter({ hasText: 'step 2 of 2' }).waitFor();
  assert.equal(await api(page, 'lab'), 'pooling');
  await bar.getByRole('button', { name: 'Leave' }).click();
  await page.reload();
  await ready(page);
  assert.equal(await bar.count(), 0, 'a lesson that was left stays left');
  await close();

  const other = await openPage(browser, link);
  await other.page.locator('.lesson-bar').filter({ hasText: 'Two steps' }).waitFor();
  assert.equal(await api(other.page, 'lab'), 'convolution');
  await other.page.getByRole('button', { name: 'Edit' }).click();
  const chooser = other.page.locator('#lesson input[type=file]');
  await chooser.setInputFiles({ name: 'x.txt', mimeType: 'text/plain', buffer: Buffer.from('shopping list') });
  await other.page.locator('.message').filter({ hasText: 'This is no lesson' }).waitFor();
  assert.equal(await other.page.locator('.lesson-step').count(), 2, 'what was there stays');
  await chooser.setInputFiles({ name: 'y.txt', mimeType: 'text/plain', buffer: Buffer.from(file.bytes.toString().replace('Two steps', 'From a file')) });
  await waitFor(other.page, () => document.querySelector('#lesson-name').value === 'From a file');
  await other.close();
});

test('a broken lesson is refused and the lab works', async () => {
  const { page, close } = await open('#/lesson?text=nonsense');
  await page.locator('.message').filter({ hasText: 'This is no lesson' }).waitFor();
  assert.equal(await api(page, 'lab'), 'convolution');
  await close();
});

test('presenting: the figure alone, a clicker\'s keys, a pen, and all of it goes again', async () => {
  const { page, close } = await open('#/convolution?stride=2');
  await page.locator('header').getByRole('button', { name: 'Present' }).click();
  await page.locator('.present-bar').waitFor();
  await waitFor(page, () => location.hash.includes('present=1'));
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'projector');
  for (const hidden of ['header', 'aside.insight', '.controls']) assert.ok(!await page.locator(hidden).isVisible(), hidden);
  const { width } = await page.locator('[data-figure="main"] canvas').boundingBox();
  assert.ok(width > 700, `${width}`);
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  await until(page, (s) => s.step === 2);
  await page.keyboard.press('PageUp');
  await until(page, (s) => s.step === 1);
  const inked = () => page.locator('canvas.ink').evaluate((c) => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v));
  await page.keyboard.press('p');
  await page.mouse.move(200, 200);
  await page.mouse.down();
  await page.mouse.move(400, 300, { steps: 5 });
  await page.mouse.up();
  assert.ok(await inked());
  await page.keyboard.press('e');
  await settled(page);
  assert.ok(!await inked());
  await page.keyboard.press('b');
  await page.locator('.black').waitFor();
  await page.keyboard.press('b');
  await page.keyboard.press('Escape');
  await page.locator('.present-bar').waitFor({ state: 'detached' });
  await waitFor(page, () => !location.hash.includes('present') && !location.hash.includes('theme'));
  assert.ok(await page.locator('header').isVisible());
  await close();
});

test('a link that presents does, and steps through a lesson with notes in a second window', async () => {
  const text = 'receptive lesson\ntitle: T\nlink: #/checkerboard\nnote: Look at the squares.\nlink: #/pooling?pool=avg\nnote: Now average.\n';
  const { page, context, close } = await open(`#/lesson?text=${Buffer.from(text).toString('base64url')}`);
  await page.locator('.lesson-bar').waitFor();
  await page.locator('header').getByRole('button', { name: 'Present' }).click();
  await page.locator('.present-bar').waitFor();
  const [notes] = await Promise.all([context.waitForEvent('page'), page.keyboard.press('n')]);
  await notes.locator('.now').filter({ hasText: 'Look at the squares.' }).waitFor();
  assert.equal(await notes.locator('.then').innerText(), 'Now average.');
  const { page: alone, close: done } = await open('#/convolution?present=1');
  await alone.locator('.present-bar').waitFor();
  await done();
  await close();
});

test('a page of paper for each figure, with settings, code and room to write', async () => {
  const { page, close } = await open('#/convolution?stride=2');
  await page.evaluate(() => {
    window.print = () => { window.papers = [...document.querySelectorAll('.paper')].map((p) => ({ text: p.innerText, images: p.querySelectorAll('img').length, lines: p.querySelectorAll('hr').length })); };
  });
  await page.locator('[data-figure="main"] .figure-export').click();
  await page.locator('#save').getByRole('button', { name: 'Print' }).click();
  const papers = await waitFor(page, () => window.papers);
  assert.equal(papers.length, await page.locator('.figure').count());
  assert.ok(papers.every((p) => p.images === 2 && p.lines === 5), JSON.stringify(papers));
  await waitFor(page, () => !document.querySelector('.papers'));
  await close();
});

test('dialogs, lesson and presenting: axe finds nothing and nothing is clipped, in any size and theme', async () => {
  const found = collect();
  for (const [at, theme] of ['light', 'dark', 'projector', 'contrast'].entries()) {
    for (const [width, height] of [[1440, 900], [1024, 768], [390, 844]]) {
      const { page, close } = await open('', { context: { viewport: { width, height } } });
      await api(page, 'set', { theme, lang: ['en', 'zh'][at % 2] });
      const look = async (where) => {
        await settled(page);
        found.add(`${where} ${width} ${theme}`, await overflows(page));
        if ((at + width) % 3 === 0) found.add(`${where} ${width} ${theme}`, await axeViolations(page));
      };
      await page.locator('header button.wide').last().click();
      await page.locator('#share').waitFor();
      await look('share');
      await page.locator('.sheet-foot button').first().click();
      await page.locator('#lesson').waitFor();
      await look('lesson');
      await page.keyboard.press('Escape');
      await page.locator('.figure-export').first().click();
      await page.locator('#save').waitFor();
      await look('save');
      await page.keyboard.press('Escape');
      await page.locator('header button.wide').nth(1).click();
      await page.locator('.present-bar').waitFor();
      await look('present');
      await close();
    }
  }
  found.none();
});
